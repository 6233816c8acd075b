"""Mouth crops computed from the videos with MediaPipe, which runs as a process of its own.

MediaPipe 0.10.21 needs an older numpy than the rest, so it lives in an environment of its own:

    python3.11 -m venv .venv-mediapipe
    .venv-mediapipe/bin/pip install --constraint constraints-mediapipe.txt mediapipe==0.10.21

and `--mediapipe .venv-mediapipe/bin/python`, or AVSS_BENCH_MEDIAPIPE in the environment, names its
interpreter. Frames go to that process over a
pipe and points come back (see `mediapipe_child`); crops are then made as the published ones were,
and kept in the cache by the content of the video. They are not the published crops, and every
result on them says so.
"""

from __future__ import annotations

import io
import struct
import subprocess
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from bench.core.cache import keep, recall
from bench.core.hashing import hash_file, hash_settings
from bench.datasets.alignment import crop_mouths, fill_gaps
from bench.datasets.clips import Clip
from bench.datasets.faces import fill_frames
from bench.datasets.media import read_pictures
from bench.datasets.mouths import NOT_PUBLISHED
from bench.errors import DataError, UsageError

__all__ = ["POINTS", "FaceFinder", "MediapipeMouths", "split_468"]

POINTS = 468
_VERSION = 1  # of everything between a video and its crops; part of the cache's key
# Points that correspond to the five anchors and to the lips of the 68-point scheme.
_ANCHORS = (2, 33, 133, 362, 263)
_LIPS = (61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91, 78, 81, 13, 311, 308, 402, 14, 178)

Frames = NDArray[np.uint8]
Points = NDArray[np.float64]


def split_468(points: Points) -> tuple[Points, Points]:
    """Take the five anchors and the 20 mouth points out of `(frames, 468, 2)`."""
    return points[:, _ANCHORS], points[:, _LIPS]


class FaceFinder:
    """A running MediaPipe process.

    Args:
        python: Interpreter of its environment.

    Raises:
        UsageError: It cannot be started, or has no MediaPipe.
    """

    def __init__(self, python: Path) -> None:
        child = Path(__file__).with_name("mediapipe_child.py")
        try:
            self._process = subprocess.Popen(
                [python, "-I", str(child)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise UsageError(
                f"{python} given with --mediapipe cannot be started ({error.strerror}); make that"
                " environment as `avss-bench prepare --help` says."
            ) from error
        self._python = python
        weakref.finalize(self, _end, self._process)

    def find(self, frames: Frames, faces: int = 1) -> Points:
        """Find the points of up to `faces` faces.

        Args:
            frames: uint8 `(frames, height, width, 3)`: red, green, blue.
            faces: How many to look for.

        Returns:
            float64 `(frames, faces, 468, 2)`, x and y in pixels, NaN where there is none; faces
            stand in no particular order.

        Raises:
            UsageError: The process has ended: its environment has no MediaPipe.
        """
        count, height, width, _ = frames.shape
        try:
            to_child, from_child = self._pipes()
            to_child.write(struct.pack("<4I", count, height, width, faces))
            for frame in frames:
                to_child.write(np.ascontiguousarray(frame).tobytes())
            to_child.flush()
            size = count * faces * POINTS * 2 * 4
            answer = from_child.read(size)
        except BrokenPipeError:
            answer = b""
            size = 1
        if len(answer) != size:
            raise UsageError(
                f"{self._python} given with --mediapipe stopped: it needs MediaPipe 0.10.21; make"
                " that environment as `avss-bench prepare --help` says."
            )
        points = np.frombuffer(answer, "<f4").reshape(count, faces, POINTS, 2)
        return points.astype(np.float64) * (width, height)

    def close(self) -> None:
        """End the process."""
        _end(self._process)

    def __enter__(self) -> FaceFinder:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        to_child, from_child = self._process.stdin, self._process.stdout
        assert to_child is not None
        assert from_child is not None
        return to_child, from_child


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


class MediapipeMouths:
    """Crops computed when they are asked for (a `MouthSource`)."""

    origin = "MediaPipe"

    def __init__(self, python: Path) -> None:
        self._python = python
        self._finder: FaceFinder | None = None
        self.marks: tuple[str, ...] = (NOT_PUBLISHED.format("MediaPipe 0.10.21 points"),)
        self.converted: dict[str, str] = {}

    def read(self, clip: Clip, frames: int) -> Frames:
        """Compute the first `frames` crops, or recall them.

        Raises:
            DataError: There is no video, it is too short, or no face is in it.
        """
        if clip.video is None:
            raise DataError(f"{clip.utterance} has no video to find its mouth in; give the mp4.")
        key = hash_settings([_VERSION, hash_file(clip.video), frames])
        if kept := recall("mouths", key):
            return np.asarray(np.load(io.BytesIO(kept)), np.uint8)
        crops = self._compute(clip, clip.video, frames)
        buffer = io.BytesIO()
        np.save(buffer, crops)
        keep("mouths", key, buffer.getvalue())
        return crops

    def missing(self, clips: Iterable[Clip]) -> list[str]:
        """Name the utterances that have no video."""
        return [clip.utterance for clip in clips if clip.video is None]

    def _compute(self, clip: Clip, video: Path, frames: int) -> Frames:
        if self._finder is None:
            self._finder = FaceFinder(self._python)
        # The smoothing looks ahead, so that crops do not depend on where a clip is cut.
        decoded = read_pictures(video, frames + 11)
        if decoded.converted:
            self.converted[clip.utterance] = f"{decoded.source_rate:g} frames per second"
        pictures = decoded.frames
        points = fill_gaps(self._finder.find(pictures)[:, 0], str(video))
        return fill_frames(crop_mouths(pictures, *split_468(points)), frames, str(video))
