"""Holm's correction, by hand."""

from __future__ import annotations

import math

import pytest

from bench.stats.holm import holm


def test_the_smallest_is_multiplied_most() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_order_is_kept_and_nothing_exceeds_one() -> None:
    assert holm([0.9, 0.6]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


def test_equal_values_stay_equal() -> None:
    assert holm([0.02, 0.02, 0.02]) == pytest.approx([0.06] * 3)


def test_a_test_that_was_not_possible_is_not_counted() -> None:
    first, second, third = holm([0.02, math.nan, 0.04])
    assert (first, third) == pytest.approx((0.04, 0.04))
    assert math.isnan(second)


@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_what_is_no_probability_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([value])
