"""Where two systems differ: their difference by what the mixtures are like.

Numeric conditions are cut into thirds of the targets (terciles), others are taken by value. The
intervals are those of single groups: with many groups, some leave out zero by chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.board.comparison.items import ScorePairs
from bench.stats.paired import PairedDifference, paired_difference

__all__ = ["ConditionGroup", "by_condition"]

_BINS = 3
_MOST_VALUES = 8
_OTHERS = "all others"


@dataclass(frozen=True)
class ConditionGroup:
    """The targets that are alike in one condition.

    Attributes:
        condition: Its name.
        values: Which values: one, or the lowest and the highest.
        difference: Of the two systems on these targets.
    """

    condition: str
    values: str
    difference: PairedDifference


def by_condition(pairs: ScorePairs, *, draws: int, seed: int) -> tuple[ConditionGroup, ...]:
    """Break a difference down by every condition that is not the same for all targets.

    Args:
        pairs: One score on the targets that both systems scored.
        draws: Bootstrap replicates per group.
        seed: Of the draws.
    """
    names = sorted({name for record in pairs.records for name in record.conditions})
    found = []
    for name in names:
        groups = _groups([record.conditions.get(name) for record in pairs.records])
        if len(groups) > 1:
            found += [
                ConditionGroup(name, values, _difference(pairs, chosen, draws, seed))
                for values, chosen in groups
            ]
    return tuple(found)


Groups = list[tuple[str, NDArray[np.bool_]]]


def _groups(values: Sequence[float | str | None]) -> Groups:
    """Cut targets into groups by their values; those without a value are in none."""
    known = {value for value in values if value is not None}
    if len(known) > _BINS and not any(isinstance(value, str) for value in known):
        numbers = np.array([np.nan if value is None else value for value in values], np.float64)
        return _terciles(numbers)
    return _by_value(values)


def _terciles(numbers: NDArray[np.float64]) -> Groups:
    inner = np.nanquantile(numbers, np.arange(1, _BINS) / _BINS)
    edges = [-np.inf, *inner, np.inf]
    chosen = [(numbers > low) & (numbers <= high) for low, high in pairwise(edges)]
    return [(_span(numbers[group]), group) for group in chosen if group.any()]


def _span(numbers: NDArray[np.float64]) -> str:
    low, high = float(numbers.min()), float(numbers.max())
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def _by_value(values: Sequence[float | str | None]) -> Groups:
    names = [None if value is None else _named(value) for value in values]
    known = {_named(v): (isinstance(v, str), v) for v in values if v is not None}
    counts = Counter(name for name in names if name is not None)
    frequent = sorted(counts, key=lambda name: (-counts[name], name))[:_MOST_VALUES]
    shown = [name if name is None or name in frequent else _OTHERS for name in names]
    order = sorted(frequent, key=known.__getitem__) + (
        [_OTHERS] if _OTHERS in shown and _OTHERS not in frequent else []
    )
    return [(name, np.array([value == name for value in shown])) for name in order]


def _named(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _difference(
    pairs: ScorePairs, chosen: NDArray[np.bool_], draws: int, seed: int
) -> PairedDifference:
    kept = np.flatnonzero(chosen)
    targets, interferers = pairs.targets, pairs.interferers
    return paired_difference(
        pairs.first[kept],
        pairs.second[kept],
        [targets[k] for k in kept],
        [interferers[k] for k in kept],
        draws=draws,
        seed=seed,
    )
