"""From the faces found in single frames to people: who is the same person from frame to frame.

A face continues the track whose last face was nearest, if it lies within half a face width. A video
with cuts gives several tracks; the longest ones are taken to be the people, and are ordered from
left to right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.datasets.pictures.faces import FACE_SIZE, resize
from bench.errors import DataError

__all__ = ["FaceTrack", "cut_face", "link_faces"]

# A person is somebody who is seen for at least so much of the video.
_LEAST_SHARE = 0.2
# Side of the square around a face, in sides of the box around its points.
_MARGIN = 1.5

Points = NDArray[np.float64]


@dataclass(frozen=True)
class FaceTrack:
    """One person.

    Attributes:
        points: `(frames, points, 2)`, x and y in pixels, NaN where the face was not found.
        seen: In how many frames it was found.
    """

    points: Points
    seen: int

    @property
    def place(self) -> float:
        """Mean x, to order people from left to right."""
        return float(np.nanmean(self.points[..., 0]))


def link_faces(found: Points, people: int, source: str) -> tuple[FaceTrack, ...]:
    """Link faces to tracks and choose the people.

    Args:
        found: `(frames, faces, points, 2)` in any order inside a frame, NaN where there is none.
        people: How many are wanted.
        source: Names the video in messages.

    Returns:
        That many tracks, from left to right.

    Raises:
        DataError: Fewer people are in the video.
    """
    tracks: list[dict[int, Points]] = []
    for frame, faces in enumerate(found):
        _extend(tracks, frame, [face for face in faces if np.isfinite(face).all()])
    long_enough = [track for track in tracks if len(track) >= _LEAST_SHARE * len(found)]
    if len(long_enough) < people:
        raise DataError(
            f"{len(long_enough)} faces were found in {source}, but {people} are needed: each must"
            f" be seen in {_LEAST_SHARE:.0%} of the frames, unmasked and not too small."
        )
    chosen = sorted(long_enough, key=len, reverse=True)[:people]
    return tuple(sorted((_fill(track, found) for track in chosen), key=lambda track: track.place))


def cut_face(frame: NDArray[np.uint8], points: Points) -> NDArray[np.uint8]:
    """Cut the square around a face out of a frame, uint8 `(224, 224, 3)`; black beyond its edge."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(1, round(_MARGIN * float((high - low).max())))
    left, top = (round(float(place)) for place in (low + high) / 2 - side / 2)
    square = np.zeros((side, side, 3), np.uint8)
    height, width = frame.shape[:2]
    rows, columns = np.arange(top, top + side), np.arange(left, left + side)
    rows_in = (rows >= 0) & (rows < height)
    columns_in = (columns >= 0) & (columns < width)
    square[np.ix_(rows_in, columns_in)] = frame[np.ix_(rows[rows_in], columns[columns_in])]
    return np.asarray(resize(square[None], FACE_SIZE)[0])


def _extend(tracks: list[dict[int, Points]], frame: int, faces: list[Points]) -> None:
    """Give each face to the nearest track, nearest pairs first; the rest begin tracks."""
    pairs = [
        (distance, face, track)
        for face, points in enumerate(faces)
        for track, known in enumerate(tracks)
        if (distance := _distance(points, next(reversed(known.values())))) < 0.5
    ]
    taken_faces: set[int] = set()
    taken_tracks: set[int] = set()
    for _, face, track in sorted(pairs):
        if face not in taken_faces and track not in taken_tracks:
            tracks[track][frame] = faces[face]
            taken_faces.add(face)
            taken_tracks.add(track)
    tracks += [{frame: points} for face, points in enumerate(faces) if face not in taken_faces]


def _distance(first: Points, second: Points) -> float:
    """Distance of two faces in widths of the second."""
    width = max(float(np.ptp(second[:, 0])), 1.0)
    return float(np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))) / width


def _fill(track: dict[int, Points], found: Points) -> FaceTrack:
    points = np.full((len(found), *found.shape[2:]), np.nan)
    for frame, face in track.items():
        points[frame] = face
    return FaceTrack(points, len(track))
