"""The network: `build(settings)` returns a `Separator`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from bench.separators.base import Separator


class MySeparator(Separator):
    """A toy: a gain for each voice, computed from the mean picture of its mouth."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.network = nn.Sequential(
            nn.Linear(88 * 88, channels), nn.ReLU(), nn.Linear(channels, 1), nn.Sigmoid()
        )

    def _encode(self, mouths: Tensor, samples: int | None) -> Tensor:
        return mouths.mean(2).flatten(2)  # (batch, speaker, pixels)

    def _separate(self, mixture: Tensor, embeddings: Any, faces: Tensor | None) -> Tensor:
        gains: Tensor = self.network(embeddings)  # (batch, speaker, 1)
        return mixture[:, None] * gains


def build(settings: Mapping[str, Any]) -> Separator:
    """Make the separator with the settings of its card, or with what `--set` changed."""
    return MySeparator(int(settings["channels"]))
