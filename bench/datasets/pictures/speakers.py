"""The people in any video: their mouths, their faces, and what the microphone heard.

The video is decoded twice, a few frames at a time: once to find the faces, once to cut them out. If
too few people are found in whole frames, overlapping squares of them are searched as well, which
finds faces that are small in a wide picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bench.datasets.pictures.alignment import crop_mouth, fill_gaps
from bench.datasets.pictures.face_tracks import FaceTrack, cut_face, link_faces
from bench.datasets.pictures.faces import FACE_SIZE
from bench.datasets.pictures.media import count_pictures, read_sound, stream_pictures
from bench.datasets.pictures.mediapipe_mouths import POINTS, split_468
from bench.errors import DataError

__all__ = ["Finder", "Recording", "Speaker", "read_recording"]

# Frames that are searched at once; about 200 MB.
_BATCH_BYTES = 200_000_000

Frames = NDArray[np.uint8]
Points = NDArray[np.float64]


class Finder(Protocol):
    """Something that finds facial points; see `FaceFinder`."""

    def find(self, frames: Frames, faces: int = 1) -> Points:
        """Return `(frames, faces, 468, 2)`, NaN where there is none."""
        ...


@dataclass(frozen=True)
class Speaker:
    """One person in a video.

    Attributes:
        mouths: uint8 `(frames, 96, 96)`, grey, 25 fps.
        faces: uint8 `(frames, 224, 224, 3)`.
        seen: In how many frames the face was found; it is interpolated in the others.
    """

    mouths: Frames
    faces: Frames
    seen: int


@dataclass(frozen=True)
class Recording:
    """A video of several people.

    Attributes:
        samples: int16 `(samples,)`, 16 kHz: what the microphone heard.
        speakers: From left to right.
    """

    samples: NDArray[np.int16]
    speakers: tuple[Speaker, ...]


def read_recording(
    path: Path, finder: Finder, people: int = 2, progress: Callable[[int, int], None] | None = None
) -> Recording:
    """Find the people in a video and cut out their mouths and faces.

    Args:
        path: The video.
        finder: Finds faces.
        people: How many are wanted.
        progress: Called with (frames searched, frames in all, roughly).

    Raises:
        DataError: The video cannot be decoded, has no sound, or fewer people are in it.
    """
    sound = read_sound(path)
    found = _search(path, finder, people, progress)
    tracks = link_faces(found, people, str(path))
    points = [fill_gaps(track.points, str(path)) for track in tracks]
    mouths = np.empty((people, len(found), 96, 96), np.uint8)
    faces = np.empty((people, len(found), FACE_SIZE, FACE_SIZE, 3), np.uint8)
    for number, frame in enumerate(stream_pictures(path)):
        for person, own in enumerate(points):
            mouths[person, number] = crop_mouth(frame, number, *split_468(own))
            faces[person, number] = cut_face(frame, own[number])
    return Recording(sound.samples, tuple(map(_speaker, mouths, faces, tracks)))


def _speaker(mouths: Frames, faces: Frames, track: FaceTrack) -> Speaker:
    return Speaker(mouths, faces, track.seen)


def _search(
    path: Path, finder: Finder, people: int, progress: Callable[[int, int], None] | None
) -> Points:
    """Search whole frames; where too few people are in them, squares of them too."""
    found: list[Points] = []
    searched, total = 0, count_pictures(path)
    for frames in _batches(stream_pictures(path)):
        faces = finder.find(frames, people)
        if not _complete(faces):
            faces = np.concatenate([faces, *_in_squares(frames, finder, people)], axis=1)
            faces = _without_twins(faces)
        found.append(faces)
        searched += len(frames)
        if progress:
            progress(searched, max(searched, total))
    if not found:
        raise DataError(f"the video of {path} has no pictures; copy the file again.")
    most = max(part.shape[1] for part in found)
    return np.concatenate([_widened(part, most) for part in found])


def _complete(faces: Points) -> bool:
    """Whether most frames show everybody."""
    return bool(np.isfinite(faces[..., 0, 0]).all(axis=1).mean() > 0.5)


def _in_squares(frames: Frames, finder: Finder, people: int) -> Iterator[Points]:
    height, width = frames.shape[1:3]
    side = min(height, width)
    for part in range(3):
        left, top = (width - side) * part // 2, (height - side) * part // 2
        square = np.ascontiguousarray(frames[:, top : top + side, left : left + side])
        yield finder.find(square, people) + np.array([left, top])


def _without_twins(faces: Points) -> Points:
    """Blank faces that lie on another one of the same frame."""
    kept = faces.copy()
    centres = kept.mean(axis=2)  # (frame, face, 2)
    widths = np.ptp(kept[..., 0], axis=2)
    for later in range(1, faces.shape[1]):
        for earlier in range(later):
            apart = np.linalg.norm(centres[:, later] - centres[:, earlier], axis=1)
            twin = np.isfinite(kept[:, earlier, 0, 0]) & (apart < 0.5 * widths[:, earlier])
            kept[twin, later] = np.nan
    return kept


def _widened(faces: Points, most: int) -> Points:
    missing = most - faces.shape[1]
    blank = np.full((len(faces), missing, POINTS, 2), np.nan)
    return np.concatenate([faces, blank], axis=1) if missing else faces


def _batches(frames: Iterable[Frames]) -> Iterator[Frames]:
    remaining = iter(frames)
    while (first := next(remaining, None)) is not None:
        count = max(1, _BATCH_BYTES // first.nbytes)
        yield np.stack([first, *islice(remaining, count - 1)])
