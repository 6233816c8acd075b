"""What a user chooses about a copy of a data set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ListChoice", "MouthChoice"]


@dataclass(frozen=True)
class ListChoice:
    """Which mixture list is used; all defaults = the one that ships or lies in the copy.

    Attributes:
        file: The user's copy of the list.
        unofficial: Accept a list that is not the pinned one, and mark every result.
        download: Fetch the list from its authors where it is nowhere else.
    """

    file: Path | None = None
    unofficial: bool = False
    download: bool = False


@dataclass(frozen=True)
class MouthChoice:
    """Where mouth crops come from; all None = what lies in the copy.

    Attributes:
        crops: Folder of crops.
        landmarks: Folder of 68-point files.
        mediapipe: Python interpreter of an environment that has MediaPipe.
    """

    crops: Path | None = None
    landmarks: Path | None = None
    mediapipe: Path | None = None
