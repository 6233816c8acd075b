"""From facial points to mouth crops, as the published crops of the field were made.

Every frame is turned, scaled and moved so that five points of the face (nose base, eye corners,
averaged over this frame and the next eleven) lie as in a reference face on a 256x256 canvas; 96x96
pixels around the mean of the frame's own mouth points are cut out and turned to grey.

Source: the inference code published with CTCNet (cropping by 68 points), as specified for this
project. The reference face is known to a tenth of a pixel here.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bench.errors import DataError

__all__ = ["CROP_SIZE", "crop_mouth", "crop_mouths", "fill_gaps", "split_68"]

CROP_SIZE = 96
_CANVAS = 256
_WINDOW = 12
# Where the points 33, 36, 39, 42, 45 of the reference face lie: x, y.
_REFERENCE = np.array([[128.9, 137.3], [92.5, 94.4], [112.8, 94.9], [145.5, 94.5], [166.7, 93.6]])
_ANCHORS_68 = (33, 36, 39, 42, 45)
_MOUTH_68 = slice(48, 68)

Points = NDArray[np.float64]
Frames = NDArray[np.uint8]


def split_68(points: Points) -> tuple[Points, Points]:
    """Take the five anchors and the 20 mouth points out of `(frames, 68, 2)`."""
    return points[:, _ANCHORS_68], points[:, _MOUTH_68]


def fill_gaps(points: NDArray[np.floating], source: str) -> Points:
    """Interpolate frames without a face between their neighbours; the ends repeat.

    Args:
        points: `(frames, points, 2)`, NaN in frames where no face was found.
        source: Names the clip in messages.

    Raises:
        DataError: No frame has a face.
    """
    filled = np.array(points, np.float64)
    seen = np.flatnonzero(np.isfinite(filled).all(axis=(1, 2)))
    if not len(seen):
        raise DataError(f"no face was found in any frame of {source}; leave this clip out.")
    flat = filled.reshape(len(filled), -1)
    now = np.arange(len(flat))
    for column in range(flat.shape[1]):
        flat[:, column] = np.interp(now, seen, flat[seen, column])
    return filled


def crop_mouths(frames: Iterable[Frames], anchors: Points, mouth: Points) -> Frames:
    """Cut out the mouths.

    Args:
        frames: uint8 `(height, width, 3)` each: red, green, blue; as many as there are points.
        anchors: `(frames, 5, 2)`, x and y of the five anchors in pixels of the frames.
        mouth: `(frames, points, 2)`, the mouth points likewise.

    Returns:
        uint8 `(frames, 96, 96)`, grey.
    """
    crops = np.empty((len(mouth), CROP_SIZE, CROP_SIZE), np.uint8)
    for number, frame in enumerate(frames):
        crops[number] = crop_mouth(frame, number, anchors, mouth)
    return crops


def crop_mouth(frame: Frames, number: int, anchors: Points, mouth: Points) -> Frames:
    """Cut out the mouth of frame `number`, uint8 `(96, 96)`; the rest as in `crop_mouths`."""
    first = max(0, min(number, len(anchors) - _WINDOW))
    scale, shift = _similarity(anchors[first : first + _WINDOW].mean(axis=0))
    centre = scale * _complex(mouth[number]).mean() + shift
    return _cut(frame, scale, shift, centre)


def _complex(points: Points) -> NDArray[np.complex128]:
    return np.asarray(points[:, 0] + 1j * points[:, 1])


def _similarity(anchors: Points) -> tuple[complex, complex]:
    """Fit `scale * z + shift` from frame to canvas; a complex factor turns and scales at once."""
    source, wanted = _complex(anchors), _complex(_REFERENCE)
    spread = source - source.mean()
    scale = complex(np.vdot(spread, wanted - wanted.mean()) / np.vdot(spread, spread).real)
    return scale, complex(wanted.mean() - scale * source.mean())


def _cut(frame: Frames, scale: complex, shift: complex, centre: complex) -> Frames:
    half = CROP_SIZE // 2
    inside = (half, _CANVAS - half)
    left, top = (
        int(np.clip(np.rint(place), *inside)) - half for place in (centre.real, centre.imag)
    )
    across = np.arange(left, left + CROP_SIZE)[None]
    down = np.arange(top, top + CROP_SIZE)[:, None]
    place = (across + 1j * down - shift) / scale
    return _grey(_sample(frame, place.real, place.imag))


def _sample(frame: Frames, x: Points, y: Points) -> Frames:
    """Interpolate between four pixels, truncated to whole values; black outside the frame."""
    height, width = frame.shape[:2]
    left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    right_share, low_share = (x - left)[..., None], (y - top)[..., None]
    total = np.zeros((*x.shape, 3))
    for row, vertical in ((top, 1 - low_share), (top + 1, low_share)):
        for column, horizontal in ((left, 1 - right_share), (left + 1, right_share)):
            known = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            pixels = frame[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
            total += vertical * horizontal * pixels * known[..., None]
    return (total + 1e-9).astype(np.uint8)


def _grey(image: Frames) -> Frames:
    weighted = image.astype(np.uint32) @ np.array([299, 587, 114], np.uint32)
    return np.asarray((weighted + 500) // 1000, np.uint8)
