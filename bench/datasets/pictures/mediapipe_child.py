"""The other end of `mediapipe_mouths.FaceFinder`: runs inside MediaPipe's own environment.

Needs nothing of this package. Output first: the version of MediaPipe, ASCII, padded with spaces to
16 bytes. Then, input: `count, height, width, faces` as four little-endian uint32,
then the frames, 8-bit red-green-blue. Output: float32 `(count, faces, 468, 2)`, x and y relative to
width and height, NaN where there is no face. Again and again, until the input ends.
"""

from __future__ import annotations

import importlib.metadata
import os
import struct
import sys

import numpy as np
from numpy.typing import NDArray

__all__ = ["main"]

_POINTS = 468


def main() -> None:
    """Answer until the input ends."""
    # Its libraries write notices to the standard output; only points may go there.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    answers.write(f"{importlib.metadata.version('mediapipe'):16}".encode())
    answers.flush()
    while len(head := sys.stdin.buffer.read(16)) == 16:
        count, height, width, faces = struct.unpack("<4I", head)
        answers.write(_find(count, height, width, faces).astype("<f4").tobytes())
        answers.flush()


def _find(count: int, height: int, width: int, faces: int) -> NDArray[np.float64]:
    from mediapipe.python.solutions import face_mesh

    found = np.full((count, faces, _POINTS, 2), np.nan)
    with face_mesh.FaceMesh(max_num_faces=faces) as mesh:
        for number in range(count):
            pixels = sys.stdin.buffer.read(height * width * 3)
            image = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
            detected = mesh.process(image).multi_face_landmarks or []
            for face, landmarks in enumerate(detected[:faces]):
                points = [(point.x, point.y) for point in landmarks.landmark[:_POINTS]]
                found[number, face] = points
    return found


if __name__ == "__main__":
    main()
