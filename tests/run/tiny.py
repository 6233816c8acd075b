"""A data set small enough to score in a blink: noise that is amplitude-modulated like speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from bench.core.mixture import Mixture, Video

SAMPLES = 8000


def _voice(number: int) -> np.ndarray:
    generator = np.random.default_rng(number)
    envelope = 0.55 + 0.45 * np.sin(np.arange(SAMPLES) / (300 + 40 * number))
    return (0.1 * envelope * generator.standard_normal(SAMPLES)).astype(np.float32)


def _mouth(number: int) -> np.ndarray:
    generator = np.random.default_rng(1000 + number)
    return generator.integers(0, 256, (13, 96, 96), dtype=np.uint8)


def tiny_mixture(position: int) -> Mixture:
    pair = (position % 5, 5 + position % 3)
    references = np.stack([_voice(number) for number in pair])
    videos = tuple(
        Video(f"utterance{number}", f"speaker{number}", partial(_mouth, number)) for number in pair
    )
    return Mixture(
        id=f"m{position:03d}",
        mixture=references.sum(0),
        references=references,
        videos=videos,
        conditions={"pair": "AB", "input_snr_db_1": 1.5, "input_snr_db_2": -1.5},
    )


@dataclass(frozen=True)
class TinySet(Sequence[Mixture]):
    """`count` mixtures of eight voices."""

    count: int = 6
    id: str = "tiny"

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, position: int) -> Mixture:
        if not 0 <= position < self.count:
            raise IndexError(position)
        return tiny_mixture(position)


class Halves(torch.nn.Module):
    """A module of a user's: the same half of the mixture for every mouth."""

    def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
        return mixture[:, None].repeat(1, mouths.shape[1], 1) / 2
