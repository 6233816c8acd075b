"""Colour faces from the face tracks that LRS2, LRS3 and VoxCeleb2 consist of.

Frames are resized to 224x224 (LRS2 has 160x160) by bilinear interpolation between pixel centres,
without smoothing, rounded half up; red, green, blue.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.datasets.pictures.media import read_pictures
from bench.errors import DataError

__all__ = ["FACE_SIZE", "fill_frames", "hold_last", "read_face", "read_face_track", "resize"]

FACE_SIZE = 224
# Cameras may stop a little before the microphone does.
_FRAMES_SHORT = 2

Frames = NDArray[np.uint8]


def read_face(path: Path, frames: int, needed: int | None = None) -> Frames:
    """Return the middle one of the first `frames` frames, uint8 `(224, 224, 3)`.

    Arguments and errors as in `read_face_track`; frames that are only held do not count.
    """
    shown = read_pictures(path, frames).frames
    fill_frames(shown, frames, str(path), needed)
    middle = len(shown) // 2
    return np.asarray(resize(shown[middle : middle + 1], FACE_SIZE)[0])


def read_face_track(path: Path, frames: int, needed: int | None = None) -> Frames:
    """Return the first `frames` frames, uint8 `(frames, 224, 224, 3)`.

    Args:
        path: The video.
        frames: How many are returned.
        needed: How many the video must have; the last one is held for the rest. None = all.

    Raises:
        DataError: The video cannot be decoded or is too short.
    """
    pictures = fill_frames(read_pictures(path, frames).frames, frames, str(path), needed)
    return resize(pictures, FACE_SIZE)


def fill_frames(frames: Frames, wanted: int, source: str, needed: int | None = None) -> Frames:
    """Cut to `wanted` frames; up to two that lack at the end repeat the last one.

    Args:
        frames: What there is.
        wanted: How many are returned.
        source: Names the file in messages.
        needed: How many there must be, if the last one may be held for the rest.

    Raises:
        DataError: More than two of the needed ones are missing.
    """
    needed = wanted if needed is None else min(needed, wanted)
    if len(frames) < max(1, needed - _FRAMES_SHORT):
        raise DataError(
            f"{source} has {len(frames)} frames where {needed} are needed; get the whole file."
        )
    return hold_last(frames[:wanted], wanted)


def hold_last(frames: Frames, wanted: int) -> Frames:
    """Repeat the last frame until there are `wanted`: how a voice looks while it is padded."""
    lacking = max(0, wanted - len(frames))
    return np.concatenate([frames, np.repeat(frames[-1:], lacking, axis=0)])


def resize(frames: Frames, size: int) -> Frames:
    """Resize to `size` x `size`, uint8 `(frames, size, size, channels)`."""
    if frames.shape[1:3] == (size, size):
        return frames
    (top, bottom, down), (left, right, across) = (_taps(n, size) for n in frames.shape[1:3])
    down, across = down[:, None, None], across[:, None]
    resized = np.empty((len(frames), size, size, frames.shape[3]), np.uint8)
    for place, frame in zip(resized, frames, strict=True):
        rows = frame[top] * (1 - down) + frame[bottom] * down
        place[:] = np.floor(rows[:, left] * (1 - across) + rows[:, right] * across + 0.5)
    return resized


def _taps(length: int, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Which two pixels each new one lies between, and how far it is from the first."""
    place = np.clip((np.arange(size) + 0.5) * length / size - 0.5, 0, length - 1)
    first = np.floor(place).astype(np.intp)
    return first, np.minimum(first + 1, length - 1), (place - first).astype(np.float32)
