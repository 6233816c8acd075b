"""BSS-Eval against mir_eval, fast_bss_eval and torchmetrics, and what the filters forgive."""

from __future__ import annotations

import math
import warnings

import fast_bss_eval
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from metric_cases import RATE, Signal, babble, damaged
from torchmetrics.functional.audio import signal_distortion_ratio

from bench.errors import UsageError
from bench.metrics import bsseval, sar_bsseval512, sdr_bsseval512, sir_bsseval512
from bench.metrics.signals import HIGHEST_DB


def mir_eval_scores(reference: Signal, estimate: Signal) -> list[Signal]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it announces its removal
        from mir_eval.separation import bss_eval_sources

        return list(bss_eval_sources(reference, estimate, compute_permutation=False)[:3])


def test_by_hand() -> None:
    # The reference is one impulse, so its delays span 512 samples from there on: what the estimate
    # has inside is target, what it has outside is distortion.
    target, estimate = np.zeros(4000), np.zeros(4000)
    target[1000] = 3.0
    estimate[[1000, 1511]] = 2.0
    estimate[[999, 1512]] = 1.0
    assert sdr_bsseval512(estimate=estimate, reference=target) == pytest.approx(
        10 * math.log10(8 / 2), abs=1e-9
    )


@pytest.mark.parametrize("seed", range(6))
def test_against_three_peers(seed: int) -> None:
    estimate, target = damaged(seed)
    found = float(sdr_bsseval512(estimate=estimate, reference=target))
    assert mir_eval_scores(target[None], estimate[None])[0][0] == pytest.approx(found, abs=1e-8)
    assert -fast_bss_eval.numpy.sdr_loss(estimate, target) == pytest.approx(found, abs=1e-8)
    peer = signal_distortion_ratio(torch.from_numpy(estimate), torch.from_numpy(target))
    assert float(peer) == pytest.approx(found, abs=1e-8)


@pytest.mark.parametrize("sources", [2, 3])
def test_sir_and_sar_against_mir_eval(sources: int) -> None:
    reference = babble(11, sources=sources)
    mixing = np.eye(sources) + 0.2 * np.random.default_rng(5).random((sources, sources))
    estimate = mixing @ reference + 1e-3 * np.random.default_rng(6).standard_normal(reference.shape)
    sdr, sir, sar = mir_eval_scores(reference, estimate)
    pairs = {sdr_bsseval512: sdr, sir_bsseval512: sir, sar_bsseval512: sar}
    for compute, peer in pairs.items():
        found = compute(estimate=estimate, reference=reference)
        np.testing.assert_allclose(found, peer, rtol=0, atol=1e-8)


def test_sir_and_sar_follow_the_order_of_the_sources() -> None:
    reference = babble(3)
    estimate = reference + 0.3 * reference[::-1]
    for compute in (sir_bsseval512, sar_bsseval512):
        found = compute(estimate=estimate, reference=reference)
        turned = compute(estimate=estimate[::-1], reference=reference[::-1])
        np.testing.assert_allclose(found[::-1], turned, atol=1e-6)
    with pytest.raises(UsageError, match="every source"):
        sir_bsseval512(estimate=estimate[0], reference=reference[0])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-6, 1e6), st.floats(-1e6, -1e-6))
def test_level_and_polarity_do_not_count(seed: int, gain: float, other: float) -> None:
    estimate, target = damaged(seed)
    expected = sdr_bsseval512(estimate=estimate, reference=target)
    moved = sdr_bsseval512(estimate=gain * estimate, reference=other * target)
    assert moved == pytest.approx(expected, abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 480))
def test_a_delay_within_the_filter_is_forgiven(seed: int, delay: int) -> None:
    target = np.pad(babble(seed)[0], (0, 600))
    assert sdr_bsseval512(estimate=np.roll(target, delay), reference=target) > 100


def test_an_estimate_ahead_of_its_reference_is_not_forgiven() -> None:
    target = np.pad(np.random.default_rng(0).standard_normal(RATE), 600)
    assert sdr_bsseval512(estimate=np.roll(target, -5), reference=target) < 0


def test_silence_nan_and_perfection() -> None:
    target, zeros, bad = babble(2)[0], np.zeros(32000), np.full(32000, np.nan)
    assert 100 < sdr_bsseval512(estimate=target, reference=target) <= HIGHEST_DB
    for estimate, reference in ((zeros, target), (target, zeros), (bad, target), (target, bad)):
        assert math.isnan(sdr_bsseval512(estimate=estimate, reference=reference))
    estimates = np.stack([target, zeros])
    found = sir_bsseval512(estimate=estimates, reference=babble(2))
    assert np.isnan(found).tolist() == [False, True]
    assert np.isnan(sar_bsseval512(estimate=babble(2), reference=estimates)).all()


def test_sources_that_are_the_same_do_not_stop_it() -> None:
    target = babble(2)[0]
    twice = np.stack([target, target])
    found = sar_bsseval512(estimate=twice + 0.1 * babble(9), reference=twice)
    single = sdr_bsseval512(estimate=twice + 0.1 * babble(9), reference=twice)
    np.testing.assert_allclose(found, single, atol=1e-3)


TIME_S = np.arange(32000) / RATE


@pytest.mark.parametrize(
    "target",
    [
        np.sin(2 * np.pi * 440 * TIME_S),
        np.ones(32000),
        np.eye(1, 32000, 31999)[0],
        np.where(TIME_S < 0.01, np.random.default_rng(0).standard_normal(32000), 0.0),
        np.sin(2 * np.pi * 200 * TIME_S) + 1e-6 * np.sin(2 * np.pi * 4000 * TIME_S),
    ],
    ids=["sine", "constant", "last-sample", "burst", "two-sines"],
)
def test_nearly_dependent_delays(target: Signal) -> None:
    noise = np.random.default_rng(1).standard_normal(32000)
    estimate = target + 0.1 * np.sqrt(np.mean(target**2)) * noise
    peer = mir_eval_scores(target[None], estimate[None])[0][0]
    assert sdr_bsseval512(estimate=estimate, reference=target) == pytest.approx(peer, abs=1e-6)


def test_the_dense_solution_is_the_same_number(monkeypatch: pytest.MonkeyPatch) -> None:
    estimate, target = damaged(3)
    expected = sdr_bsseval512(estimate=estimate, reference=target)
    monkeypatch.setattr(bsseval, "_TOLERANCE", -1.0)
    assert sdr_bsseval512(estimate=estimate, reference=target) == pytest.approx(expected, abs=1e-9)


def test_batches_equal_singles_and_share_a_reference() -> None:
    pairs = [damaged(seed) for seed in range(4)]
    estimate, target = (np.stack(side).reshape(2, 2, -1) for side in zip(*pairs, strict=True))
    singles = [sdr_bsseval512(estimate=e, reference=t) for e, t in pairs]
    found = sdr_bsseval512(estimate=torch.from_numpy(estimate), reference=torch.from_numpy(target))
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.reshape(singles, (2, 2)))
    shared = sdr_bsseval512(estimate=estimate, reference=target[0, 0])
    assert shared.shape == (2, 2)
    assert shared[0, 0] == singles[0]


def test_very_short_signals() -> None:
    rng = np.random.default_rng(0)
    for samples in (1, 2, 100, 511, 512, 513, 3585, 3586):
        value = float(
            sdr_bsseval512(
                estimate=rng.standard_normal(samples), reference=rng.standard_normal(samples)
            )
        )
        assert -400 < value <= HIGHEST_DB, samples
    assert math.isnan(sdr_bsseval512(estimate=np.zeros(0), reference=np.zeros(0)))


def test_ten_minutes() -> None:
    rng = np.random.default_rng(0)
    target = rng.standard_normal(600 * RATE)
    estimate = target + 0.1 * rng.standard_normal(target.size)
    assert sdr_bsseval512(estimate=estimate, reference=target) == pytest.approx(20, abs=0.01)
