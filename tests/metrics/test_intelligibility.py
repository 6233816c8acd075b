"""STOI and ESTOI against pystoi, and where pystoi answers at random or with 1e-5."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pystoi
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from metric_cases import RATE, babble, damaged

from bench.metrics import estoi, resample, stoi
from bench.metrics.intelligibility import TOO_SHORT, intelligibility


def peer(estimate: np.ndarray, reference: np.ndarray, rate: int, *, extended: bool) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(pystoi.stoi(reference, estimate, rate, extended=extended))


@pytest.mark.parametrize("rate", [8000, 10000, 16000, 22050, 44100, 48000])
def test_against_pystoi_at_every_rate(rate: int) -> None:
    for seed in range(3):
        estimate, target = damaged(seed)
        for compute, extended in ((stoi, False), (estoi, True)):
            found = compute(estimate=estimate, reference=target, sample_rate=rate)
            expected = peer(estimate, target, rate, extended=extended)
            assert found == pytest.approx(expected, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(9_000, 40_000), st.floats(0.0, 0.6))
def test_against_pystoi_at_every_length_and_with_pauses(
    seed: int, samples: int, pause: float
) -> None:
    estimate, target = (np.resize(signal, samples) for signal in damaged(seed))
    target = target.copy()
    target[: int(pause * samples)] *= 1e-4
    for compute, extended in ((stoi, False), (estoi, True)):
        found = compute(estimate=estimate, reference=target)
        expected = peer(estimate, target, RATE, extended=extended)
        assert found == pytest.approx(expected, abs=1e-9)


def test_perfect_copies_and_gains() -> None:
    estimate, target = damaged(0)
    for compute in (stoi, estoi):
        assert compute(estimate=target, reference=target) == pytest.approx(1.0, abs=1e-9)
        expected = compute(estimate=estimate, reference=target)
        louder = compute(estimate=-30 * estimate, reference=0.1 * target)
        assert louder == pytest.approx(expected, abs=1e-9)


def test_silence_is_zero_every_time() -> None:
    target, zeros = babble(0)[0], np.zeros(32000)
    for compute in (stoi, estoi):
        assert compute(estimate=zeros, reference=target) == 0
        assert compute(estimate=target, reference=zeros) == 0
        assert compute(estimate=zeros, reference=zeros) == 0


def test_a_long_silence_inside_the_estimate_is_deterministic() -> None:
    estimate, target = damaged(0)
    estimate[8000:24000] = 0
    found = {float(estoi(estimate=estimate, reference=target)) for _ in range(3)}
    assert len(found) == 1
    expected = peer(estimate, target, RATE, extended=True)
    assert found.pop() == pytest.approx(expected, abs=0.05)  # the peer adds noise there


@pytest.mark.parametrize("samples", [1, 100, 400, 4800, 6000])
def test_too_short_is_marked(samples: int) -> None:
    estimate, target = (signal[:samples] for signal in damaged(0))
    assert stoi(estimate=estimate, reference=target) == TOO_SHORT
    assert estoi(estimate=estimate, reference=target) == TOO_SHORT
    (result,) = intelligibility(estimate[None], target, RATE)
    assert not result.long_enough


def test_just_long_enough() -> None:
    estimate, target = (np.resize(signal, 6600) for signal in damaged(0))
    expected = peer(estimate, target, RATE, extended=False)
    assert stoi(estimate=estimate, reference=target) == pytest.approx(expected, abs=1e-9)


def test_nan_and_empty_signals() -> None:
    target = babble(0)[0]
    bad = target.copy()
    bad[5] = np.nan
    for compute in (stoi, estoi):
        assert math.isnan(compute(estimate=bad, reference=target))
        assert math.isnan(compute(estimate=target, reference=bad))
        assert math.isnan(compute(estimate=[], reference=[]))
    assert math.isnan(stoi(estimate=bad[:400], reference=target[:400]))
    both = stoi(estimate=np.stack([bad, target]), reference=target)
    assert np.isnan(both).tolist() == [True, False]


def test_batches_equal_singles_and_share_a_reference() -> None:
    pairs = [damaged(seed) for seed in range(4)]
    estimate, target = (np.stack(side).reshape(2, 2, -1) for side in zip(*pairs, strict=True))
    for compute in (stoi, estoi):
        found = compute(estimate=torch.from_numpy(estimate), reference=target)
        singles = [compute(estimate=e, reference=t) for e, t in pairs]
        assert found.ravel().tolist() == singles  # to the last bit
        shared = compute(estimate=estimate, reference=target[0, 0])
        assert shared[0, 0] == pytest.approx(singles[0], abs=1e-12)


def test_both_at_once_equal_each_alone() -> None:
    estimate, target = damaged(5)
    (both,) = intelligibility(estimate[None], target, RATE)
    assert both.stoi == stoi(estimate=estimate, reference=target)
    assert both.estoi == estoi(estimate=estimate, reference=target)


def test_ten_minutes() -> None:
    target = np.tile(babble(0)[0], 300)
    assert stoi(estimate=target, reference=target) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("from_hz", "to_hz"),
    [(16000, 10000), (44100, 10000), (8000, 16000), (48000, 16000), (22050, 16000), (16001, 10000)],
)
def test_resampling_is_octaves_filter(from_hz: int, to_hz: int) -> None:
    signals = np.random.default_rng(0).standard_normal((2, 3001))
    expected = [pystoi.utils.resample_oct(row, to_hz, from_hz) for row in signals]
    found = resample(signals, from_hz=from_hz, to_hz=to_hz)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("samples", [0, 1, 2, 7, 580, 581])
def test_resampling_very_short_signals(samples: int) -> None:
    found = resample(np.ones(samples), from_hz=16000, to_hz=10000)
    assert found.shape == (math.ceil(samples * 10 / 16),)


def test_resampling_keeps_a_tone_and_removes_what_would_alias() -> None:
    time_s = np.arange(48000) / 48000
    low, high = (np.sin(2 * np.pi * hertz * time_s) for hertz in (1000, 20000))
    found = resample(low + high, from_hz=48000, to_hz=16000)[1000:-1000]
    expected = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)[1000:-1000]
    assert np.abs(found - expected).max() < 2e-3
    assert resample(low, from_hz=48000, to_hz=48000) is low
