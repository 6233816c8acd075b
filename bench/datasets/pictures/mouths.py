"""Where mouth crops come from: existing files first, else facial points, else nowhere.

A set takes all its crops from one source, so that no result mixes published crops with others:
files of crops (`.npz` with the key `data`, or VisualVoice's `.h5` with the data set `data`), or
files of 68 facial points from which crops are computed (see `alignment`). Files lie in one folder
by base name, or in folders as the videos do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.datasets.pictures.alignment import CROP_SIZE, crop_mouths, fill_gaps, split_68
from bench.datasets.pictures.faces import fill_frames
from bench.datasets.pictures.media import read_pictures
from bench.datasets.trees.clips import Clip, MouthSource
from bench.datasets.trees.search import find_starts
from bench.errors import DataError

__all__ = [
    "NOT_PUBLISHED",
    "CropFiles",
    "LandmarkFiles",
    "MouthSource",
    "NoMouths",
    "read_crops",
    "read_points",
]

NOT_PUBLISHED = "mouth crops are computed from {}: they are not the published crops"

Frames = NDArray[np.uint8]


class NoMouths:
    """There are no crops: systems that look at nothing can still be run."""

    origin = "none"
    marks: tuple[str, ...] = ()

    def read(self, clip: Clip, frames: int) -> Frames:
        """Raise: there is nothing to read."""
        raise DataError(
            f"there are no mouth crops for {clip.utterance}; give a folder of crops with --crops,"
            " 68-point files with --landmarks, or let them be computed with --mediapipe."
        )

    def missing(self, clips: Iterable[Clip]) -> list[str]:
        """Name them all."""
        return [clip.utterance for clip in clips]


class CropFiles:
    """Crops that somebody has made.

    Args:
        folder: Where they lie.
        tops: First parts of the native paths, to find crops that lie in folders.
        origin: One phrase.
        marks: What is known about how they were made, if they are not the published ones.
    """

    def __init__(
        self,
        folder: Path,
        tops: Collection[str] = (),
        *,
        origin: str = "files of crops",
        marks: tuple[str, ...] = (),
    ) -> None:
        self._files = _Files(folder, tops, (".npz", ".h5"))
        self.origin = origin
        self.marks = marks

    def read(self, clip: Clip, frames: int) -> Frames:
        """Read the first `frames` crops.

        Raises:
            DataError: The file is missing, damaged, of another shape, or has too few frames.
        """
        path = self._files.require(clip)
        return fill_frames(read_crops(path), frames, str(path))

    def missing(self, clips: Iterable[Clip]) -> list[str]:
        """Name the utterances that have no file."""
        return self._files.missing(clips)


class LandmarkFiles:
    """Crops computed from the videos by 68 points per frame that the user supplies.

    A file is `.npz` (key `data` or `landmarks`) or `.npy`: `(frames, 68, 2)`, x and y in pixels of
    the video, NaN where no face was found.
    """

    def __init__(self, folder: Path, tops: Collection[str] = ()) -> None:
        self._files = _Files(folder, tops, (".npz", ".npy"))
        self.origin = "68-point files"
        self.marks: tuple[str, ...] = (NOT_PUBLISHED.format("68-point files of the user"),)
        self.converted: dict[str, str] = {}

    def read(self, clip: Clip, frames: int) -> Frames:
        """Compute the first `frames` crops.

        Raises:
            DataError: Points or video are missing, damaged or too short, or there is no face.
        """
        path = self._files.require(clip)
        if clip.video is None:
            raise DataError(f"{clip.utterance} has points but no video; give the corpus's mp4.")
        points = read_points(path)
        # The smoothing looks ahead, so that crops do not depend on where a clip is cut.
        ahead = min(len(points), frames + 11)
        decoded = read_pictures(clip.video, ahead)
        if decoded.converted:
            self.converted[clip.utterance] = f"{decoded.source_rate:g} frames per second"
        pictures = decoded.frames
        count = min(len(pictures), ahead)
        anchors, mouth = split_68(fill_gaps(points[:count], str(path)))
        return fill_frames(crop_mouths(pictures[:count], anchors, mouth), frames, str(path))

    def missing(self, clips: Iterable[Clip]) -> list[str]:
        """Name the utterances that have no file."""
        return self._files.missing(clips)


def read_crops(path: Path) -> Frames:
    """Read a file of crops, uint8 `(frames, 96, 96)`.

    Raises:
        DataError: The file is damaged or holds something else.
    """
    try:
        crops = _read_h5(path) if path.suffix == ".h5" else _read_array(path, ("data",))
    except Exception as error:  # numpy and h5py raise a dozen kinds on damaged files
        raise DataError(
            f"{path} is no file of mouth crops ({error}); expected the key 'data', uint8 (frames,"
            f" {CROP_SIZE}, {CROP_SIZE}): get it again."
        ) from error
    if crops.dtype != np.uint8 or crops.ndim != 3 or crops.shape[1:] != (CROP_SIZE, CROP_SIZE):
        raise DataError(
            f"{path} holds {crops.dtype} of the shape {crops.shape}, but mouth crops are uint8"
            f" (frames, {CROP_SIZE}, {CROP_SIZE}); give grey crops of that size."
        )
    return np.asarray(crops, np.uint8)


def read_points(path: Path) -> NDArray[np.float64]:
    """Read a file of facial points, float64 `(frames, 68, 2)`.

    Raises:
        DataError: The file is damaged or holds something else.
    """
    try:
        points = _read_array(path, ("data", "landmarks"))
    except Exception as error:  # as above
        raise DataError(
            f"{path} is no file of facial points ({error}); expected an array (frames, 68, 2)."
        ) from error
    if points.ndim != 3 or points.shape[1:] != (68, 2) or points.dtype.kind not in "fiu":
        raise DataError(
            f"{path} holds {points.dtype} of the shape {points.shape}, but facial points are"
            " numbers (frames, 68, 2): x and y of 68 points per frame."
        )
    return np.asarray(points, np.float64)


class _Files:
    """Files by utterance, in one folder or in folders like the videos'."""

    def __init__(self, folder: Path, tops: Collection[str], suffixes: Sequence[str]) -> None:
        if not folder.is_dir():
            raise DataError(f"there is no folder {folder}; check the path.")
        self._folder = folder
        self._starts = list(find_starts(folder, tops)) if tops else []
        self._suffixes = suffixes

    def require(self, clip: Clip) -> Path:
        path = self._find(clip)
        if path is None:
            kinds = " or ".join(self._suffixes)
            raise DataError(f"{self._folder} has no {clip.utterance} ({kinds}); get that file.")
        return path

    def missing(self, clips: Iterable[Clip]) -> list[str]:
        return [clip.utterance for clip in clips if self._find(clip) is None]

    def _find(self, clip: Clip) -> Path | None:
        places = [self._folder / clip.utterance]
        places += [start.joinpath(*clip.parts) for start in self._starts]
        files = (place.with_name(place.name + end) for place in places for end in self._suffixes)
        return next((path for path in files if path.is_file()), None)


def _read_array(path: Path, keys: Sequence[str]) -> NDArray[np.generic]:
    with path.open("rb") as stream:
        loaded = np.load(stream, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        known = [key for key in keys if key in loaded.files]
        if not known:
            raise ValueError(f"it has {', '.join(loaded.files) or 'nothing'}, not '{keys[0]}'")
        return np.asarray(loaded[known[0]])


def _read_h5(path: Path) -> NDArray[np.generic]:
    import h5py

    with h5py.File(path, "r") as file:
        return np.asarray(file["data"])
