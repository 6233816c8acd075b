"""Whether one system scores higher than another on the same items, and by how much.

The interval and the p-value come from one bootstrap over clusters (see `bench.stats.clusters`):
the interval is the mean difference plus and minus a multiple of its standard error, the multiple
being what `level` of the replicates stay within; the p-value is the share of replicates that are at
least as many standard errors away from the mean difference as that is from zero. So the interval
leaves out zero exactly where the p-value is at most 1 - `level`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.stats.clusters import Clusters, resample_means

__all__ = ["PairedDifference", "paired_difference"]

Scores = Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True)
class PairedDifference:
    """The first system's scores less the second's.

    Attributes:
        mean: Over all items.
        low: Lower end of its interval; nan where there are too few clusters for one.
        high: Upper end.
        p_value: Two-sided, that the mean is zero; nan where there is no interval.
        effect_size: Mean over standard deviation of the differences of single items (Cohen's d_z);
            nan where they are all equal.
        won: Share of items where the first system scores higher.
        tied: Share of items with equal scores.
        level: Nominal coverage of the interval.
        clusters: The smaller number of clusters of the two roles.
        items: Number of items.
    """

    mean: float
    low: float
    high: float
    p_value: float
    effect_size: float
    won: float
    tied: float
    level: float
    clusters: int
    items: int

    @property
    def known(self) -> bool:
        """Whether there are clusters enough for any interval."""
        return math.isfinite(self.low)


def paired_difference(
    values_a: Scores,
    values_b: Scores,
    targets: Sequence[str],
    interferers: Sequence[str],
    *,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> PairedDifference:
    """Compare two systems item by item.

    Args:
        values_a: Scores of the first system, all finite.
        values_b: Scores of the second on the same items in the same order.
        targets: Cluster of the target, per item.
        interferers: Cluster of the interferer, per item.
        level: Nominal coverage of the interval.
        draws: Number of bootstrap replicates; the smallest p-value is 1 / (draws + 1).
        seed: Of the draws; the same seed gives the same result.

    Raises:
        ValueError: No items, sequences of unequal lengths, or a score that is not finite.

    Example:
        >>> paired_difference([2.0, 4.0], [1.0, 1.0], ["a", "b"], ["b", "a"]).mean
        2.0
    """
    scores = [np.asarray(values, np.float64) for values in (values_a, values_b)]
    if not len(scores[0]) == len(scores[1]) == len(targets):
        raise ValueError("both systems' scores and the clusters must be of one length")
    if not np.isfinite(scores).all():
        raise ValueError("all scores must be finite: leave out the items that a system lacks")
    differences = scores[0] - scores[1]
    clusters = Clusters.of(targets, interferers)
    low = high = p_value = np.nan
    if not clusters.too_few:
        resampled = resample_means(differences[None], clusters, draws=draws, seed=seed)
        low, high, p_value = resampled.interval(0, level)
    return PairedDifference(
        mean=float(differences.mean()),
        low=low,
        high=high,
        p_value=p_value,
        effect_size=_effect_size(differences),
        won=float(np.mean(differences > 0)),
        tied=float(np.mean(differences == 0)),
        level=level,
        clusters=clusters.smaller,
        items=len(differences),
    )


def _effect_size(differences: NDArray[np.float64]) -> float:
    spread = float(differences.std(ddof=1)) if len(differences) > 1 else 0.0
    mean = float(differences.mean())
    return mean / spread if spread > 1e-12 * abs(mean) else np.nan
