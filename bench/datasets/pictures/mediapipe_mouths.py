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

import numpy as np
from numpy.typing import NDArray

from bench.core.cache import keep, recall
from bench.core.hashing import hash_file, hash_settings
from bench.datasets.pictures.alignment import crop_mouths, fill_gaps
from bench.datasets.pictures.faces import fill_frames
from bench.datasets.pictures.media import read_pictures
from bench.datasets.pictures.mouths import NOT_PUBLISHED
from bench.datasets.trees.clips import Clip
from bench.errors import DataError, UsageError

__all__ = ["MARK", "MEDIAPIPE_VERSION", "POINTS", "FaceFinder", "MediapipeMouths", "split_468"]

MEDIAPIPE_VERSION = "0.10.21"
# What every result on these crops must say.
MARK = NOT_PUBLISHED.format(f"MediaPipe {MEDIAPIPE_VERSION} points")
POINTS = 468
_VERSION_BYTES = 16
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
    """A MediaPipe process, started again by the next call after it has ended.

    Args:
        python: Interpreter of its environment.

    Raises:
        UsageError: It cannot be started.
    """

    def __init__(self, python: Path) -> None:
        self._python = python
        self._child: _Child | None = _Child(python)

    def find(self, frames: Frames, faces: int = 1) -> Points:
        """Find the points of up to `faces` faces.

        Args:
            frames: uint8 `(frames, height, width, 3)`: red, green, blue.
            faces: How many to look for.

        Returns:
            float64 `(frames, faces, 468, 2)`, x and y in pixels, NaN where there is none; faces
            stand in no particular order.

        Raises:
            UsageError: The process has ended, or its environment has no MediaPipe or another
                version.
        """
        _, height, width, _ = frames.shape
        if self._child is None:
            self._child = _Child(self._python)
        try:
            points = self._child.find(frames, faces)
        except BaseException:
            # Whatever is still in the pipe would be taken for the points of the next call.
            self.close()
            raise
        return points.astype(np.float64) * (width, height)

    def close(self) -> None:
        """End the process, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def __enter__(self) -> FaceFinder:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _Child:
    """One process, from its start to its end."""

    def __init__(self, python: Path) -> None:
        script = Path(__file__).with_name("mediapipe_child.py")
        try:
            process = subprocess.Popen(
                [python, "-I", str(script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise UsageError(
                f"{python} given with --mediapipe cannot be started ({error.strerror}); make that"
                " environment as `avss-bench prepare --help` says."
            ) from error
        assert process.stdin is not None and process.stdout is not None
        self._python = python
        self._stdin, self._stdout = process.stdin, process.stdout
        self._version_known = False
        self.end = weakref.finalize(self, _end, process)

    def find(self, frames: Frames, faces: int) -> NDArray[np.float32]:
        """Return float32 `(frames, faces, 468, 2)`, relative to width and height."""
        count, height, width, _ = frames.shape
        if not self._version_known:
            self._check_version()
        try:
            self._stdin.write(struct.pack("<4I", count, height, width, faces))
            for frame in frames:
                self._stdin.write(np.ascontiguousarray(frame).tobytes())
            self._stdin.flush()
        except BrokenPipeError:
            raise self._refusal("stopped") from None
        points = np.frombuffer(self._read(count * faces * POINTS * 2 * 4), "<f4")
        return points.reshape(count, faces, POINTS, 2)

    def _check_version(self) -> None:
        """Crops are kept and compared across machines: they must come from one version."""
        version = self._read(_VERSION_BYTES).decode(errors="replace").strip()
        if version != MEDIAPIPE_VERSION:
            raise self._refusal(f"has MediaPipe {version}")
        self._version_known = True

    def _read(self, size: int) -> bytes:
        answer = self._stdout.read(size)
        if len(answer) != size:
            raise self._refusal("stopped")
        return answer

    def _refusal(self, what: str) -> UsageError:
        return UsageError(
            f"{self._python} given with --mediapipe {what}: it needs MediaPipe"
            f" {MEDIAPIPE_VERSION}; make that environment as `avss-bench prepare --help` says."
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


class MediapipeMouths:
    """Crops computed when they are asked for (a `MouthSource`)."""

    origin = "MediaPipe"

    def __init__(self, python: Path) -> None:
        self._python = python
        self._finder: FaceFinder | None = None
        self.marks: tuple[str, ...] = (MARK,)
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
