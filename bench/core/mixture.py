"""One two-speaker mixture: the item that a data set yields and a separator receives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mixture", "Video"]

Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Video:
    """What the camera saw of one speaker; every stream is read only when it is asked for.

    Attributes:
        utterance: Id of the utterance; streams of equal ids and lengths are the same frames.
        speaker: Id of the cluster for resampling: the speaker, or the video or talk where the
            set has no speaker labels.
        read_mouth: Returns grey mouth crops, uint8 `(frames, 96, 96)` at 25 fps.
        read_face: Returns one colour image of the face, uint8 `(224, 224, 3)`, or None if the set
            has none.
        read_face_track: Returns colour face frames, uint8 `(frames, 224, 224, 3)` at 25 fps, or
            None if the set has none.
    """

    utterance: str
    speaker: str
    read_mouth: Callable[[], Frames]
    read_face: Callable[[], Frames] | None = None
    read_face_track: Callable[[], Frames] | None = None


@dataclass(frozen=True)
class Mixture:
    """Two people talking at once, with what each of them said and looked like.

    Attributes:
        id: Name of the mixture inside its data set (its file name without the extension).
        mixture: float32 `(samples,)`, full scale 1.
        references: float32 `(2, samples)`, the two voices as they are inside the mixture.
        videos: What the camera saw, one per speaker, in the order of `references`.
        transcripts: What was said, one text per speaker; None where nobody knows.
        targets: Which of the two voices are scored, counted from 1.
        sample_rate: In hertz.
        conditions: Facts about the mixture that results can be broken down by. Keys that end in
            `_1` or `_2` belong to one target.
    """

    id: str
    mixture: NDArray[np.float32]
    references: NDArray[np.float32]
    videos: tuple[Video, Video]
    transcripts: tuple[str | None, str | None] = (None, None)
    targets: tuple[int, ...] = (1, 2)
    sample_rate: int = 16000
    conditions: Mapping[str, float | str] = field(default_factory=dict)

    @cached_property
    def mouths(self) -> tuple[Frames, Frames]:
        """Grey mouth crops of both speakers, uint8 `(frames, 96, 96)` each."""
        first, second = self.videos
        return first.read_mouth(), second.read_mouth()

    @cached_property
    def faces(self) -> tuple[Frames, Frames] | None:
        """One colour face of each speaker, uint8 `(224, 224, 3)`, or None if the set has none."""
        first, second = (video.read_face for video in self.videos)
        return None if first is None or second is None else (first(), second())

    @cached_property
    def face_tracks(self) -> tuple[Frames, Frames] | None:
        """Colour face frames, uint8 `(frames, 224, 224, 3)`, or None if the set has none."""
        first, second = (video.read_face_track for video in self.videos)
        return None if first is None or second is None else (first(), second())
