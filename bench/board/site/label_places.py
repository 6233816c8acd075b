"""Where the names of points go in a picture, so that none covers another.

A greedy search: points are taken in the given order, and each name takes the first of eight places
around its point that is free. A name without a free place is left out; the tooltip and the table
below the picture have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Box", "Label", "place_labels"]

_LETTER, _LINE, _RADIUS = 6.2, 13.0, 6.0
# Steps from the point to the name: sides first, then corners, then above and below.
_PLACES = ((1, 0), (-1, 0), (-1, -1), (1, 1), (1, -1), (-1, 1), (0, -1), (0, 1))
_SIDES: dict[int, Literal["left", "center", "right"]] = {1: "left", 0: "center", -1: "right"}

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """A name and where it goes.

    Attributes:
        name: The text.
        x: Of its anchor, in pixels from the left.
        y: Of its middle, in pixels from the top.
        align: Which end of the text the anchor is.
    """

    name: str
    x: float
    y: float
    align: Literal["left", "center", "right"]


def place_labels(
    points: Sequence[tuple[str, float, float]],
    *,
    width: float,
    height: float,
    obstacles: Sequence[Box] = (),
) -> list[Label]:
    """Place names beside their points.

    Args:
        points: Name, x and y in pixels, the most important first.
        width: Of the picture.
        height: Of the picture.
        obstacles: What else must stay free: left, top, right, bottom.
    """
    taken = [(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for _, x, y in points]
    taken += obstacles
    labels = []
    for name, x, y in points:
        for right, down in _PLACES:
            anchor = x + right * (_RADIUS + 3 if not down else _RADIUS)
            middle = y + down * (_LINE / 2 + (_RADIUS if right else _RADIUS + 1))
            label = Label(name, anchor, middle, _SIDES[right])
            box = _box(label)
            if _inside(box, width, height) and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                labels.append(label)
                break
    return labels


def _box(label: Label) -> Box:
    long = len(label.name) * _LETTER
    left = label.x - {"left": 0.0, "center": long / 2, "right": long}[label.align]
    return left, label.y - _LINE / 2, left + long, label.y + _LINE / 2


def _inside(box: Box, width: float, height: float) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height


def _overlap(first: Box, second: Box) -> bool:
    apart = first[2] <= second[0] or second[2] <= first[0]
    return not (apart or first[3] <= second[1] or second[3] <= first[1])
