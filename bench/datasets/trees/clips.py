"""The files of one utterance of a corpus, and who makes mouth crops of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["SAMPLES_PER_FRAME", "Clip", "MouthSource", "frames_of"]

Frames = NDArray[np.uint8]

# 16 kHz sound under 25 pictures per second: picture k goes with samples 640 k .. 640 k + 639.
SAMPLES_PER_FRAME = 640


@dataclass(frozen=True)
class Clip:
    """Where the parts of one utterance lie.

    Attributes:
        utterance: Base name in lists.
        parts: The same as the parts of its native path.
        sounds: Files with its sound, the one to be used first.
        video: Its video.
        text: Its transcript.
    """

    utterance: str
    parts: tuple[str, ...]
    sounds: tuple[Path, ...] = ()
    video: Path | None = None
    text: Path | None = None


class MouthSource(Protocol):
    """Something that gives mouth crops of utterances.

    Attributes:
        origin: One phrase.
        marks: What every result must say about them.
    """

    origin: str
    marks: tuple[str, ...]

    def read(self, clip: Clip, frames: int) -> Frames:
        """Return the first `frames` crops, uint8 `(frames, 96, 96)`."""
        ...

    def missing(self, clips: Iterable[Clip]) -> list[str]:
        """Name the utterances that have none; reads no file."""
        ...


def frames_of(samples: int) -> int:
    """Return how many pictures go with so many samples."""
    return -(-samples // SAMPLES_PER_FRAME)
