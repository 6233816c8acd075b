"""Holm's correction: p-values of several tests, so that any false finding is as rare as promised.

Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics
6, 1979. Valid whatever the tests have to do with one another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["holm"]


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values; an adjusted one is compared with the level of the whole family.

    Args:
        p_values: One per test, 0..1; a nan (no test was possible) stays one and is not counted.

    Raises:
        ValueError: A value outside 0..1.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    if any(value < 0 or value > 1 for value in p_values):
        raise ValueError("p-values are between 0 and 1")
    order = sorted((v, k) for k, v in enumerate(p_values) if not math.isnan(v))
    adjusted = [math.nan] * len(p_values)
    reached = 0.0
    for rank, (value, place) in enumerate(order):
        reached = max(reached, min(1.0, value * (len(order) - rank)))
        adjusted[place] = reached
    return adjusted
