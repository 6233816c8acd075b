"""Many intervals at once are those that come one by one."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from bench.stats.bootstrap import bootstrap_mean, bootstrap_means


@pytest.mark.parametrize(("items", "clusters"), [(300, 24), (40, 40), (12, 5), (6, 2), (1, 1)])
def test_they_are_the_intervals_that_come_one_by_one(items: int, clusters: int) -> None:
    generator = np.random.default_rng(items)
    values = generator.normal(12, 3, (4, items))
    values[2] = 2.5
    values[3] = 1e-9 * values[0]
    targets, interferers = generator.integers(0, clusters, (2, items)).astype(str)
    found = bootstrap_means(values, list(targets), list(interferers))
    for row, interval in zip(values, found, strict=True):
        alone = bootstrap_mean(row, list(targets), list(interferers))
        assert astuple(interval) == pytest.approx(astuple(alone), rel=1e-9, nan_ok=True)


def test_draws_and_level_are_those_asked_for() -> None:
    values = np.random.default_rng(0).normal(0, 1, (1, 60))
    names = [str(k % 12) for k in range(60)]
    others = [str((k + 1 + k // 12) % 12) for k in range(60)]
    (one,) = bootstrap_means(values, names, others, level=0.9, draws=500, seed=3)
    two = bootstrap_mean(values[0], names, others, level=0.9, draws=500, seed=3)
    assert astuple(one) == pytest.approx(astuple(two))


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="of one length"):
        bootstrap_means(np.ones((2, 1)), ["a", "b"], ["c"])
    with pytest.raises(ValueError, match="at least 1"):
        bootstrap_means(np.ones((2, 0)), [], [])
