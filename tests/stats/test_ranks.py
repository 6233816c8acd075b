"""Ranks say what the data can tell."""

from __future__ import annotations

import numpy as np
import pytest

from bench.stats.ranks import RankInterval, rank_intervals

NAMES = [f"s{k}" for k in range(60)]
RING = NAMES[1:] + NAMES[:1]


def _scores(*means: float) -> np.ndarray:
    generator = np.random.default_rng(0)
    hard = generator.standard_normal(60)  # for all systems alike
    return np.stack([mean + hard + 0.3 * generator.standard_normal(60) for mean in means])


def _texts(scores: np.ndarray) -> list[str]:
    return [str(rank) for rank in rank_intervals(scores, NAMES, RING)]


def test_clearly_ordered_systems_have_exact_ranks() -> None:
    assert _texts(_scores(1.0, 3.0, 2.0, 0.0)) == ["3", "1", "2", "4"]


def test_systems_that_cannot_be_told_apart_share_ranks() -> None:
    assert _texts(_scores(3.0, 1.0, 1.0, 1.0)) == ["1", "2-4", "2-4", "2-4"]


def test_a_system_between_two_may_be_apart_from_neither() -> None:
    scores = _scores(0.0, 0.0, 0.0)
    scores -= scores.mean(axis=1, keepdims=True)
    scores += np.array([[0.1], [0.0], [-0.1]])
    assert _texts(scores) == ["1-2", "1-3", "2-3"]


def test_the_same_system_twice_shares_its_rank_whatever_the_last_bits() -> None:
    (one,) = _scores(1.0)
    again = one + 1e-9 * np.random.default_rng(1).standard_normal(60)
    assert _texts(np.stack([one, one, again, again - 1.0])) == ["1-3", "1-3", "1-3", "4"]


def test_constant_scores_are_ranked_by_what_they_are() -> None:
    assert _texts(np.array([[1.0] * 60, [2.0] * 60, [2.0] * 60])) == ["3", "1-2", "1-2"]


def test_one_system_is_the_first() -> None:
    assert rank_intervals(np.ones((1, 60)), NAMES, RING) == [RankInterval(1, 1)]


def test_too_few_clusters_tell_nothing() -> None:
    ranks = rank_intervals(np.array([[9.0, 9.0], [1.0, 2.0]]), ["a", "b"], ["b", "a"])
    assert ranks == [RankInterval(1, 2)] * 2


def test_equal_seeds_give_equal_ranks() -> None:
    scores = _scores(0.0, 0.05, 0.1, 0.15)
    assert rank_intervals(scores, NAMES, RING, seed=1) == rank_intervals(
        scores, NAMES, RING, seed=1
    )


def test_what_cannot_be_ranked_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        rank_intervals(np.array([[np.nan, 1.0]]), ["a", "b"], ["b", "a"])
    with pytest.raises(ValueError, match="shape"):
        rank_intervals(np.ones((2, 3)), ["a", "b"], ["b", "a"])
    with pytest.raises(ValueError, match="shape"):
        rank_intervals(np.ones(2), ["a", "b"], ["b", "a"])
