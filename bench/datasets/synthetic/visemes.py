"""From phoneme times to the movement of a mouth.

Every character of an eSpeak NG phoneme name that stands for a sound has a target pose and a
dominance: how much it insists on its pose against its neighbours (closed lips of `m` insist, the
jaw of `h` does not). Targets are laid on a millisecond grid, weighted by dominance and smoothed by
two box filters, so that poses blend into each other before and after their time.

All sums are integers and the one division is IEEE double: the same movement on every machine.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.datasets.synthetic.utterances import Phoneme

__all__ = ["FRAME_MS", "Pose", "mouth_poses", "sounds"]

FRAME_MS = 40
_BOXES_MS = (51, 71)


class Pose(NamedTuple):
    """Position of the mouth; every field is 0..1 unless stated.

    Attributes:
        jaw: How far the jaw is down.
        spread: Corners drawn apart (1) or at rest (0.5).
        rounding: Lips pushed forward and together.
        press: Lips pressed on each other.
        tuck: Lower lip under the upper teeth.
        tongue: Tip of the tongue raised to the teeth.
    """

    jaw: float
    spread: float
    rounding: float
    press: float
    tuck: float
    tongue: float


# Sound: percent of jaw, spread, rounding, press, tuck, tongue; then dominance.
_REST = (0, 50, 0, 20, 0, 0, 3)
_TARGETS: dict[str, tuple[int, ...]] = {
    "_": _REST,
    "?": (20, 50, 0, 0, 0, 0, 1),
    # lips
    "p": (0, 50, 5, 100, 0, 0, 16),
    "b": (0, 50, 5, 100, 0, 0, 16),
    "m": (0, 50, 5, 90, 0, 0, 16),
    "f": (14, 55, 0, 0, 100, 0, 12),
    "v": (14, 55, 0, 0, 100, 0, 12),
    "w": (8, 30, 100, 0, 0, 0, 10),
    # tip of the tongue
    "T": (22, 55, 0, 0, 0, 100, 8),
    "D": (22, 55, 0, 0, 0, 100, 8),
    "t": (18, 58, 0, 0, 0, 60, 4),
    "d": (18, 58, 0, 0, 0, 60, 4),
    "n": (20, 55, 0, 0, 0, 65, 4),
    "l": (28, 55, 0, 0, 0, 80, 4),
    "L": (28, 50, 10, 0, 0, 70, 4),
    "s": (9, 72, 0, 0, 0, 25, 6),
    "z": (9, 72, 0, 0, 0, 25, 6),
    "S": (16, 35, 65, 0, 0, 15, 7),
    "Z": (16, 35, 65, 0, 0, 15, 7),
    "r": (20, 40, 45, 0, 0, 20, 5),
    "R": (20, 40, 45, 0, 0, 20, 4),
    "j": (18, 78, 0, 0, 0, 20, 4),
    ";": (22, 66, 0, 0, 0, 15, 2),
    # back of the tongue and throat
    "k": (26, 55, 0, 0, 0, 0, 2),
    "g": (26, 55, 0, 0, 0, 0, 2),
    "N": (26, 55, 0, 0, 0, 0, 2),
    "x": (26, 55, 0, 0, 0, 0, 2),
    "h": (34, 50, 0, 0, 0, 0, 1),
    # vowels
    "i": (24, 95, 0, 0, 0, 10, 6),
    "I": (32, 78, 0, 0, 0, 5, 5),
    "e": (48, 80, 0, 0, 0, 5, 6),
    "E": (56, 74, 0, 0, 0, 0, 6),
    "a": (88, 68, 0, 0, 0, 0, 7),
    "A": (96, 52, 5, 0, 0, 0, 7),
    "0": (80, 44, 35, 0, 0, 0, 7),
    "O": (70, 36, 62, 0, 0, 0, 7),
    "o": (52, 32, 80, 0, 0, 0, 7),
    "V": (66, 52, 0, 0, 0, 0, 6),
    "U": (26, 32, 82, 0, 0, 0, 6),
    "u": (18, 28, 98, 0, 0, 0, 7),
    "@": (38, 50, 8, 0, 0, 0, 3),
    "3": (40, 44, 32, 0, 0, 5, 5),
}
_STRESS = "'"
_STRESSED_PERCENT, _UNSTRESSED_PERCENT = 112, 88


def sounds(phoneme: str) -> str:
    """Return the characters of a phoneme name that stand for a sound; the rest modify them.

    >>> sounds("'aI@"), sounds("tS"), sounds("I2")
    ('aI@', 'tS', 'I')
    """
    return "".join(character for character in phoneme if character in _TARGETS)


def mouth_poses(phonemes: tuple[Phoneme, ...], frames: int) -> list[Pose]:
    """Compute the pose at the middle of every video frame.

    Args:
        phonemes: In order of time; after the last one the mouth rests.
        frames: Number of frames of 40 ms; a shorter clip is the beginning of a longer one.
    """
    # What is said just after the end still shapes the last frame.
    targets = _target_grid(phonemes, frames * FRAME_MS + sum(_BOXES_MS))
    dominance = targets[:, -1:]
    weighted = np.concatenate([targets[:, :-1] * dominance, dominance], axis=1)
    for box_ms in _BOXES_MS:
        weighted = _box_sum(weighted, box_ms)
    middles = np.arange(frames) * FRAME_MS + FRAME_MS // 2
    rows: list[list[int]] = weighted[middles].tolist()
    return [Pose(*(value / (100 * row[-1]) for value in row[:-1])) for row in rows]


def _target_grid(phonemes: tuple[Phoneme, ...], length_ms: int) -> NDArray[np.int64]:
    """Lay the targets of all sounds on a grid of milliseconds, `(ms, 7)`."""
    grid = np.tile(np.array(_REST, np.int64), (length_ms, 1))
    for phoneme, following in pairwise(phonemes):
        parts = sounds(phoneme.name) or "@"
        duration = following.start_ms - phoneme.start_ms
        for number, sound in enumerate(parts):
            start = phoneme.start_ms + duration * number // len(parts)
            stop = phoneme.start_ms + duration * (number + 1) // len(parts)
            grid[start:stop] = _TARGETS[sound]
            percent = _STRESSED_PERCENT if _STRESS in phoneme.name else _UNSTRESSED_PERCENT
            grid[start:stop, 0] = min(100, _TARGETS[sound][0] * percent // 100)
    return grid


def _box_sum(values: NDArray[np.int64], box: int) -> NDArray[np.int64]:
    """Sum a centred window of `box` rows (odd) around every row; the ends are repeated."""
    half = box // 2
    padded = np.pad(values, ((half + 1, half), (0, 0)), mode="edge")
    running = np.cumsum(padded, axis=0)
    return np.asarray(running[box:] - running[:-box])
