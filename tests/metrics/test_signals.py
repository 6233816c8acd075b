"""Conversion, pairing and decibels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bench.errors import UsageError
from bench.metrics.signals import (
    HIGHEST_DB,
    LOWEST_DB,
    as_samples,
    by_reference,
    check_sample_rate,
    decibels,
    paired,
)


@pytest.mark.parametrize(
    "audio",
    [
        [1.0, -0.5],
        np.array([1.0, -0.5], np.float32),
        np.array([1.0, -0.5], np.float16),
        torch.tensor([1.0, -0.5], requires_grad=True),
        torch.tensor([1.0, -0.5], dtype=torch.bfloat16),
    ],
)
def test_everything_becomes_float64(audio: object) -> None:
    samples = as_samples(audio)
    assert samples.dtype == np.float64
    assert samples.tolist() == [1.0, -0.5]


@pytest.mark.parametrize("audio", ["abc", 1.0, [[1.0], [1.0, 2.0]], [1j, 2j], None, [True]])
def test_what_is_no_signal_is_refused(audio: object) -> None:
    with pytest.raises(UsageError, match="expected"):
        as_samples(audio)


def test_unequal_lengths_are_refused_with_both_numbers() -> None:
    with pytest.raises(UsageError, match="9 samples and the reference 10"):
        paired(np.ones(9), np.ones(10))


def test_leading_axes_must_broadcast() -> None:
    with pytest.raises(UsageError, match="leading axes"):
        paired(np.ones((2, 10)), np.ones((3, 10)))


def test_references_that_broadcast_come_once() -> None:
    estimate, reference = np.arange(12.0).reshape(3, 2, 2), np.array([[1.0, 1.0], [2.0, 2.0]])
    groups = list(by_reference(estimate, reference))
    assert [target.tolist() for target, _ in groups] == [[1.0, 1.0], [2.0, 2.0]]
    assert [index for index, _ in groups[1][1]] == [(0, 1), (1, 1), (2, 1)]
    assert [row.tolist() for _, row in groups[0][1]] == [[0.0, 1.0], [4.0, 5.0], [8.0, 9.0]]


def test_decibels_have_limits_and_no_infinities() -> None:
    found = decibels(np.array([1.0, 1.0, 0.0, 100.0, 0.0]), np.array([1.0, 0.0, 1.0, 1.0, 0.0]))
    np.testing.assert_allclose(found[:4], [0, HIGHEST_DB, LOWEST_DB, 20])
    assert np.isnan(found[4])
    assert pytest.approx(156.54, abs=0.01) == HIGHEST_DB


@pytest.mark.parametrize("rate", [0, -8000, 16000.5, True])
def test_rates_are_whole_and_positive(rate: float) -> None:
    with pytest.raises(UsageError, match="sample rate"):
        check_sample_rate(rate)
