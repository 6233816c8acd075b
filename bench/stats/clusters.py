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

__all__ = ["Clusters", "Resampled", "critical_value", "resample_means"]

Float = NDArray[np.float64]

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
    """The mean scores of systems, and how they vary when the clusters are drawn anew.

    Attributes:
        means: `(systems,)`.
        deviations: Mean of each replicate less that of the data, `(replicates, systems)`.
        covariances: Of the means, estimated in the data first and then in each replicate,
            `(1 + replicates, systems, systems)`.
        least: The same if pairs of clusters were independent: no variance is below.
    """

    means: Float
    deviations: Float
    covariances: Float
    least: Float

    def studentised(self, contrast: Float) -> tuple[float, float, Float]:
        """Reduce to one sum of systems, such as a difference of two.

        Args:
            contrast: Factor of each system, `(systems,)`.

        Returns:
            The mean of the sum, its standard error, and how many of its own standard errors each
            replicate is away from the mean, either way.
        """
        spread = np.abs(contrast) @ np.diagonal(self.covariances, axis1=1, axis2=2).T
        variances = np.maximum.reduce(
            [
                (self.covariances @ contrast) @ contrast,
                (self.least @ contrast) @ contrast,
                _SAME * spread if len(contrast) > 1 else np.zeros_like(spread),
            ]
        )
        errors = np.sqrt(variances)
        # A replicate in which all scores happen to be equal has no error of its own.
        own = np.where(errors[1:] > _EQUAL * errors[0], errors[1:], errors[0])
        deviations = np.abs(self.deviations @ contrast)
        away = np.divide(deviations, own, out=np.zeros_like(deviations), where=own > 0)
        return float(self.means @ contrast), float(errors[0]), away


def resample_means(values: Float, clusters: Clusters, *, draws: int, seed: int) -> Resampled:
    """Draw clusters with replacement and look at the means of systems.

    Args:
        values: Finite scores, `(systems, items)`.
        clusters: Of the items.
        draws: Number of replicates; one that holds no item at all is left out.
        seed: Of the draws; the same seed draws the same clusters.
    """
    means = values.mean(axis=1)
    residuals = values - means[:, None]
    residuals[np.abs(residuals) <= _ROUNDING * np.abs(values).max(initial=0.0)] = 0.0
    sums, counts = _by_pair(residuals, clusters)
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(
        clusters.count, np.full(clusters.count, 1 / clusters.count), draws
    )
    weights = np.vstack([np.ones(clusters.count), drawn])
    blocks = [
        _replicates(weights[start : start + _BLOCK], sums, counts, clusters.pairs)
        for start in range(0, len(weights), _BLOCK)
    ]
    deviations, covariances, least = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return Resampled(means, deviations[1:], covariances, least)


def critical_value(distances: Float, level: float) -> float:
    """Return what a share `level` of replicates does not exceed; infinite where none is known.

    A distance above it is one whose p-value, (1 + replicates as far) / (1 + replicates), is at most
    1 - `level`.
    """
    place = int(np.ceil((len(distances) + 1) * level)) - 1
    return float(np.sort(distances)[place]) if place < len(distances) else np.inf


def _by_pair(residuals: Float, clusters: Clusters) -> tuple[Float, Float]:
    """Sums of residuals `(systems, pairs)`, and numbers of items `(pairs,)`."""
    pairs = clusters.pairs.shape[1]
    sums = [np.bincount(clusters.pair_of, row, minlength=pairs) for row in residuals]
    return np.array(sums), np.bincount(clusters.pair_of, minlength=pairs).astype(np.float64)


def _replicates(
    weights: Float, sums: Float, counts: Float, pairs: NDArray[np.intp]
) -> tuple[Float, Float, Float]:
    """Deviations and covariances of some replicates, as `Resampled` has them.

    Args:
        weights: How often each cluster was drawn, `(replicates, clusters)`.
        sums: Of residuals, `(systems, pairs)`.
        counts: Numbers of items, `(pairs,)`.
        pairs: The clusters that meet, `(2, pairs)`.
    """
    alone = pairs[0] == pairs[1]  # both voices of one cluster: it comes with that cluster, once
    pair_weights = weights[:, pairs[0]] * np.where(alone, 1.0, weights[:, pairs[1]])
    items = pair_weights @ counts
    held = items > 0
    weights, pair_weights, items = weights[held], pair_weights[held], items[held]
    deviations = pair_weights @ sums.T / items[:, None]
    scale = (items**2)[:, None, None]
    both = _pair_products(pair_weights, sums, counts, deviations)
    once = _pair_products(pair_weights[:, alone], sums[:, alone], counts[alone], deviations)
    clustered = _cluster_products(weights, sums, counts, pairs, deviations)
    return deviations, (clustered - (both - once)) / scale, both / scale


def _pair_products(pair_weights: Float, sums: Float, counts: Float, deviations: Float) -> Float:
    """Products of two systems' residuals summed over pairs, `(replicates, systems, systems)`."""
    systems = len(sums)
    products = (sums[:, None] * sums).reshape(systems * systems, -1)
    plain = (pair_weights @ products.T).reshape(-1, systems, systems)
    crossed = (pair_weights @ (sums * counts).T)[:, :, None] * deviations[:, None, :]
    squared = (pair_weights @ counts**2)[:, None, None]
    outer = deviations[:, :, None] * deviations[:, None, :]
    return np.asarray(plain - crossed - crossed.transpose(0, 2, 1) + outer * squared)


def _cluster_products(
    weights: Float, sums: Float, counts: Float, pairs: NDArray[np.intp], deviations: Float
) -> Float:
    """Products of two systems' residuals summed by cluster, `(replicates, systems, systems)`."""
    replicates, clusters = weights.shape
    tables = np.vstack([sums, counts])  # (systems + 1, pairs)
    first, second = pairs
    alone = first == second
    rows = np.arange(len(tables))[:, None] * clusters
    place = np.concatenate([rows + first, (rows + second)[:, ~alone]], axis=1)
    # A pair inside a cluster is added without a weight: its column is the constant one.
    other = np.concatenate([np.where(alone, clusters, second), first[~alone]])
    entries = np.concatenate([tables, tables[:, ~alone]], axis=1)
    matrix = csr_array(
        (entries.ravel(), (place.ravel(), np.tile(other, len(tables)))),
        shape=(len(tables) * clusters, clusters + 1),
    )
    padded = np.hstack([weights, np.ones((replicates, 1))])
    met = np.asarray(matrix @ padded.T).reshape(len(tables), clusters, replicates)
    residuals = (met[:-1] - deviations.T[:, None, :] * met[-1]).transpose(2, 0, 1)
    return np.asarray((residuals * weights[:, None, :]) @ residuals.transpose(0, 2, 1))
