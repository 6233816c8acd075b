"""Subsets, slices and what a data set asks of its corpus."""

from __future__ import annotations

import collections
import pickle

import pytest

from bench.datasets import Dataset
from bench.errors import UsageError


def gains(part: Dataset) -> list[float]:
    chosen = set(part.ids)
    return [line.gains_db[0] for line in part.mixture_list.lines if line.name in chosen]


@pytest.mark.parametrize("limit", [4, 10, 20, 50])
def test_subsets_are_spread_over_pairs_and_levels(clips: Dataset, limit: int) -> None:
    part = clips.subset(limit)
    assert len(part) == len(set(part.ids)) == limit
    pairs = collections.Counter(item.conditions["sex_pair"] for item in part)
    assert pairs["FM"] == pytest.approx(limit / 2, abs=1)
    assert pairs["FF"] >= 1
    assert pairs["MM"] >= 1
    assert sum(gains(part)) / limit == pytest.approx(2.5, abs=0.7)


def test_a_subset_is_fixed_and_in_the_order_of_the_list(clips: Dataset, whole: Dataset) -> None:
    first, again = clips.subset(7), clips.subset(7)
    assert first.ids == again.ids
    positions = [clips.ids.index(id) for id in first.ids]
    assert positions == sorted(positions)
    assert any(gain < 0 for gain in gains(whole.subset(8)))


def test_a_subset_says_so(clips: Dataset) -> None:
    part = clips.subset(5)
    assert part.is_subset
    assert not clips.is_subset
    assert part.list_sha256 == clips.list_sha256
    assert part.fingerprint != clips.fingerprint
    assert clips.subset(100) is clips.subset(1000) is clips


def test_a_subset_travels(clips: Dataset) -> None:
    part = pickle.loads(pickle.dumps(clips.subset(3)))
    assert part.ids == clips.subset(3).ids
    assert repr(part) == "<Dataset talking-heads-2mix: 3 mixtures>"


def test_slices(clips: Dataset) -> None:
    assert clips[10:12].ids == clips.ids[10:12]
    assert clips[::-1].ids == clips.ids[::-1]
    assert [item.id for item in clips[:2]] == list(clips.ids[:2])


@pytest.mark.parametrize("limit", [0, -3])
def test_a_limit_is_at_least_one(clips: Dataset, limit: int) -> None:
    with pytest.raises(UsageError, match=f"limit of {limit}"):
        clips.subset(limit)
