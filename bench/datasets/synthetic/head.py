"""Painting a head: everything but the mouth.

Lengths are face units (see `painting`): the middle of the mouth is (0, 0), eyes are at y = -58, the
chin at about y = 32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.datasets.synthetic.looks import Look
from bench.datasets.synthetic.painting import (
    Colour,
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

__all__ = ["paint_head"]

_EYES_Y, _NOSE_Y, _CENTRE_Y = -58.0, -17.0, -45.0

Canvas = NDArray[np.float64]


def paint_head(canvas: Canvas, grid: Grid, look: Look, lids: float = 0.0) -> None:
    """Paint wall, hair, neck, face, eyes and nose.

    Args:
        canvas: Painted over completely.
        grid: Where its pixels lie.
        look: Whose head.
        lids: How far the eyes are closed, 0..1.
    """
    face = _face(grid, look)
    _paint_behind(canvas, grid, look)
    _paint_skin(canvas, grid, look, face)
    _paint_beard(canvas, grid, look, face)
    _paint_nose(canvas, grid, look)
    for side in (-1.0, 1.0):
        _paint_eye(canvas, grid, look, side, lids)
    _paint_fringe(canvas, grid, look)
    if look.head.glasses:
        _paint_glasses(canvas, grid, look)


def _shade(colour: Colour, factor: float) -> Colour:
    return tuple(factor * value for value in colour)


def _face(grid: Grid, look: Look) -> Coverage:
    """Cover the face: an ellipse whose lower half narrows to the jaw."""
    head = look.head
    low = clamp((grid.y - _CENTRE_Y) / head.half_height)
    narrow = 1 - head.taper * low * low
    x = grid.x / (head.half_width * narrow)
    y = (grid.y - _CENTRE_Y) / head.half_height
    inside = 1 - x * x - y * y
    across, down = x / head.half_width, y / head.half_height
    slope = 2 * np.sqrt(across * across + down * down) + 1e-6
    return clamp(inside / (slope * grid.step) + 0.5)


def _paint_behind(canvas: Canvas, grid: Grid, look: Look) -> None:
    head, colours = look.head, look.palette
    blend(canvas, np.ones((1, 1)), colours.wall)
    blend(canvas, 0.25 * clamp((grid.y + 120) / 260), colours.black)
    width = head.half_width
    if head.fringe >= 0:
        blend(canvas, ellipse(grid, (0, -58), (width + 9, 78)), _shade(colours.hair, 0.85))
    if head.long_hair:
        blend(canvas, ellipse(grid, (0, -14), (width + 15, 84)), _shade(colours.hair, 0.75))
    blend(canvas, ellipse(grid, (0, 96), (104, 44)), colours.clothes)
    neck = clamp((31 - np.abs(grid.x)) / grid.step + 0.5) * below(grid, 0 * grid.x)
    neck = neck * above(grid, 66 - 0.02 * grid.x * grid.x)
    blend(canvas, neck, _shade(colours.skin, 0.8))
    blend(canvas, 0.5 * neck * glow(grid, (0, 30), (44, 26)), _shade(colours.skin, 0.4))
    if not head.long_hair:
        for side in (-1, 1):
            ear = ellipse(grid, (side * (width - 1), -46), (8, 14))
            blend(canvas, ear, _shade(colours.skin, 0.86))


def _paint_skin(canvas: Canvas, grid: Grid, look: Look, face: Coverage) -> None:
    head, colours = look.head, look.palette
    blend(canvas, face, colours.skin)
    lit = head.light * grid.x / head.half_width
    blend(canvas, face * 0.2 * clamp(-lit), colours.black)
    blend(canvas, face * 0.12 * clamp(lit), colours.white)
    y = (grid.y - _CENTRE_Y) / head.half_height
    x = grid.x / head.half_width
    rim = clamp(x * x + y * y)
    blend(canvas, face * 0.22 * rim * rim, _shade(colours.skin, 0.45))
    for side in (-1, 1):
        cheek = glow(grid, (side * 30, -24), (20, 16))
        blend(canvas, face * 0.16 * cheek, colours.lip)
        socket = glow(grid, (side * head.eye_distance, _EYES_Y - 3), (19, 14))
        blend(canvas, face * 0.3 * socket, _shade(colours.skin, 0.45))
    blend(canvas, face * 0.14 * glow(grid, (0, -92), (36, 24)), colours.white)
    _paint_folds(canvas, grid, look, face)


def _paint_folds(canvas: Canvas, grid: Grid, look: Look, face: Coverage) -> None:
    """Draw the soft lines from the nose to beside the mouth, and the groove above the lip."""
    way = clamp((grid.y + 20) / 24)
    place = 13 + 15 * way
    near = clamp(1 - np.abs(np.abs(grid.x) - place) / 2.6)
    ends = clamp((grid.y + 21) / 6) * clamp((8 - grid.y) / 12)
    dark = _shade(look.palette.skin, 0.5)
    blend(canvas, face * 0.5 * look.head.folds * near * ends, dark)
    blend(canvas, face * 0.3 * glow(grid, (0, -9.5), (3.2, 7)), dark)


def _paint_beard(canvas: Canvas, grid: Grid, look: Look, face: Coverage) -> None:
    head, hair = look.head, _shade(look.palette.hair, 0.9)
    if head.beard > 0:
        edge = 10 - 0.016 * grid.x * grid.x
        soft = clamp((grid.y - edge) / 7 + 0.5)
        blend(canvas, 0.9 * head.beard * face * soft, hair)
    if head.moustache > 0:
        edge = -9.5 + 0.012 * grid.x * grid.x
        soft = clamp((grid.y - edge) / 3 + 0.5) * clamp((4 - grid.y) / 4)
        side = clamp((27 - np.abs(grid.x)) / 5)
        blend(canvas, 0.85 * head.moustache * soft * side, hair)


def _paint_nose(canvas: Canvas, grid: Grid, look: Look) -> None:
    head, colours = look.head, look.palette
    dark = _shade(colours.skin, 0.55)
    shadow_side = -1 if head.light > 0 else 1
    blend(canvas, 0.42 * glow(grid, (shadow_side * 7, -38), (6.5, 26)), dark)
    blend(canvas, 0.3 * glow(grid, (-shadow_side * 1.5, -38), (4, 26)), colours.white)
    blend(canvas, 0.5 * glow(grid, (0, _NOSE_Y + 1), (head.nose + 5, 6)), dark)
    blend(canvas, 0.8 * ellipse(grid, (0, _NOSE_Y - 5), (0.72 * head.nose, 6.5)), colours.skin)
    blend(canvas, 0.3 * glow(grid, (0, _NOSE_Y - 7), (5, 5)), colours.white)
    for side in (-1, 1):
        wing = ellipse(grid, (side * 0.78 * head.nose, _NOSE_Y - 2), (0.36 * head.nose, 3.8))
        blend(canvas, 0.7 * wing, _shade(colours.skin, 0.9))
        hole = ellipse(grid, (side * 0.45 * head.nose, _NOSE_Y + 0.4), (0.26 * head.nose, 1.6))
        blend(canvas, 0.85 * hole, _shade(colours.skin, 0.28))


def _paint_eye(canvas: Canvas, grid: Grid, look: Look, side: float, lids: float) -> None:
    head, colours = look.head, look.palette
    x = side * head.eye_distance
    place = (grid.x - x) / head.eye_width
    arch = np.maximum(1 - place * place, 0)
    upper = _EYES_Y - head.eye_height * arch * (1 - 1.6 * lids)
    lower = _EYES_Y + 0.7 * head.eye_height * arch
    ball = between(grid, upper, np.maximum(lower, upper))
    blend(canvas, ball, (*_shade(colours.white, 0.93),))
    iris = ellipse(grid, (x, _EYES_Y - 0.6), (5.2, 5.2))
    blend(canvas, ball * iris, colours.eye)
    blend(canvas, ball * ellipse(grid, (x, _EYES_Y - 0.6), (2.3, 2.3)), colours.black)
    blend(canvas, ball * ellipse(grid, (x + 1.5, _EYES_Y - 2.2), (1.1, 1.1)), colours.white)
    inside = clamp((head.eye_width + 1 - np.abs(grid.x - x)) / 2)
    lash = between(grid, upper - 1.3, upper + 0.7)
    blend(canvas, 0.85 * lash * inside, _shade(colours.hair, 0.4))
    crease = between(grid, upper - 4.4, upper - 3.4)
    blend(canvas, 0.3 * crease * inside, _shade(colours.skin, 0.5))
    brow_place = (grid.x - x) / (head.eye_width + 4)
    brow_arch = np.maximum(1 - brow_place * brow_place, 0)
    outward = side * (grid.x - x) / head.eye_width
    brow = _EYES_Y - 12.5 - 2.5 * brow_arch + 1.0 * outward
    thick = head.brow * (0.35 + 0.65 * brow_arch) * (1 - 0.25 * outward)
    ends = clamp((head.eye_width + 4 - np.abs(grid.x - x)) / 2)
    blend(
        canvas,
        0.85 * ends * between(grid, brow - thick, brow + thick),
        _shade(colours.hair, 0.7),
    )


def _paint_fringe(canvas: Canvas, grid: Grid, look: Look) -> None:
    head, colours = look.head, look.palette
    if head.fringe < 0:
        return
    top = _CENTRE_Y - head.half_height
    edge = top + head.fringe + 0.012 * grid.x * grid.x * (1 + 0.3 * head.light)
    cap = ellipse(grid, (0, -58), (head.half_width + 9, 78)) * above(grid, edge)
    blend(canvas, cap, colours.hair)
    blend(canvas, 0.25 * cap * glow(grid, (20 * head.light, top + 8), (40, 14)), colours.white)
    if head.long_hair:
        curtain = head.half_width - 5 + 0.0035 * (grid.y + 40) * (grid.y + 40)
        sides = clamp((np.abs(grid.x) - curtain) / grid.step + 0.5)
        locks = ellipse(grid, (0, -14), (head.half_width + 15, 84)) * sides
        blend(canvas, locks, _shade(colours.hair, 0.92))


def _paint_glasses(canvas: Canvas, grid: Grid, look: Look) -> None:
    head = look.head
    for side in (-1, 1):
        centre = (side * head.eye_distance, _EYES_Y)
        outer = ellipse(grid, centre, (16.5, 12.5))
        inner = ellipse(grid, centre, (14.5, 10.5))
        blend(canvas, 0.85 * (outer - inner), _shade(look.palette.clothes, 0.35))
        blend(canvas, 0.06 * inner, look.palette.white)
    bridge = clamp((head.eye_distance - 15 - np.abs(grid.x)) / grid.step + 0.5)
    bar = between(grid, _EYES_Y - 3 + 0 * grid.x, _EYES_Y - 1 + 0 * grid.x)
    blend(canvas, 0.85 * bridge * bar, _shade(look.palette.clothes, 0.35))
