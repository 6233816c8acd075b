"""Confidence intervals from a two-way cluster bootstrap (the pigeonhole bootstrap).

A target score belongs to two clusters at once: the speaker (or video, or talk) of the target and
that of the interferer. The same clips recur in many mixtures, so scores of one cluster are not
independent, and an interval over mixtures is far too narrow. Here the clusters of both roles are
drawn with replacement, independently; a score counts as often as the product of its two clusters
was drawn (Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1, 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEW_CLUSTERS", "Interval", "bootstrap_mean"]

# Below this many clusters a percentile interval is too narrow to be trusted.
FEW_CLUSTERS = 30

_DRAWS = 2000


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval.

    Attributes:
        mean: Over all scores.
        low: Lower end; nan with fewer than two clusters.
        high: Upper end; nan with fewer than two clusters.
        level: Nominal coverage.
        clusters: The smaller number of clusters of the two roles.
    """

    mean: float
    low: float
    high: float
    level: float
    clusters: int

    @property
    def caution(self) -> bool:
        """Whether there are too few clusters to trust the width."""
        return self.clusters < FEW_CLUSTERS


def bootstrap_mean(
    values: Sequence[float] | NDArray[np.float64],
    targets: Sequence[str],
    interferers: Sequence[str],
    *,
    level: float = 0.95,
    draws: int = _DRAWS,
    seed: int = 0,
) -> Interval:
    """Give the mean of clustered scores a percentile interval.

    Args:
        values: One score per item, all finite.
        targets: Cluster of the target, per item.
        interferers: Cluster of the interferer, per item.
        level: Nominal coverage of the interval.
        draws: Number of bootstrap replicates.
        seed: Of the draws; the same seed gives the same interval.

    Raises:
        ValueError: No values, or sequences of unequal lengths.

    Example:
        >>> bootstrap_mean([1.0, 1.0], ["a", "b"], ["b", "a"]).mean
        1.0
    """
    scores = np.asarray(values, np.float64)
    if not len(scores) == len(targets) == len(interferers) > 0:
        raise ValueError("values, targets and interferers must be of one length, at least 1")
    rows, n_rows = _numbered(targets)
    columns, n_columns = _numbered(interferers)
    clusters = min(n_rows, n_columns)
    mean = float(scores.mean())
    if clusters < 2:
        return Interval(mean, np.nan, np.nan, level, clusters)
    sums = np.zeros((n_rows, n_columns))
    counts = np.zeros((n_rows, n_columns))
    np.add.at(sums, (rows, columns), scores)
    np.add.at(counts, (rows, columns), 1.0)
    means = _replicates(sums, counts, draws, np.random.default_rng(seed))
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(means, [tail, 1.0 - tail])
    return Interval(mean, float(low), float(high), level, clusters)


def _numbered(names: Sequence[str]) -> tuple[NDArray[np.intp], int]:
    unique, numbers = np.unique(np.asarray(names, dtype=str), return_inverse=True)
    return numbers, len(unique)


def _replicates(
    sums: NDArray[np.float64],
    counts: NDArray[np.float64],
    draws: int,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Means over resampled clusters; a draw that holds no item at all is left out."""
    n_rows, n_columns = sums.shape
    rows = generator.multinomial(n_rows, np.full(n_rows, 1 / n_rows), size=draws)
    columns = generator.multinomial(n_columns, np.full(n_columns, 1 / n_columns), size=draws)
    total = np.einsum("bc,bc->b", rows @ sums, columns)
    count = np.einsum("bc,bc->b", rows @ counts, columns)
    means: NDArray[np.float64] = total[count > 0] / count[count > 0]
    return means
