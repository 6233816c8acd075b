"""Intervals of many mean scores of the same items at once, from the same draws.

The same numbers as `bench.stats.bootstrap.bootstrap_mean` gives score by score. How often each pair
of clusters was drawn, which takes most of the time, is worked out once for all, and no score needs
its covariance with another one. See `bench.stats.clusters` for what is drawn, and why each
replicate is divided by its own standard error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bench.stats.bootstrap import Interval
from bench.stats.clusters import Clusters, critical_value

__all__ = ["bootstrap_means"]

Float = NDArray[np.float64]

# As in `bench.stats.clusters`.
_ROUNDING = 1e-12
_EQUAL = 1e-6
# So many replicates are computed at a time, for the sake of memory.
_BLOCK = 250


def bootstrap_means(
    values: Float,
    targets: Sequence[str],
    interferers: Sequence[str],
    *,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> list[Interval]:
    """Give the means of many scores their intervals.

    Args:
        values: `(scores, items)`, all finite.
        targets: Cluster of the target, per item.
        interferers: Cluster of the interferer, per item.
        level: Nominal coverage of each interval.
        draws: Number of replicates.
        seed: Of the draws; the same seed gives the same intervals.

    Raises:
        ValueError: No items, or sequences of unequal lengths.
    """
    values = np.asarray(values, np.float64)
    if not values.shape[1] == len(targets) == len(interferers) > 0:
        raise ValueError("values, targets and interferers must be of one length, at least 1")
    clusters = Clusters.of(targets, interferers)
    means = values.mean(axis=1)
    halves = np.full(len(values), np.nan)
    if not clusters.too_few:
        residuals = values - means[:, None]
        residuals[np.abs(residuals) <= _ROUNDING * np.abs(values).max(axis=1, keepdims=True)] = 0.0
        halves = _half_widths(residuals, clusters, level, draws, seed)
    return [
        Interval(float(mean), float(mean - half), float(mean + half), level, clusters.smaller)
        for mean, half in zip(means, halves, strict=True)
    ]


def _half_widths(
    residuals: Float, clusters: Clusters, level: float, draws: int, seed: int
) -> Float:
    """Return half the width of each interval; nan where too few replicates hold any item."""
    chances = np.full(clusters.count, 1 / clusters.count)
    drawn = np.random.default_rng(seed).multinomial(clusters.count, chances, draws)
    weights = np.vstack([np.ones(clusters.count), drawn])
    deviations, errors = _replicates(weights, _PairSums.of(residuals, clusters))
    # A replicate in which all scores happen to be equal has no error of its own.
    own = np.where(errors[1:] > _EQUAL * errors[0], errors[1:], errors[0])
    away = np.divide(np.abs(deviations[1:]), own, out=np.zeros_like(own), where=own > 0)
    reach = np.array([critical_value(column, level) for column in away.T])
    return np.where(np.isfinite(reach), reach * errors[0], np.nan)


@dataclass(frozen=True)
class _PairSums:
    """Residuals of many scores, summed by pair of clusters.

    Attributes:
        sums: `(scores, pairs)`.
        counts: Number of items, `(pairs,)`.
        first: One cluster of each pair.
        second: The other one; the same where both voices are of one cluster.
    """

    sums: Float
    counts: Float
    first: NDArray[np.intp]
    second: NDArray[np.intp]

    @classmethod
    def of(cls, residuals: Float, clusters: Clusters) -> _PairSums:
        pairs, place = clusters.pairs.shape[1], clusters.pair_of
        sums = np.array([np.bincount(place, row, minlength=pairs) for row in residuals])
        counts = np.bincount(place, minlength=pairs).astype(np.float64)
        return cls(sums, counts, *clusters.pairs)

    @property
    def alone(self) -> NDArray[np.bool_]:
        """Which pairs come with one cluster, and so once when that is drawn once."""
        same: NDArray[np.bool_] = self.first == self.second
        return same


def _replicates(weights: Float, pairs: _PairSums) -> tuple[Float, Float]:
    """Return deviations of means and their standard errors, `(replicates, scores)` each.

    Args:
        weights: How often each cluster was drawn, `(replicates, clusters)`; a replicate that holds
            no item is left out.
        pairs: Of the scores.
    """
    blocks = [
        _over_pairs(weights[start : start + _BLOCK], pairs)
        for start in range(0, len(weights), _BLOCK)
    ]
    held, items, deviations, least, twice = (
        np.concatenate(parts) for parts in zip(*blocks, strict=True)
    )
    clustered = _over_clusters(weights[held], pairs, deviations) - twice
    return deviations, np.sqrt(np.maximum(np.maximum(clustered, least), 0.0)) / items


def _over_pairs(weights: Float, pairs: _PairSums) -> tuple[NDArray[np.generic], ...]:
    """Return which replicates hold items and how many, deviations, and squares over pairs.

    The squares are of residuals, weighted: over all pairs, and over those of two clusters.
    """
    alone = pairs.alone
    weight = weights[:, pairs.first] * np.where(alone, 1.0, weights[:, pairs.second])
    items = weight @ pairs.counts
    held = items > 0
    weight, items = weight[held], items[held, None]
    deviations = weight @ pairs.sums.T / items
    squares = [
        weight @ (chosen * pairs.sums**2).T
        - 2 * deviations * (weight @ (chosen * pairs.sums * pairs.counts).T)
        + deviations**2 * (weight @ (chosen * pairs.counts**2))[:, None]
        for chosen in (np.ones_like(pairs.counts), 1.0 - alone)
    ]
    return held, items, deviations, squares[0], squares[1]


def _over_clusters(weights: Float, pairs: _PairSums, deviations: Float) -> Float:
    """Squares of each cluster's weighted sum of residuals, summed over clusters."""
    drawn = np.vstack([weights.T, np.ones(len(weights))])
    counts = _met(pairs, pairs.counts, drawn)
    found = [
        np.einsum("cr,cr->r", drawn[:-1], (_met(pairs, row, drawn) - deviation * counts) ** 2)
        for row, deviation in zip(pairs.sums, deviations.T, strict=True)
    ]
    return np.stack(found, axis=1)


def _met(pairs: _PairSums, of_pairs: Float, drawn: Float) -> Float:
    """Sum what pairs hold by cluster, as often as the other one was drawn.

    Args:
        pairs: Which clusters meet.
        of_pairs: What is summed, `(pairs,)`.
        drawn: How often, `(clusters + 1, replicates)`; the last row holds ones.
    """
    clusters = len(drawn) - 1
    two = ~pairs.alone
    rows = np.concatenate([pairs.first, pairs.second[two]])
    # A pair inside a cluster is added without a weight.
    others = np.concatenate([np.where(two, pairs.second, clusters), pairs.first[two]])
    entries = np.concatenate([of_pairs, of_pairs[two]])
    matrix = csr_array((entries, (rows, others)), shape=(clusters, clusters + 1))
    return np.asarray(matrix @ drawn)
