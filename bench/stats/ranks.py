"""Ranks that say how sure they are: from every pair of systems, corrected over all pairs.

All pairs are tested in one bootstrap over clusters (see `bench.stats.clusters`). A pair differs if
it is more standard errors apart than 95 % of the replicates are in whichever pair is furthest off
in them (max-T). So with 95 % confidence no pair at all is put into an order that is wrong, and all
ranks are in their intervals at once (Mogstad, Romano, Shaikh and Wilhelm, "Inference for ranks",
Review of Economic Studies 91, 2024). Holm's correction would promise the same and find less: it
knows nothing of how alike the pairs are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.stats.clusters import Clusters, critical_value, resample_differences

__all__ = ["RankInterval", "rank_intervals"]


@dataclass(frozen=True)
class RankInterval:
    """The ranks a system may have.

    Attributes:
        low: The best: 1 + the number of systems that are significantly better.
        high: The worst: the number of systems less those that are significantly worse.
    """

    low: int
    high: int

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


def rank_intervals(
    scores: NDArray[np.float64],
    targets: Sequence[str],
    interferers: Sequence[str],
    *,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> list[RankInterval]:
    """Rank systems by their mean score; higher is better.

    Args:
        scores: `(systems, items)`, all finite: choose the items that all systems have beforehand.
        targets: Cluster of the target, per item.
        interferers: Cluster of the interferer, per item.
        level: Probability that all intervals hold at once.
        draws: Number of bootstrap replicates.
        seed: Of the draws; the same seed gives the same ranks.

    Returns:
        One interval per system. Where there are too few clusters to tell, it is all ranks.

    Raises:
        ValueError: No items, unequal lengths, or a score that is not finite.

    Example:
        >>> rank_intervals(np.ones((2, 2)), ["a", "b"], ["b", "a"])
        [RankInterval(low=1, high=2), RankInterval(low=1, high=2)]
    """
    scores = np.asarray(scores, np.float64)
    if scores.ndim != 2 or scores.shape[1] != len(targets):
        raise ValueError("scores must be of shape (systems, items), one cluster pair per item")
    if not np.isfinite(scores).all():
        raise ValueError("all scores must be finite: leave out the items that a system lacks")
    clusters = Clusters.of(targets, interferers)
    systems = len(scores)
    better = np.zeros((systems, systems), bool)  # [i, j]: i is better than j
    if systems > 1 and not clusters.too_few:
        better = _significant(scores, clusters, level, draws, seed)
    return [
        RankInterval(1 + int(better[:, k].sum()), systems - int(better[k].sum()))
        for k in range(systems)
    ]


def _significant(
    scores: NDArray[np.float64], clusters: Clusters, level: float, draws: int, seed: int
) -> NDArray[np.bool_]:
    """Say of every ordered pair whether the first is better beyond doubt."""
    systems = len(scores)
    resampled = resample_differences(scores, clusters, draws=draws, seed=seed)
    reach = critical_value(resampled.distances.max(axis=1), level)
    better = np.zeros((systems, systems), bool)
    if np.isfinite(reach):
        one, other = np.triu_indices(systems, 1)
        better[one, other] = resampled.means > reach * resampled.errors
        better[other, one] = -resampled.means > reach * resampled.errors
    return better
