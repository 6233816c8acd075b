"""Maps that are not computed until their place in memory is known.

In RTFS-Net all that happens with many channels happens at each point by itself. Such a chain of
steps is not worth a whole map in memory for each of them, which on a CPU takes longer to write and
to read than to compute: a `Deferred` computes the chain for a few frames at a time, in the
processor's cache, and writes the end of it alone.

Maps are `(batch, channels, time, frequency)`, channels last in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Deferred"]

# About two megabytes of 256 channels and 129 frequencies.
_FRAMES_AT_A_TIME = 16


@dataclass(frozen=True)
class Deferred:
    """A map whose every point is a function of the same point of other maps.

    Attributes:
        function: From maps to a map of as many frames.
        maps: All of the same number of frames.
    """

    function: Callable[..., Tensor]
    maps: tuple[Tensor, ...]

    def then(self, function: Callable[[Tensor, Tensor], Tensor], other: Tensor) -> Deferred:
        """Append a step, which takes this map and another one."""

        def chain(other: Tensor, *maps: Tensor) -> Tensor:
            return function(self.function(*maps), other)

        return Deferred(chain, (other, *self.maps))

    def into(self, target: Tensor) -> Tensor:
        """Compute the map into `target`, which may be one of the maps that it is computed from."""
        runs = (torch.split(each, _FRAMES_AT_A_TIME, dim=2) for each in (target, *self.maps))
        for place, *parts in zip(*runs, strict=True):
            place.copy_(self.function(*parts))
        return target
