"""From the options of a verb to an opened data set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.datasets import Dataset

__all__ = ["DataOptions", "open_data"]


@dataclass(frozen=True)
class DataOptions:
    """What the options of a verb say about the data.

    Attributes:
        root: The user's copy of the corpus.
        list: The user's copy of the mixture list.
        unofficial: Accept another list than the pinned one.
        download: Fetch the list where it is nowhere else.
        crops: Folder of mouth crops.
        landmarks: Folder of 68-point files.
        mediapipe: Interpreter of an environment with MediaPipe.
    """

    root: Path | None = None
    list: Path | None = None
    unofficial: bool = False
    download: bool = False
    crops: Path | None = None
    landmarks: Path | None = None
    mediapipe: Path | None = None


def open_data(id: str, options: DataOptions) -> Dataset:
    """Open a data set as the options say; errors as in `bench.load_dataset`."""
    from bench.datasets import load_dataset
    from bench.datasets.choices import ListChoice, MouthChoice

    return load_dataset(
        id,
        options.root,
        mixture_list=ListChoice(options.list, options.unofficial, options.download),
        mouths=MouthChoice(options.crops, options.landmarks, options.mediapipe),
    )
