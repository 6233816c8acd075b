"""Resampling the means of scores that share speakers: the two-way cluster bootstrap, studentised.

A target's score belongs to two clusters at once: the speaker (or video, or talk) of the target and
that of the interferer. Whatever two scores have a speaker in common, in either role, they are not
independent. Here the speakers are drawn with replacement, and a score counts as often as the
product of how often its two speakers were drawn (Owen, "The pigeonhole bootstrap", Annals of
Applied Statistics 1, 2007). A speaker is drawn once for both roles: one who is hard to separate may
be a hard interferer too, which drawing the roles apart would miss.

Those weights count the noise of a single mixture threefold, and few speakers make percentiles too
narrow. Both are mended by dividing each replicate by its own standard error (the bootstrap-t). The
variance of a mean is that of data on pairs (Aronow, Samii and Assenova, "Cluster-robust variance
estimation for dyadic data", Political Analysis 23, 2015): the squared sums of residuals by speaker
less those by pair of speakers, which the former hold twice. It is never taken to be less than the
latter, the variance of independent pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

__all__ = [
    "Clusters",
    "Resampled",
    "critical_value",
    "resample_differences",
    "resample_means",
]

Float = NDArray[np.float64]
# Positions of the first and of the second system of each product.
Products = tuple[NDArray[np.intp], NDArray[np.intp]]

# What a subtraction of equal numbers may leave, relative to their size.
_ROUNDING = 1e-12
# Two systems whose difference varies by less than this share of their own variances are the same
# one: computed on another machine, say.
_SAME = 1e-10
# A standard error that is so much smaller than that of the data is none.
_EQUAL = 1e-6
# With so many clusters, and pairs of them, simulated intervals begin to hold what they promise.
_FEWEST = 4
# So many replicates are computed at a time; memory, and what the processor keeps at hand.
_BLOCK = 250


@dataclass(frozen=True)
class Clusters:
    """Which clusters each item belongs to.

    Attributes:
        count: Number of different clusters, both roles together.
        smaller: The smaller number of clusters of the two roles.
        pairs: Clusters that meet in some item, `(2, pairs)`; whoever is target.
        pair_of: Position among the pairs, by item.
    """

    count: int
    smaller: int
    pairs: NDArray[np.intp]
    pair_of: NDArray[np.intp]

    @classmethod
    def of(cls, targets: Sequence[str], interferers: Sequence[str]) -> Clusters:
        """Number the clusters of items.

        Raises:
            ValueError: No items, or sequences of unequal lengths.
        """
        if not len(targets) == len(interferers) > 0:
            raise ValueError("targets and interferers must be of one length, at least 1")
        number = {name: k for k, name in enumerate(sorted({*targets, *interferers}))}
        roles = np.array([[number[name] for name in role] for role in (targets, interferers)])
        codes, pair_of = np.unique(
            roles.min(axis=0) * len(number) + roles.max(axis=0), return_inverse=True
        )
        pairs = np.stack(np.divmod(codes, len(number)))
        return cls(len(number), min(len(set(targets)), len(set(interferers))), pairs, pair_of)

    @property
    def too_few(self) -> bool:
        """Whether there is too little to draw from for any interval."""
        return bool(min(self.smaller, self.pairs.shape[1]) < _FEWEST)


@dataclass(frozen=True)
class Resampled:
    """Means, and how they vary when the clusters are drawn anew.

    Attributes:
        means: `(means,)`.
        errors: Standard error of each.
        distances: How many of its own standard errors each replicate is away from the mean, either
            way, `(replicates, means)`.
    """

    means: Float
    errors: Float
    distances: Float

    def interval(self, place: int, level: float) -> tuple[float, float, float]:
        """Give one mean an interval, and the p-value of its being zero.

        The interval is the mean plus and minus so many of its standard errors as a share `level` of
        the replicates stay within. The p-value is the share of replicates that are as many of
        theirs away from the mean as that is from zero, the data counted as one more.

        Returns:
            Lower end, upper end and p-value; nan where there are too few replicates.
        """
        mean, error = float(self.means[place]), float(self.errors[place])
        distances = self.distances[:, place]
        reach = critical_value(distances, level)
        if not np.isfinite(reach):
            return np.nan, np.nan, np.nan
        if error > 0:
            as_far = int(np.sum(distances >= abs(mean) / error))
        else:
            as_far = 0 if mean else len(distances)
        p_value = (1 + as_far) / (1 + len(distances))
        return mean - reach * error, mean + reach * error, p_value


@dataclass(frozen=True)
class _Moments:
    """What replicates say of the means of systems; the first one is the data as they are.

    Attributes:
        deviations: Mean less that of the data, `(replicates, systems)`.
        clustered: Products of the errors of two systems' means, `(replicates, products)`.
        least: The same if pairs of clusters were independent: no variance is below.
    """

    deviations: Float
    clustered: Float
    least: Float


def resample_means(values: Float, clusters: Clusters, *, draws: int, seed: int) -> Resampled:
    """Draw clusters with replacement and look at the mean of each system.

    Args:
        values: Finite scores, `(systems, items)`.
        clusters: Of the items.
        draws: Number of replicates; one that holds no item at all is left out.
        seed: Of the draws; the same seed draws the same clusters.
    """
    each = np.arange(len(values))
    moments = _resampled(values, clusters, (each, each), draws, seed)
    variances = np.maximum(moments.clustered, moments.least)
    return _studentised(values.mean(axis=1), moments.deviations, variances)


def resample_differences(values: Float, clusters: Clusters, *, draws: int, seed: int) -> Resampled:
    """Draw clusters with replacement and look at the difference of every pair of systems.

    Args:
        values: As in `resample_means`, and so is everything else.

    Returns:
        The first less the second of each pair, in the order of `itertools.combinations`.
    """
    systems = len(values)
    both = np.triu_indices(systems)
    moments = _resampled(values, clusters, both, draws, seed)
    one, other = np.triu_indices(systems, 1)
    square = np.zeros((systems, systems), np.intp)
    square[both] = np.arange(len(both[0]))
    plain = [
        products[:, square[one, one]]
        + products[:, square[other, other]]
        - 2.0 * products[:, square[one, other]]
        for products in (moments.clustered, moments.least)
    ]
    same = moments.least[:, square[one, one]] + moments.least[:, square[other, other]]
    variances = np.maximum.reduce([*plain, _SAME * same])
    means, deviations = values.mean(axis=1), moments.deviations
    return _studentised(
        means[one] - means[other], deviations[:, one] - deviations[:, other], variances
    )


def _studentised(means: Float, deviations: Float, variances: Float) -> Resampled:
    """Divide deviations by their standard errors; the first row is that of the data."""
    errors = np.sqrt(np.maximum(variances, 0.0))
    # A replicate in which all scores happen to be equal has no error of its own.
    own = np.where(errors[1:] > _EQUAL * errors[0], errors[1:], errors[0])
    away = np.abs(deviations[1:])
    return Resampled(means, errors[0], np.divide(away, own, out=np.zeros_like(away), where=own > 0))


def critical_value(distances: Float, level: float) -> float:
    """Return what a share `level` of replicates does not exceed; infinite where none is known.

    A distance above it is one whose p-value, (1 + replicates as far) / (1 + replicates), is at most
    1 - `level`.
    """
    place = int(np.ceil((len(distances) + 1) * level)) - 1
    return float(np.sort(distances)[place]) if place < len(distances) else np.inf


def _resampled(
    values: Float, clusters: Clusters, products: Products, draws: int, seed: int
) -> _Moments:
    """Draw replicates, and multiply the errors of the systems that `products` names."""
    residuals = values - values.mean(axis=1, keepdims=True)
    residuals[np.abs(residuals) <= _ROUNDING * np.abs(values).max(axis=1, keepdims=True)] = 0.0
    sums, counts = _by_pair(residuals, clusters)
    generator = np.random.default_rng(seed)
    even = np.full(clusters.count, 1 / clusters.count)
    weights = np.vstack(
        [np.ones(clusters.count), generator.multinomial(clusters.count, even, draws)]
    )
    blocks = [
        _replicates(weights[start : start + _BLOCK], sums, counts, clusters.pairs, products)
        for start in range(0, len(weights), _BLOCK)
    ]
    return _Moments(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def _by_pair(residuals: Float, clusters: Clusters) -> tuple[Float, Float]:
    """Sums of residuals `(systems, pairs)`, and numbers of items `(pairs,)`."""
    pairs = clusters.pairs.shape[1]
    sums = [np.bincount(clusters.pair_of, row, minlength=pairs) for row in residuals]
    return np.array(sums), np.bincount(clusters.pair_of, minlength=pairs).astype(np.float64)


def _replicates(
    weights: Float, sums: Float, counts: Float, pairs: NDArray[np.intp], products: Products
) -> tuple[Float, Float, Float]:
    """Compute the moments of some replicates.

    Args:
        weights: How often each cluster was drawn, `(replicates, clusters)`.
        sums: Of residuals, `(systems, pairs)`.
        counts: Numbers of items, `(pairs,)`.
        pairs: The clusters that meet, `(2, pairs)`.
        products: The systems to multiply.
    """
    alone = pairs[0] == pairs[1]  # both voices of one cluster: it comes with that cluster, once
    pair_weights = weights[:, pairs[0]] * np.where(alone, 1.0, weights[:, pairs[1]])
    items = pair_weights @ counts
    held = items > 0
    weights, pair_weights, items = weights[held], pair_weights[held], items[held]
    deviations = pair_weights @ sums.T / items[:, None]
    both = _over_pairs(pair_weights, sums, counts, deviations, products)
    once = _over_pairs(pair_weights[:, alone], sums[:, alone], counts[alone], deviations, products)
    clustered = _over_clusters(weights, _met(weights, sums, counts, pairs), deviations, products)
    scale = items[:, None] ** 2
    return deviations, (clustered - (both - once)) / scale, both / scale


def _over_pairs(
    pair_weights: Float, sums: Float, counts: Float, deviations: Float, products: Products
) -> Float:
    """Products of two systems' residuals summed over pairs, `(replicates, products)`."""
    one, other = products
    plain = pair_weights @ (sums[one] * sums[other]).T
    counted = pair_weights @ (sums * counts).T
    crossed = counted[:, one] * deviations[:, other] + counted[:, other] * deviations[:, one]
    squared = (pair_weights @ counts**2)[:, None]
    return np.asarray(plain - crossed + deviations[:, one] * deviations[:, other] * squared)


def _met(weights: Float, sums: Float, counts: Float, pairs: NDArray[np.intp]) -> Float:
    """Residuals, and last the number of items, that each cluster meets in a replicate.

    Returns:
        `(systems + 1, clusters, replicates)`.
    """
    replicates, clusters = weights.shape
    tables = np.vstack([sums, counts])
    first, second = pairs
    alone = first == second
    starts = np.arange(len(tables))[:, None] * clusters
    rows = np.concatenate([starts + first, (starts + second)[:, ~alone]], axis=1)
    # A pair inside a cluster is added without a weight: its column is the constant one.
    columns = np.concatenate([np.where(alone, clusters, second), first[~alone]])
    entries = np.concatenate([tables, tables[:, ~alone]], axis=1)
    matrix = csr_array(
        (entries.ravel(), (rows.ravel(), np.tile(columns, len(tables)))),
        shape=(len(tables) * clusters, clusters + 1),
    )
    padded = np.hstack([weights, np.ones((replicates, 1))])
    return np.asarray(matrix @ padded.T).reshape(len(tables), clusters, replicates)


def _over_clusters(weights: Float, met: Float, deviations: Float, products: Products) -> Float:
    """Products of two systems' residuals summed by cluster, `(replicates, products)`."""
    one, other = products
    drawn, counts = weights.T, met[-1]
    residuals = (own - mean * counts for own, mean in zip(met[:-1], deviations.T, strict=True))
    if np.array_equal(one, other):
        return np.stack([np.einsum("cr,cr->r", drawn, x * x) for x in residuals], axis=1)
    by_replicate = np.stack(list(residuals)).transpose(2, 0, 1)
    square = (by_replicate * weights[:, None, :]) @ by_replicate.transpose(0, 2, 1)
    return np.asarray(square[:, one, other])
