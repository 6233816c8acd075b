"""What goes into a network: how long, how many voices, how large the pictures are."""

from __future__ import annotations

from dataclasses import dataclass

from bench.separators.card import Setting

__all__ = ["Clip", "Settings", "down", "scales"]

Settings = dict[str, Setting]


@dataclass(frozen=True)
class Clip:
    """The input of one pass for one target.

    Attributes:
        samples: Of the mixture, at 16 kHz.
        height: Of a frame of the mouth, in pixels.
        width: Likewise.
        speakers: Voices that a network for all voices at once separates.
    """

    samples: int
    height: int = 88
    width: int = 88
    speakers: int = 2

    @property
    def frames(self) -> int:
        """Video frames, 25 per second."""
        return self.samples * 25 // 16000


def down(length: int, times: int = 1) -> int:
    """Return a length after layers of stride 2 with padding: halved, rounded up."""
    for _ in range(times):
        length = (length + 1) // 2
    return length


def scales(length: int, number: int) -> list[int]:
    """Return a length and what becomes of it by halving, `number` in all."""
    return [down(length, i) for i in range(number)]
