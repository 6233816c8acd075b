"""Inputs to measure a separator with: noise of the right shapes, in place before a clock starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bench.errors import UsageError
from bench.separators.base import Separator
from bench.separators.own import own_mouths, takes_mouths

__all__ = ["Inputs", "caller", "frames_of", "make_inputs"]

_SAMPLE_RATE, _FRAME_RATE = 16000, 25
_LONGEST_S = 600.0


@dataclass(frozen=True)
class Inputs:
    """What a separator is called with.

    Attributes:
        mixture: `(1, samples)`.
        mouths: `(1, speakers, frames, height, width)`, normalised.
        faces: `(1, speakers, 3, 224, 224)`, where the system needs them.
    """

    mixture: Tensor
    mouths: Tensor
    faces: Tensor | None


def frames_of(seconds: float) -> int:
    """Return how many video frames a mixture comes with."""
    return round(seconds * _FRAME_RATE)


def make_inputs(
    separator: nn.Module, seconds: float, *, speakers: int = 2, device: str = "cpu"
) -> Inputs:
    """Make inputs of a length.

    Args:
        separator: Whose shapes they must have; a module of the user's gets the two mouths that a
            run gives it.
        seconds: Of the mixture, up to 10 minutes.
        speakers: Mouths.
        device: Where they lie.

    Raises:
        UsageError: A length that is not a number of seconds.
    """
    if not 0 < seconds <= _LONGEST_S:
        raise UsageError(
            f"--seconds {seconds:g} was given; a length over 0 and up to {_LONGEST_S:g} s is "
            "expected."
        )
    generator = torch.Generator().manual_seed(0)
    height, width, face = 88, 88, None
    if isinstance(separator, Separator):
        if separator.mouth_input is not None:
            height, width = separator.mouth_input.shape
        face = separator.face_input

    def noise(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).to(device)

    mixture = 0.1 * noise(1, max(1, round(seconds * _SAMPLE_RATE)))
    frames = max(1, frames_of(seconds))
    if isinstance(separator, Separator):
        mouths = noise(1, speakers, frames, height, width)
    else:
        crops = np.random.default_rng(0).integers(256, size=(2, frames, 96, 96), dtype=np.uint8)
        mouths = own_mouths(separator, crops)[None].to(device)
    faces = None if face is None else noise(1, speakers, 3, face.size, face.size)
    return Inputs(mixture, mouths, faces)


def caller(separator: nn.Module, inputs: Inputs, embeddings: Any = None) -> Callable[[], Any]:
    """Return what runs a separator once, given mouths or what became of them."""
    if not isinstance(separator, Separator) and not takes_mouths(separator):
        return lambda: separator(inputs.mixture)
    named: dict[str, Any] = {} if inputs.faces is None else {"faces": inputs.faces}
    if embeddings is not None:
        named["embeddings"] = embeddings
        return lambda: separator(inputs.mixture, **named)
    return lambda: separator(inputs.mixture, mouths=inputs.mouths, **named)
