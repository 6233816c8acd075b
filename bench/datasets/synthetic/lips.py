"""Painting the mouth in one pose: jaw, lips, teeth and tongue.

The upper teeth belong to the skull and stay; the lower teeth, the lower lip and the chin go down
with the jaw. Lengths are face units (see `painting`), the mouth's own middle at (0, 0).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.datasets.synthetic.looks import Look, MouthShape
from bench.datasets.synthetic.painting import (
    Coverage,
    Grid,
    above,
    below,
    between,
    blend,
    clamp,
    ellipse,
    glow,
)
from bench.datasets.synthetic.visemes import Pose

__all__ = ["REACH", "jaw_fall", "paint_mouth"]

# Nothing of the mouth is painted outside these distances: left and right, up, down.
REACH = (34.0, 16.0, 44.0)

_UPPER_SHARE = 0.28  # of the opening is the upper lip going up, the rest the jaw going down
_TOOTH = 4.2
_ALL = slice(None)

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class _Lips:
    """Edges of the lips over x, `(1, columns)`, and what the rest hangs on.

    Attributes:
        top: Upper edge of the upper lip.
        bottom: Lower edge of the lower lip.
        inner_top: Upper edge of the opening; `inner_bottom` alike.
        half_width: Of the mouth in this pose.
        drop: How far the jaw is down.
        lift: How far the upper lip is up.
    """

    top: Curve
    bottom: Curve
    inner_top: Curve
    inner_bottom: Curve
    half_width: float
    drop: float
    lift: float

    @property
    def middle(self) -> Curve:
        """The line along which the lips meet."""
        return np.asarray(0.5 * (self.inner_top + self.inner_bottom))


def paint_mouth(canvas: NDArray[np.float64], grid: Grid, look: Look, pose: Pose) -> None:
    """Paint a mouth over the skin of `canvas`."""
    lips = _shape(grid.x, look.mouth, pose)
    _paint_chin(canvas, grid, look, lips)
    # Everything else touches few rows: only they are painted.
    rows = grid.rows(float(lips.top.min()), float(lips.bottom.max()))
    _paint_lips(canvas[:, rows], grid.part(rows, _ALL), look, lips)
    rows = grid.rows(float(lips.inner_top.min()), float(lips.inner_bottom.max()))
    _paint_inside(canvas[:, rows], grid.part(rows, _ALL), look, pose, lips)
    rows = grid.rows(float(lips.middle.min()) - 1, float(lips.middle.max()) + 1)
    _paint_seam(canvas[:, rows], grid.part(rows, _ALL), look, lips)


def jaw_fall(mouth: MouthShape, pose: Pose) -> float:
    """Return how far the chin is down, in face units."""
    return 0.8 * (1 - _UPPER_SHARE) * _opening(mouth, pose)


def _opening(mouth: MouthShape, pose: Pose) -> float:
    round_hole = 0.13 * pose.rounding
    return mouth.jaw_drop * (pose.jaw + round_hole) * (1 - pose.press) + 2.2 * pose.tuck


def _shape(x: Curve, mouth: MouthShape, pose: Pose) -> _Lips:
    opening = _opening(mouth, pose)
    stretch = 1 + 0.3 * (pose.spread - 0.5) - 0.3 * pose.rounding - 0.12 * pose.jaw
    half_width = mouth.half_width * stretch
    lift, drop = _UPPER_SHARE * opening, (1 - _UPPER_SHARE) * opening
    fullness = (1 + 0.3 * pose.rounding - 0.12 * pose.jaw) * (1 - 0.42 * pose.press)
    upper = mouth.upper_lip * fullness
    lower = mouth.lower_lip * fullness * (1 - 0.5 * pose.tuck)
    place = x / half_width
    square = place * place
    arch = _arch(square, pose.rounding)
    # The opening ends before the corners do, sooner the rounder the lips.
    inner_square = square / (0.8 - 0.45 * pose.rounding)
    inner = _arch(inner_square, pose.rounding)
    bow = mouth.bow * (1 - 0.7 * pose.rounding)
    notch = (1 + bow * square) / (1 + 0.25 * bow)
    fall = 0.45 * (drop - lift) - mouth.smile
    corners, inner_corners = (fall * np.minimum(curve, 1.0) for curve in (square, inner_square))
    return _Lips(
        top=corners - lift * arch - upper * notch * np.maximum(1 - square, 0),
        bottom=corners + drop * arch + lower * arch,
        inner_top=inner_corners - lift * inner,
        inner_bottom=inner_corners + drop * inner,
        half_width=half_width,
        drop=drop,
        lift=lift,
    )


def _arch(square: Curve, rounding: float) -> Curve:
    """Rise from 0 at the corners to 1: between a parabola and, for rounded lips, an ellipse."""
    parabola = np.maximum(1 - square, 0)
    share = 0.35 + 0.5 * rounding
    return np.asarray(parabola + share * (np.sqrt(parabola) - parabola))


def _paint_chin(canvas: NDArray[np.float64], grid: Grid, look: Look, lips: _Lips) -> None:
    """Shade the fold under the lip and light the chin; both go down with the jaw."""
    under = float(lips.bottom.max())
    fold = glow(grid, (0, under + 4), (15.0, 5.5))
    blend(canvas, 0.34 * fold, tuple(0.55 * value for value in look.palette.skin))
    bare = 1 - 0.8 * look.head.beard
    chin = glow(grid, (0, under + 15), (15.0, 10.0))
    blend(canvas, 0.16 * bare * chin, look.palette.white)
    edge = glow(grid, (0, under + 27), (26.0, 7.0))
    blend(canvas, 0.3 * edge, tuple(0.5 * value for value in look.palette.skin))


def _paint_lips(canvas: NDArray[np.float64], grid: Grid, look: Look, lips: _Lips) -> None:
    colours = look.palette
    upper = between(grid, lips.top, lips.middle)
    lower = between(grid, lips.middle, lips.bottom)
    blend(canvas, upper, tuple(0.86 * value for value in colours.lip))
    blend(canvas, lower, colours.lip)
    fullest = 0.5 * (float(lips.inner_bottom.max()) + float(lips.bottom.max()))
    blend(canvas, 0.3 * lower * glow(grid, (0, fullest), (9.0, 2.6)), colours.white)


def _paint_inside(
    canvas: NDArray[np.float64],
    grid: Grid,
    look: Look,
    pose: Pose,
    lips: _Lips,
) -> None:
    colours = look.palette
    opening = between(grid, lips.inner_top, lips.inner_bottom)
    blend(canvas, opening, colours.cavity)
    arch = grid.x * grid.x / (lips.half_width * lips.half_width)
    teeth = _row_of_teeth(grid, look, lips.half_width)
    lower = below(grid, lips.drop - 2.4 + 1.5 * arch) * (1 - pose.rounding)
    blend(canvas, 0.75 * opening * lower * teeth, colours.teeth)
    height = lips.drop * (0.62 - 0.5 * pose.tongue)
    back = ellipse(grid, (0, height + 5), (0.6 * lips.half_width, 6.0))
    seen = min(1.0, lips.drop / 5) * (1 - 0.6 * pose.rounding)
    blend(canvas, 0.75 * seen * opening * back, colours.tongue)
    upper = above(grid, 2.2 - 0.35 * lips.lift - 3.2 * arch) * (1 - 0.8 * pose.rounding)
    blend(canvas, opening * upper * teeth, colours.teeth)
    # A tongue between the teeth lies over their edges.
    tip = ellipse(grid, (0, 2.0), (0.4 * lips.half_width, 2.4))
    blend(canvas, opening * tip * max(0.0, 3 * pose.tongue - 2), colours.tongue)
    lid = above(grid, lips.inner_top + 1.8)
    blend(canvas, 0.4 * opening * lid, colours.cavity)


def _row_of_teeth(grid: Grid, look: Look, half_width: float) -> Coverage:
    """Cover teeth but for the gaps between them, fading into the cheeks."""
    places = np.abs(grid.x) / _TOOTH
    to_gap = np.abs(places - np.floor(places + 0.5)) * _TOOTH
    gap = look.mouth.gap * clamp(1 - to_gap / 0.8)
    return clamp(1.5 - 1.5 * np.abs(grid.x) / half_width) * (1 - gap)


def _paint_seam(canvas: NDArray[np.float64], grid: Grid, look: Look, lips: _Lips) -> None:
    """Draw the dark line where the lips meet, out to the corners."""
    width = 0.9 * clamp(1.3 - np.abs(grid.x) / lips.half_width)
    line = between(grid, lips.middle - width, lips.middle + width)
    inside = clamp((lips.half_width + 1 - np.abs(grid.x)) / 2)
    meeting = clamp(1.3 - 0.35 * (lips.inner_bottom - lips.inner_top))
    dark = tuple(0.42 * value for value in look.palette.lip)
    blend(canvas, 0.85 * line * inside * meeting, dark)
