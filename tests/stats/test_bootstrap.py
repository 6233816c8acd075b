"""Intervals over clusters cover what they promise; intervals over items would not."""

from __future__ import annotations

import numpy as np
import pytest

from bench.stats.bootstrap import bootstrap_mean, bootstrap_means
from bench.stats.paired import paired_difference


def _crossed(generator: np.random.Generator, clusters: int, items: int) -> tuple:
    """Scores whose target and interferer both have an effect of their own; the true mean is 0."""
    targets = generator.integers(0, clusters, items)
    interferers = (targets + generator.integers(1, clusters, items)) % clusters
    effects = generator.standard_normal((2, clusters))
    noise = 0.5 * generator.standard_normal(items)
    values = effects[0, targets] + effects[1, interferers] + noise
    return values, [str(t) for t in targets], [str(i) for i in interferers]


def test_the_mean_is_that_of_the_items() -> None:
    interval = bootstrap_mean([1.0, 2.0, 6.0, 3.0], "abcd", "bcda")
    assert interval.mean == pytest.approx(3.0)
    assert interval.low <= 3.0 <= interval.high
    assert interval.clusters == 4
    assert interval.known


def test_intervals_over_clusters_cover_and_intervals_over_items_do_not() -> None:
    generator = np.random.default_rng(7)
    inside = naive = 0
    trials = 150
    for _ in range(trials):
        values, targets, interferers = _crossed(generator, 40, 400)
        interval = bootstrap_mean(values, targets, interferers, draws=400)
        inside += interval.low <= 0.0 <= interval.high
        half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
        naive += abs(values.mean()) <= half
    assert 0.90 <= inside / trials <= 1.0
    assert naive / trials < 0.65


def test_equal_seeds_give_equal_intervals() -> None:
    values, targets, interferers = _crossed(np.random.default_rng(1), 10, 60)
    first, second = (bootstrap_mean(values, targets, interferers, seed=3) for _ in range(2))
    assert first == second
    assert first != bootstrap_mean(values, targets, interferers, seed=4)


def test_scores_of_the_same_items_share_their_draws() -> None:
    values, targets, interferers = _crossed(np.random.default_rng(1), 10, 60)
    rows = np.array([values, values + 1.0, -2.0 * values])
    first, shifted, other = bootstrap_means(rows, targets, interferers)
    alone = bootstrap_mean(values, targets, interferers)
    assert (first.low, first.high) == pytest.approx((alone.low, alone.high))
    assert (shifted.low, shifted.high) == pytest.approx((first.low + 1.0, first.high + 1.0))
    assert (other.low, other.high) == pytest.approx((-2.0 * first.high, -2.0 * first.low))


@pytest.mark.parametrize(("targets", "interferers"), [("aaaa", "bcde"), ("abca", "bcab")])
def test_too_few_clusters_have_no_interval(targets: str, interferers: str) -> None:
    interval = bootstrap_mean([1.0, 3.0, 2.0, 2.0], targets, interferers)
    assert interval.mean == 2.0
    assert np.isnan(interval.low)
    assert np.isnan(interval.high)
    assert not interval.known


def test_it_is_the_interval_of_a_difference_to_nothing() -> None:
    values, targets, interferers = _crossed(np.random.default_rng(2), 10, 60)
    alone = bootstrap_mean(values, targets, interferers)
    paired = paired_difference(values, np.zeros(60), targets, interferers)
    assert (alone.low, alone.high) == (paired.low, paired.high)


def test_constant_scores_have_an_interval_of_no_width() -> None:
    names = [str(k) for k in range(40)]
    interval = bootstrap_mean([2.5] * 40, names, names[::-1])
    assert (interval.low, interval.high) == (2.5, 2.5)


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="of one length"):
        bootstrap_mean([1.0], ["a", "b"], ["c"])
    with pytest.raises(ValueError, match="at least 1"):
        bootstrap_mean([], [], [])
