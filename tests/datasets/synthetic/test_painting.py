"""Soft-edged shapes on a canvas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.datasets.synthetic.painting import (
    Grid,
    above,
    below,
    between,
    blend,
    ellipse,
    glow,
    shift,
    to_pixels,
)

GRID = Grid.around((20, 20), 41, 41, 0.5)


def flat(height: float) -> np.ndarray:
    return np.full((1, 41), height)


def test_grid_has_its_origin_where_told() -> None:
    assert GRID.x[0, 20] == GRID.y[20, 0] == 0
    assert GRID.x[0, 22] == 1
    assert GRID.moved(1, 0).x[0, 22] == 0


def test_rows_reach_a_pixel_further_on_both_sides() -> None:
    rows = GRID.rows(-2, 3)
    assert GRID.y[rows][0, 0] < -2
    assert GRID.y[rows][-1, 0] > 3
    assert GRID.rows(-100, -90) == slice(0, 0)


@pytest.mark.parametrize("radii", [(8.0, 8.0), (9.0, 4.0), (3.0, 7.5)])
def test_area_of_an_ellipse(radii: tuple[float, float]) -> None:
    covered = ellipse(GRID, (0.2, -0.3), radii).sum() * GRID.step**2
    assert covered == pytest.approx(math.pi * radii[0] * radii[1], rel=0.02)


def test_half_planes() -> None:
    np.testing.assert_allclose(below(GRID, flat(1)) + above(GRID, flat(1)), 1)
    assert below(GRID, flat(1))[20, 0] == 0
    assert below(GRID, flat(1))[22, 0] == 0.5
    assert below(GRID, flat(1))[24, 0] == 1


def test_nothing_lies_between_curves_that_touch_or_cross() -> None:
    assert not between(GRID, flat(1), flat(1)).any()
    assert not between(GRID, flat(2), flat(-2)).any()
    assert between(GRID, flat(-2), flat(2)).sum() == pytest.approx(41 * 4 / GRID.step)


def test_glow_fades() -> None:
    row = glow(GRID, (0, 0), (5, 5))[20]
    assert row[20] == 1
    assert np.all(np.diff(row[20:30]) < 0)
    assert not row[31:].any()


def test_blend_mixes_every_channel() -> None:
    canvas = np.zeros((3, 2, 2))
    blend(canvas, np.array([[0.0, 0.5]]), (200, 100, 50))
    assert canvas[:, 1, 0].tolist() == [0, 0, 0]
    assert canvas[:, 0, 1].tolist() == [100, 50, 25]


def test_shift_moves_whole_and_half_pixels() -> None:
    canvas = np.random.default_rng(1).uniform(0, 255, (2, 16, 18))
    margin = 3
    still = shift(canvas, 0, np.zeros(10), margin)
    np.testing.assert_array_equal(still, canvas[:, 3:13, 3:15])
    moved = shift(canvas, 2, np.full(10, -1.0), margin)
    np.testing.assert_array_equal(moved, canvas[:, 4:14, 1:13])
    half = shift(canvas, 0.5, np.zeros(10), margin)
    np.testing.assert_allclose(half, (canvas[:, 3:13, 3:15] + canvas[:, 3:13, 2:14]) / 2)


def test_pixels_are_rounded_and_limited() -> None:
    pixels = to_pixels(np.array([-5.0, 0.49, 0.5, 254.6, 300.0]).reshape(1, 1, 5))
    assert pixels.dtype == np.uint8
    assert pixels[0, :, 0].tolist() == [0, 0, 1, 255, 255]
