"""Intervals cover what they promise, and tests find what is there and no more.

`tests/benchmarks/bench_calibration.py` prints the same with more simulations.
"""

from __future__ import annotations

import numpy as np
import pytest
from simulated import List, made_list, official_list, over_groups, over_mixtures, simulate

from bench.stats.holm import holm
from bench.stats.paired import PairedDifference, paired_difference
from bench.stats.ranks import rank_intervals

DRAWS = 399


@pytest.fixture(scope="module")
def official() -> List:
    return official_list()[1]


@pytest.fixture(scope="module")
def small() -> List:
    return made_list(np.random.default_rng(1), videos=40, utterances=80, mixtures=300)


def compared(values: np.ndarray, of: List, seed: int = 0) -> PairedDifference:
    return paired_difference(values, np.zeros(len(values)), *of.clusters, draws=DRAWS, seed=seed)


def coverage(of: List, trials: int, **settings: float) -> tuple[float, float, float]:
    """Shares of intervals that hold the truth: over mixtures, over target utterances, two-way."""
    generator = np.random.default_rng(7)
    inside = np.zeros(3)
    for _ in range(trials):
        values = simulate(of, generator, **settings)
        two_way = compared(values, of)
        ends = [over_mixtures(values), over_groups(values, of.utterances[0])]
        inside += [low <= 0.0 <= high for low, high in (*ends, (two_way.low, two_way.high))]
    first, second, third = inside / trials
    return float(first), float(second), float(third)


@pytest.mark.parametrize("alike", [0.0, 0.8])
def test_only_two_way_intervals_cover_on_the_list_of_lrs2(official: List, alike: float) -> None:
    mixtures, utterances, two_way = coverage(official, 150, alike=alike)
    assert mixtures < 0.55
    assert mixtures < utterances < 0.86
    assert 0.91 <= two_way <= 0.985


@pytest.mark.parametrize("videos", [6, 12, 20])
def test_few_clusters_are_covered_too(videos: int) -> None:
    of = made_list(np.random.default_rng(2), videos=videos, utterances=2 * videos, mixtures=100)
    assert 0.91 <= coverage(of, 300)[2] <= 0.985


def test_equal_systems_are_told_apart_as_rarely_as_promised(small: List) -> None:
    generator = np.random.default_rng(3)
    p_values = [compared(simulate(small, generator), small).p_value for _ in range(400)]
    assert 0.025 <= np.mean(np.array(p_values) <= 0.05) <= 0.075
    assert 0.15 <= np.mean(np.array(p_values) <= 0.2) <= 0.25


def test_holm_keeps_the_promise_for_all_scores_together(small: List) -> None:
    """Seven scores of equal systems, as alike as scores are: the family errs in 5 % of cases."""
    generator = np.random.default_rng(4)
    families = plain = 0
    for _ in range(120):
        shared = simulate(small, generator)
        scores = [0.6 * shared + 0.8 * simulate(small, generator) for _ in range(7)]
        p_values = [compared(values, small).p_value for values in scores]
        plain += min(p_values) <= 0.05
        families += min(holm(p_values)) <= 0.05
    assert families / 120 <= 0.085
    assert plain / 120 > 0.12


def test_a_tenth_of_a_decibel_is_found_and_covered(official: List) -> None:
    generator = np.random.default_rng(5)
    found = covered = 0
    for _ in range(100):
        # Differences of similar systems vary by half a decibel from target to target.
        difference = compared(0.1 + 0.5 * simulate(official, generator), official)
        found += difference.p_value <= 0.05 and difference.mean > 0
        covered += difference.low <= 0.1 <= difference.high
    assert found >= 85
    assert 90 <= covered <= 99


def test_equal_systems_share_ranks_as_often_as_promised(small: List) -> None:
    generator = np.random.default_rng(6)
    wrong = 0
    for _ in range(200):
        scores = np.stack([simulate(small, generator) for _ in range(5)])
        scores += simulate(small, generator)  # what is hard for one is hard for all
        ranks = rank_intervals(scores, *small.clusters, draws=DRAWS)
        wrong += any((rank.low, rank.high) != (1, 5) for rank in ranks)
    assert wrong / 200 <= 0.085


def test_ranks_hold_the_truth_where_some_systems_are_equal(small: List) -> None:
    """True means 2, 1, 1, 0 at distances that are sometimes found: an interval never lies."""
    generator = np.random.default_rng(8)
    truth = [(1, 1), (2, 3), (2, 3), (4, 4)]
    wrong = exact = 0
    for _ in range(150):
        scores = np.stack([simulate(small, generator, mean=0.3 * m) for m in (2, 1, 1, 0)])
        ranks = rank_intervals(scores, *small.clusters, draws=DRAWS)
        wrong += any(
            r.low > best or r.high < worst for r, (best, worst) in zip(ranks, truth, strict=True)
        )
        exact += (ranks[0].low, ranks[0].high) == (1, 1)
    assert wrong / 150 <= 0.085
    assert exact >= 10
