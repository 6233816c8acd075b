"""What systems share that hear a mixture once and then extract one voice after the other."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from bench.separators.base import Separator

__all__ = ["Extractor", "ExtractorNetwork"]


class ExtractorNetwork(Protocol):
    """What the network of an `Extractor` offers; what the mixture becomes is its own affair."""

    def analyse(self, mixture: Tensor) -> Any:
        """Compute what all speakers share, from one mixture `(samples,)`."""

    def extract(self, features: Any, embedding: Tensor, samples: int) -> Tensor:
        """Extract one voice `(samples,)`, given the embedding of its mouth."""


class Extractor(Separator):
    """A network that extracts one voice at a time, with its lip encoder.

    Args:
        network: An `ExtractorNetwork`.
        lip_encoder: Encodes clips, `(clips, frames, height, width)`.
        fewest_samples: The shortest mixture that the network takes.
    """

    def __init__(
        self, network: nn.Module, lip_encoder: nn.Module, *, fewest_samples: int = 1
    ) -> None:
        super().__init__()
        self.network: Any = network
        self.lip_encoder = lip_encoder
        self.fewest_samples = fewest_samples

    def _encode(self, mouths: Tensor, samples: int | None) -> Tensor:
        embeddings: Tensor = self.lip_encoder(mouths.flatten(0, 1))
        return embeddings.view(*mouths.shape[:2], *embeddings.shape[1:])

    def _separate(self, mixture: Tensor, embeddings: Any, faces: Tensor | None) -> Tensor:
        voices = []
        # One by one: both targets in one batch take longer on a CPU.
        for item, mouths in zip(mixture, embeddings, strict=True):
            features = self.network.analyse(item)
            voices += [self.network.extract(features, mouth, len(item)) for mouth in mouths]
        return torch.stack(voices).view(len(mixture), -1, mixture.shape[-1])
