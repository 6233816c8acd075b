"""Figures of a paired comparison that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bench.stats.clusters import (
    Clusters,
    critical_value,
    resample_differences,
    resample_means,
)
from bench.stats.paired import paired_difference

NAMES = [f"s{k}" for k in range(40)]
RING = NAMES[1:] + NAMES[:1]


def test_means_effects_and_wins_are_those_of_the_items() -> None:
    found = paired_difference([3.0, 1.0, 2.0, 2.0], [1.0, 2.0, 2.0, 0.0], "abcd", "badc")
    assert found.mean == pytest.approx(0.75)
    assert found.effect_size == pytest.approx(0.75 / np.std([2.0, -1.0, 0.0, 2.0], ddof=1))
    assert (found.won, found.tied, found.items, found.clusters) == (0.5, 0.25, 4, 4)


def test_the_standard_error_is_that_of_data_on_pairs() -> None:
    """Sums of residuals by speaker less those by pair, by hand; never less than those by pair."""
    # Residuals -3, 0, 2, 1 of the pairs ab, bc, cd, and ab again the other way round.
    found = errors([1.0, 4.0, 6.0, 5.0], "abcb", "bcda")
    by_speaker, by_pair = [-2.0, -2.0, 2.0, 2.0], [-2.0, 0.0, 2.0]
    assert found == pytest.approx(np.sqrt(np.sum(np.square(by_speaker)) - 8) / 4)
    assert np.sum(np.square(by_pair)) == 8
    # Residuals -2, -1, 3: by speaker 1, -3, 2, squared 14, the same as by pair.
    assert errors([1.0, 2.0, 6.0], "aba", "bcc") == pytest.approx(np.sqrt(14) / 3)


def errors(values: list[float], targets: str, interferers: str) -> float:
    clusters = Clusters.of(list(targets), list(interferers))
    resampled = resample_means(np.array([values]), clusters, draws=1, seed=0)
    return float(resampled.errors[0])


def test_roles_with_names_of_their_own_make_plain_two_way_clusters() -> None:
    """Sums by target plus sums by interferer less those by cell, as for any two-way data."""
    # Residuals -3, -2, 0, 5: by target -5, 5; by interferer -3, 3.
    found = errors([1.0, 2.0, 4.0, 9.0], "aabb", "xyxy")
    assert found == pytest.approx(np.sqrt(max(25 + 25 + 9 + 9 - 38, 38)) / 4)


def test_replicates_weigh_items_by_how_often_both_speakers_were_drawn() -> None:
    """Against the plainest loops, with mixtures of one speaker with herself and repeated pairs."""
    generator = np.random.default_rng(0)
    roles = generator.integers(0, 7, (2, 60))
    values = generator.standard_normal((3, 60))
    clusters = Clusters.of(*[[str(k) for k in role] for role in roles])
    alone = resample_means(values, clusters, draws=5, seed=3)
    pairs = resample_differences(values, clusters, draws=5, seed=3)
    differences = np.stack([values[0] - values[1], values[0] - values[2], values[1] - values[2]])
    drawn = np.random.default_rng(3).multinomial(7, np.full(7, 1 / 7), 5)
    for found, rows in ((alone, values), (pairs, differences)):
        assert found.means == pytest.approx(rows.mean(axis=1))
        for place, row in enumerate(rows):
            mean, error = _plainly(row, roles, np.ones(7))
            assert found.errors[place] == pytest.approx(error)
            for number, times in enumerate(drawn):
                other, own_error = _plainly(row, roles, times)
                distance = abs(other - mean) / own_error
                assert found.distances[number, place] == pytest.approx(distance)


def _plainly(values: np.ndarray, roles: np.ndarray, times: np.ndarray) -> tuple[float, float]:
    """Mean and standard error of a replicate in which each speaker comes so many times."""
    alone = roles[0] == roles[1]
    weights = times[roles[0]] * np.where(alone, 1, times[roles[1]])
    mean = (values * weights).sum() / weights.sum()
    residuals = values - mean
    by_speaker = by_pair = inside = 0.0
    for speaker in range(7):
        met = 0.0
        for item in np.flatnonzero((roles == speaker).any(axis=0)):
            other = roles[:, item].sum() - speaker
            met += residuals[item] * (1 if alone[item] else times[other])
        by_speaker += times[speaker] * met**2
    for one in range(7):
        for other in range(one, 7):
            of = (roles.min(axis=0) == one) & (roles.max(axis=0) == other)
            if of.any():
                square = residuals[of].sum() ** 2 * weights[of][0]
                by_pair += square
                inside += square if one == other else 0.0
    variance = max(by_speaker - by_pair + inside, by_pair) / weights.sum() ** 2
    return float(mean), float(np.sqrt(variance))


def test_the_interval_leaves_out_zero_exactly_where_p_is_small() -> None:
    generator = np.random.default_rng(1)
    seen = set()
    for _ in range(60):
        values = generator.standard_normal(40) + 0.35
        found = paired_difference(values, np.zeros(40), NAMES, RING, draws=199)
        significant = found.p_value <= 0.05
        assert significant == (found.low > 0 or found.high < 0)
        seen.add(significant)
    assert seen == {True, False}


def test_exchanging_the_systems_turns_the_signs() -> None:
    generator = np.random.default_rng(2)
    one, other = generator.standard_normal((2, 40))
    forward = paired_difference(one, other, NAMES, RING)
    back = paired_difference(other, one, NAMES, RING)
    assert (back.mean, back.low, back.high) == pytest.approx(
        (-forward.mean, -forward.high, -forward.low)
    )
    assert back.p_value == forward.p_value
    assert back.won == pytest.approx(1 - forward.won)


def test_equal_scores_differ_by_nothing() -> None:
    found = paired_difference([0.1] * 40, [0.1] * 40, NAMES, RING)
    assert (found.mean, found.low, found.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)
    assert np.isnan(found.effect_size)
    assert found.tied == 1.0


def test_the_same_difference_everywhere_is_beyond_doubt() -> None:
    generator = np.random.default_rng(3)
    values = generator.standard_normal(40)
    found = paired_difference(values + 0.1, values, NAMES, RING)
    assert (found.low, found.high) == pytest.approx((0.1, 0.1))
    assert found.p_value == pytest.approx(1 / 2001)


@pytest.mark.parametrize(
    ("targets", "interferers"), [("aaaa", "bcde"), ("abab", "baba"), ("abcd", "badc")]
)
def test_too_few_clusters_have_no_interval(targets: str, interferers: str) -> None:
    found = paired_difference([1.0, 2.0, 4.0, 1.5], [0.0] * 4, targets, interferers)
    assert found.mean == 2.125
    assert np.isnan([found.low, found.high, found.p_value]).all()


def test_equal_seeds_give_equal_results() -> None:
    values = np.random.default_rng(4).standard_normal(40)
    zeros = np.zeros(40)
    first, second = (paired_difference(values, zeros, NAMES, RING, seed=5) for _ in range(2))
    assert first == second
    assert first.high != paired_difference(values, zeros, NAMES, RING, seed=6).high


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="of one length"):
        paired_difference([1.0], [1.0, 2.0], ["a"], ["b"])
    with pytest.raises(ValueError, match="of one length"):
        paired_difference([1.0], [1.0], ["a"], ["b", "c"])
    with pytest.raises(ValueError, match="at least 1"):
        paired_difference([], [], [], [])
    with pytest.raises(ValueError, match="finite"):
        paired_difference([np.nan], [1.0], ["a"], ["b"])


def test_a_critical_value_is_that_of_the_p_value() -> None:
    distances = np.arange(1.0, 20.0)  # 19 replicates: p = 0.05 only beyond all of them
    assert critical_value(distances, 0.95) == 19.0
    assert critical_value(distances, 0.90) == 18.0
    assert critical_value(distances[:-1], 0.95) == np.inf
