"""Confidence intervals of a mean score from a two-way cluster bootstrap.

The same clips recur in many mixtures, so scores of one speaker (or video, or talk) are not
independent, and an interval over mixtures is far too narrow. How clusters are drawn, and why each
replicate is divided by its own standard error, is said in `bench.stats.clusters`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.stats.clusters import Clusters, resample_means

__all__ = ["FEW_CLUSTERS", "Interval", "bootstrap_mean", "bootstrap_means"]

Scores = Sequence[float] | NDArray[np.float64]

# Below this many clusters an interval may hold the truth less often than it promises.
FEW_CLUSTERS = 30

_DRAWS = 2000


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval.

    Attributes:
        mean: Over all scores.
        low: Lower end; nan where there are too few clusters for an interval.
        high: Upper end; nan where there are too few.
        level: Nominal coverage.
        clusters: The smaller number of clusters of the two roles.
    """

    mean: float
    low: float
    high: float
    level: float
    clusters: int

    @property
    def known(self) -> bool:
        """Whether there are clusters enough for any interval."""
        return math.isfinite(self.low)


def bootstrap_mean(
    values: Scores,
    targets: Sequence[str],
    interferers: Sequence[str],
    *,
    level: float = 0.95,
    draws: int = _DRAWS,
    seed: int = 0,
) -> Interval:
    """Give the mean of clustered scores an interval.

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
    rows = np.asarray(values, np.float64)[None]
    (interval,) = bootstrap_means(rows, targets, interferers, level=level, draws=draws, seed=seed)
    return interval


def bootstrap_means(
    values: NDArray[np.float64],
    targets: Sequence[str],
    interferers: Sequence[str],
    *,
    level: float = 0.95,
    draws: int = _DRAWS,
    seed: int = 0,
) -> list[Interval]:
    """Give the means of several scores of the same items an interval each, from the same draws.

    Args:
        values: `(scores, items)`, all finite.
        targets: As in `bootstrap_mean`, and so is everything else.

    Raises:
        ValueError: No values, or sequences of unequal lengths.
    """
    if not values.shape[1] == len(targets) == len(interferers) > 0:
        raise ValueError("values, targets and interferers must be of one length, at least 1")
    clusters = Clusters.of(targets, interferers)
    ends = [(np.nan, np.nan, np.nan)] * len(values)
    if not clusters.too_few:
        resampled = resample_means(values, clusters, draws=draws, seed=seed)
        ends = [resampled.interval(place, level) for place in range(len(values))]
    return [
        Interval(float(mean), low, high, level, clusters.smaller)
        for mean, (low, high, _) in zip(values.mean(axis=1), ends, strict=True)
    ]
