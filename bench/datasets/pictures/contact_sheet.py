"""A picture for people to look at: did the faces and mouths come out right?"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from bench.datasets.pictures.faces import resize

__all__ = ["contact_sheet", "png_bytes"]

_GAP = 4
_SHOWN = 8
_BACKGROUND = 245

Image = NDArray[np.uint8]


def contact_sheet(people: list[tuple[Image, Image]], columns: int = _SHOWN) -> Image:
    """Lay out evenly spaced frames: per person a row of faces and, below it, a row of mouths.

    Args:
        people: Face track `(frames, 224, 224, 3)` and mouth crops `(frames, 96, 96)` of each.
        columns: How many frames are shown.

    Returns:
        uint8 `(height, width, 3)`.
    """
    rows = []
    for faces, mouths in people:
        chosen = np.linspace(0, len(mouths) - 1, columns).round().astype(int)
        small = resize(faces[chosen], 96)
        grey = np.repeat(mouths[chosen][..., None], 3, axis=-1)
        rows += [_row(list(small)), _row(list(grey))]
    width = rows[0].shape[1]
    gap = np.full((_GAP, width, 3), _BACKGROUND, np.uint8)
    stacked = [part for row in rows for part in (gap, row)]
    return np.concatenate([*stacked, gap])


def png_bytes(image: Image) -> bytes:
    """Write a PNG file, uint8 `(height, width, 3)`."""
    height, width = image.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(image))
    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _row(images: list[Image]) -> Image:
    gap = np.full((images[0].shape[0], _GAP, 3), _BACKGROUND, np.uint8)
    return np.concatenate([gap, *(part for image in images for part in (image, gap))], axis=1)


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
