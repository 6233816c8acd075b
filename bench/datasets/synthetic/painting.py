"""Painting simple shapes with soft edges, to the same pixels on every machine.

Only `+ - * /`, comparisons, absolute values and square roots of float64 are used, element by
element: IEEE 754 fixes their last bit. No sums over pixels, no sines, powers or interpolation
routines, whose rounding is a library's choice.

A canvas is float64 `(channels, rows, columns)`, 0..255; a coverage is 0..1 `(rows, columns)` or
anything that broadcasts to it. Positions are in face units, x to the right, y down, the middle of
the closed mouth at (0, 0).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Colour",
    "Coverage",
    "Grid",
    "above",
    "below",
    "between",
    "blend",
    "clamp",
    "ellipse",
    "glow",
    "shift",
    "to_pixels",
]

Coverage = NDArray[np.float64]
Colour = tuple[float, ...]


@dataclass(frozen=True)
class Grid:
    """Where the pixels of a canvas lie.

    Attributes:
        x: `(1, columns)` face units.
        y: `(rows, 1)` face units.
        step: Distance of neighbouring pixels.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    step: float

    @classmethod
    def around(cls, origin: tuple[float, float], rows: int, columns: int, step: float) -> Grid:
        """Lay a grid whose pixel (column, row) `origin` is the middle of the mouth."""
        column, row = origin
        x = (np.arange(columns, dtype=np.float64) - column) * step
        y = (np.arange(rows, dtype=np.float64) - row) * step
        return cls(x[None, :], y[:, None], step)

    def moved(self, right: float, down: float) -> Grid:
        """Return the grid as seen from a point that lies `right` and `down` of the origin."""
        return Grid(self.x - right, self.y - down, self.step)

    def rows(self, top: float, bottom: float) -> slice:
        """Return the rows that lie between two heights, and one pixel more on both sides."""
        first = int((top - self.y[0, 0]) / self.step) - 1
        last = int((bottom - self.y[0, 0]) / self.step) + 3
        return slice(max(first, 0), max(last, 0))

    def part(self, rows: slice, columns: slice) -> Grid:
        """Return a rectangle of the grid."""
        return Grid(self.x[:, columns], self.y[rows], self.step)


def clamp(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Limit to 0..1."""
    return np.minimum(np.maximum(values, 0.0), 1.0)


def blend(canvas: NDArray[np.float64], coverage: Coverage, colour: Colour) -> None:
    """Paint `colour` over the canvas where `coverage` says so."""
    for number, value in enumerate(colour):
        channel = canvas[number]
        channel += coverage * (value - channel)


def ellipse(grid: Grid, centre: tuple[float, float], radii: tuple[float, float]) -> Coverage:
    """Cover an ellipse, its edge one pixel wide."""
    x = (grid.x - centre[0]) / radii[0]
    y = (grid.y - centre[1]) / radii[1]
    inside = 1.0 - x * x - y * y
    across, down = x / radii[0], y / radii[1]
    slope = 2.0 * np.sqrt(across * across + down * down) + 1e-6
    return clamp(inside / (slope * grid.step) + 0.5)


def glow(grid: Grid, centre: tuple[float, float], radii: tuple[float, float]) -> Coverage:
    """Cover an ellipse that fades from 1 in the middle to 0 at its edge."""
    x = (grid.x - centre[0]) / radii[0]
    y = (grid.y - centre[1]) / radii[1]
    inside = np.maximum(1.0 - x * x - y * y, 0.0)
    return inside * inside


def below(grid: Grid, edge: NDArray[np.float64]) -> Coverage:
    """Cover what lies below the curve `edge(x)`, `(1, columns)`; the edge is one pixel wide."""
    slope = np.zeros_like(edge)
    if edge.shape[1] > 1:
        slope[:, 1:] = (edge[:, 1:] - edge[:, :-1]) / grid.step
    steep = 1.0 / (np.sqrt(1.0 + slope * slope) * grid.step)
    return clamp((grid.y - edge) * steep + 0.5)


def above(grid: Grid, edge: NDArray[np.float64]) -> Coverage:
    """Cover what lies above the curve `edge(x)`."""
    return 1.0 - below(grid, edge)


def between(grid: Grid, top: NDArray[np.float64], bottom: NDArray[np.float64]) -> Coverage:
    """Cover what lies between two curves; nothing where they touch or cross."""
    return np.maximum(below(grid, top) - below(grid, bottom), 0.0)


def shift(
    canvas: NDArray[np.float64], right: float, down: NDArray[np.float64], margin: int
) -> NDArray[np.float64]:
    """Move the rows of a canvas and cut a margin off on all sides.

    Args:
        canvas: With the margin.
        right: Pixels to the right, less than the margin.
        down: Pixels down for every row that remains, `(rows,)`; upwards less than the margin.
        margin: Pixels to cut off.
    """
    columns = canvas.shape[2] - 2 * margin
    column = margin - right
    left = int(column)
    row = np.arange(margin, canvas.shape[1] - margin) - down
    top = row.astype(np.int64)  # rounds down: no row is negative
    near = canvas[:, :, left : left + columns]
    across = near + (column - left) * (canvas[:, :, left + 1 : left + columns + 1] - near)
    upper = across[:, top]
    return np.asarray(upper + (row - top)[:, None] * (across[:, top + 1] - upper))


def to_pixels(canvas: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Round a canvas to uint8 `(rows, columns, channels)`, limited to 0..255."""
    limited = np.minimum(np.maximum(canvas, 0.0), 255.0)
    return np.ascontiguousarray(np.moveaxis((limited + 0.5).astype(np.uint8), 0, -1))
