"""A data set of your own: `open_corpus` reads the voices and videos that its list names.

The card and the list lie in the folder `my-set`, called like the entry point.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.core.mixture import Video


class Hums:
    """Hums of one pitch each, and mouths that open and close with them."""

    def read_voice(self, path: str, samples: int | None = None) -> NDArray[np.int16]:
        """Return an utterance, int16 `(samples,)` at 16 kHz; more than is asked for will do."""
        time_s = np.arange(40000) / 16000
        hum = np.sin(2 * np.pi * _pitch_hz(path) * time_s) * (1 + np.sin(2 * np.pi * 3 * time_s))
        return (8000 * hum).astype(np.int16)

    def video(self, path: str, samples: int) -> Video:
        """Return the video that goes with the first samples."""
        name = PurePosixPath(path).stem
        return Video(name, speaker=name, read_mouth=partial(_mouth, path, -(-samples // 640)))

    def transcript(self, path: str, samples: int) -> str | None:
        """Return the words, which nobody knows here."""
        return None

    def conditions(self, paths: tuple[str, str]) -> Mapping[str, str]:
        """Return facts about a pair that results can be broken down by."""
        return {"interval": "wide" if _pitch_hz(paths[1]) > 2 * _pitch_hz(paths[0]) else "narrow"}


def _pitch_hz(path: str) -> float:
    return float(PurePosixPath(path).stem.removeprefix("hum"))


def _mouth(path: str, frames: int) -> NDArray[np.uint8]:
    opening = 30 + 20 * np.sin(2 * np.pi * 3 * np.arange(frames) / 25 + _pitch_hz(path))
    rows = np.abs(np.arange(96) - 48)
    return (
        np.where(rows[None, :, None] < opening[:, None, None], 40, 180)
        .repeat(96, 2)
        .astype(np.uint8)
    )


def open_corpus(folder: Path, card: Any, mixtures: Any, mouths: Any) -> Hums:
    """Open the corpus; `folder` is the material that the card or `--root` names."""
    return Hums()
