"""SI-SNR, SI-SDR, SNR: by hand, against torchmetrics, and what must not change them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from metric_cases import babble, damaged
from torchmetrics.functional.audio import (
    scale_invariant_signal_distortion_ratio,
    signal_noise_ratio,
)

from bench.metrics import si_sdr, si_snr, snr, snr_zero_mean

ALL = [si_snr, si_sdr, snr, snr_zero_mean]
SEEDS = st.integers(0, 10_000)


def test_by_hand() -> None:
    target, error = np.array([1.0, 1.0, -1.0, -1.0]), np.array([1.0, -1.0, 1.0, -1.0])
    estimate = 2 * target + error
    # orthogonal parts of energy 16 and 4; the error of plain SNR is target + error, energy 8
    assert si_snr(estimate=estimate, reference=target) == pytest.approx(10 * math.log10(16 / 4))
    assert snr(estimate=estimate, reference=target) == pytest.approx(10 * math.log10(4 / 8))
    # an offset of 1 adds 4 to the error unless it is removed
    assert si_sdr(estimate=estimate + 1, reference=target) == pytest.approx(10 * math.log10(2))
    assert si_snr(estimate=estimate + 1, reference=target) == pytest.approx(10 * math.log10(4))
    assert snr(estimate=estimate + 1, reference=target) == pytest.approx(10 * math.log10(4 / 12))
    assert snr_zero_mean(estimate=estimate + 1, reference=target) == pytest.approx(
        10 * math.log10(4 / 8)
    )


@pytest.mark.parametrize("seed", range(5))
def test_against_torchmetrics(seed: int) -> None:
    estimate, target = damaged(seed)
    e, t = torch.from_numpy(estimate + 0.01), torch.from_numpy(target)
    peers = {
        si_snr: scale_invariant_signal_distortion_ratio(e, t, zero_mean=True),
        si_sdr: scale_invariant_signal_distortion_ratio(e, t),
        snr: signal_noise_ratio(e, t),
        snr_zero_mean: signal_noise_ratio(e, t, zero_mean=True),
    }
    for compute, peer in peers.items():
        assert compute(estimate=e, reference=t) == pytest.approx(float(peer), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.booleans())
def test_si_snr_ignores_level_polarity_and_offset(
    seed: int, gain: float, other: float, inverted: bool
) -> None:
    estimate, target = damaged(seed)
    expected = si_snr(estimate=estimate, reference=target)
    moved = si_snr(
        estimate=(-gain if inverted else gain) * (estimate + 0.1), reference=other * (target - 0.2)
    )
    assert moved == pytest.approx(expected, abs=1e-7)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.floats(1e-6, 1e6), st.integers(0, 30_000))
def test_snr_ignores_a_common_gain_and_a_common_shift(seed: int, gain: float, shift: int) -> None:
    estimate, target = damaged(seed)
    expected = snr(estimate=estimate, reference=target)
    moved = snr(estimate=gain * np.roll(estimate, shift), reference=gain * np.roll(target, shift))
    assert moved == pytest.approx(expected, abs=1e-9)


def test_snr_counts_level_and_polarity() -> None:
    target = babble(0)[0]
    assert snr(estimate=-target, reference=target) == pytest.approx(-20 * math.log10(2))
    assert snr(estimate=0.25 * target, reference=target) == pytest.approx(-20 * math.log10(0.75))


@pytest.mark.parametrize("compute", ALL)
def test_silence_nan_and_perfection(compute: object) -> None:
    target, zeros = babble(1)[0], np.zeros(32000)
    bad = target.copy()
    bad[7] = np.nan
    infinite = target.copy()
    infinite[7] = -np.inf
    assert compute(estimate=target, reference=target) >= 90
    assert math.isfinite(compute(estimate=target, reference=target))
    assert math.isnan(compute(estimate=target, reference=zeros))
    assert math.isnan(compute(estimate=zeros, reference=zeros))
    for signal in (bad, infinite):
        assert math.isnan(compute(estimate=signal, reference=target))
        assert math.isnan(compute(estimate=target, reference=signal))
    expected = 0.0 if compute in (snr, snr_zero_mean) else math.nan
    assert compute(estimate=zeros, reference=target) == pytest.approx(expected, nan_ok=True)


def test_a_constant_is_silence_once_its_mean_is_gone() -> None:
    target, constant = babble(1)[0], np.full(32000, 0.1)
    assert math.isnan(si_snr(estimate=constant, reference=target))
    assert math.isnan(si_snr(estimate=target, reference=constant))
    assert snr_zero_mean(estimate=constant, reference=target) == pytest.approx(0.0, abs=1e-9)
    assert math.isfinite(si_sdr(estimate=constant, reference=target))


def test_an_orthogonal_estimate_is_very_bad_and_finite() -> None:
    value = si_sdr(estimate=np.array([0.0, 1.0]), reference=np.array([1.0, 0.0]))
    assert -320 < value < -300


@pytest.mark.parametrize("compute", ALL)
def test_batches_equal_singles(compute: object) -> None:
    pairs = [damaged(seed) for seed in range(6)]
    estimate = np.stack([e for e, _ in pairs]).reshape(3, 2, -1)
    target = np.stack([t for _, t in pairs]).reshape(3, 2, -1)
    found = compute(estimate=estimate, reference=target)
    assert found.shape == (3, 2)
    assert found.dtype == np.float64
    singles = [compute(estimate=e, reference=t) for e, t in pairs]
    assert found.ravel().tolist() == singles  # to the last bit
    shared = compute(estimate=estimate, reference=target[0, 0])
    np.testing.assert_allclose(shared[0, 0], singles[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("compute", ALL)
def test_empty_signals_and_empty_batches(compute: object) -> None:
    assert math.isnan(compute(estimate=np.zeros(0), reference=np.zeros(0)))
    assert compute(estimate=np.zeros((0, 2, 9)), reference=np.zeros((0, 2, 9))).shape == (0, 2)
