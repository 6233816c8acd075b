"""PESQ: the package's own numbers, and each of its failures as what it is."""

from __future__ import annotations

import builtins
import math

import numpy as np
import pesq
import pytest
import torch
from metric_cases import RATE, babble, damaged

from bench.errors import UsageError
from bench.metrics import perceptual, pesq_nb, pesq_wb, resample
from bench.metrics.perceptual import assess_pesq


@pytest.mark.parametrize("seed", range(3))
def test_against_the_package(seed: int) -> None:
    estimate, target = damaged(seed)
    for compute, mode in ((pesq_wb, "wb"), (pesq_nb, "nb")):
        found = compute(estimate=torch.from_numpy(estimate), reference=target)
        assert found == pesq.pesq(RATE, target, estimate, mode)


def test_narrow_band_at_8_khz() -> None:
    estimate, target = damaged(0)
    found = pesq_nb(estimate=estimate, reference=target, sample_rate=8000)
    assert found == pesq.pesq(8000, target, estimate, "nb")
    assert math.isnan(pesq_wb(estimate=estimate, reference=target, sample_rate=8000))


@pytest.mark.parametrize("rate", [11025, 22050, 44100, 48000])
def test_other_rates_are_resampled_to_16_khz(rate: int) -> None:
    estimate, target = (resample(signal, from_hz=RATE, to_hz=rate) for signal in damaged(1))
    again = (resample(signal, from_hz=rate, to_hz=RATE) for signal in (target, estimate))
    expected = pesq.pesq(RATE, *again, "nb")
    assert pesq_nb(estimate=estimate, reference=target, sample_rate=rate) == expected


def test_gain_and_polarity_do_not_count() -> None:
    estimate, target = damaged(2)
    expected = pesq_wb(estimate=estimate, reference=target)
    moved = pesq_wb(estimate=-0.01 * estimate, reference=100 * target)
    assert moved == pytest.approx(expected, abs=1e-3)


def test_exchanging_the_arguments_changes_the_number() -> None:
    estimate, target = damaged(2)
    there = pesq_wb(estimate=estimate, reference=target)
    assert abs(there - pesq_wb(estimate=target, reference=estimate)) > 1e-3


def test_a_perfect_copy_has_the_highest_score() -> None:
    target = babble(0)[0]
    assert pesq_wb(estimate=target, reference=target) == pytest.approx(4.6439, abs=1e-3)
    assert pesq_nb(estimate=target, reference=target) == pytest.approx(4.5486, abs=1e-3)


TARGET = babble(0)[0]


@pytest.mark.parametrize(
    ("estimate", "reference", "rate", "mode", "reason"),
    [
        (np.zeros(32000), TARGET, RATE, "wb", "the estimate is silent"),
        (TARGET, np.zeros(32000), RATE, "wb", "the reference is silent"),
        (np.full(32000, np.nan), TARGET, RATE, "wb", "the estimate is not finite"),
        (TARGET, np.full(32000, np.inf), RATE, "wb", "the reference is not finite"),
        (1e-60 * TARGET, TARGET, RATE, "wb", "no score: cannot convert float NaN to integer"),
        (TARGET, 1e-60 * TARGET, RATE, "wb", "no score: No utterances detected"),
        (TARGET[:3999], TARGET[:3999], RATE, "wb", "at least 0.25 s and got 0.25 s"),
        (TARGET, TARGET, 8000, "wb", "at least 16000 Hz and got 8000 Hz"),
        (TARGET, TARGET, 4000, "nb", "at least 8000 Hz and got 4000 Hz"),
        (np.tile(TARGET, 11), np.tile(TARGET, 11), RATE, "nb", "up to 20 s and got 22 s"),
    ],
)
def test_every_failure_has_its_reason(
    estimate: np.ndarray, reference: np.ndarray, rate: int, mode: str, reason: str
) -> None:
    value, found = assess_pesq(estimate, reference, rate, mode)
    assert math.isnan(value)
    assert reason in found


def test_the_shortest_and_the_longest_signals_work() -> None:
    for samples in (RATE // 4, 20 * RATE):
        target = np.resize(TARGET, samples)
        assert pesq_wb(estimate=target, reference=target) == pytest.approx(4.64, abs=0.01)


def test_fifty_utterances_in_20_s_do_not_overflow_its_tables() -> None:
    # The densest pattern that its voice detection can count: 0.2 s of noise, 0.2 s of nothing.
    rng = np.random.default_rng(0)
    loud = (np.arange(20 * RATE) // 3264) % 2 == 0
    target = np.where(loud, 0.1 * rng.standard_normal(loud.size), 0.0)
    value = pesq_nb(estimate=target + 1e-3 * rng.standard_normal(loud.size), reference=target)
    assert 1 < value < 4.6


def test_negative_codes_never_count_as_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    made = (lambda *_: -7, (ValueError,))
    monkeypatch.setattr(perceptual, "_implementation", lambda: made)
    value, reason = assess_pesq(TARGET, TARGET, RATE, "wb")
    assert math.isnan(value)
    assert "-7" in reason


def test_without_the_package_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_pesq(name: str, *rest: object) -> object:
        if name == "pesq":
            raise ImportError("No module named 'pesq'")
        return real(name, *rest)

    perceptual._implementation.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without_pesq)
    with pytest.raises(UsageError, match="C compiler"):
        pesq_wb(estimate=TARGET, reference=TARGET)


def test_batches_equal_singles() -> None:
    pairs = [damaged(seed) for seed in range(2)]
    estimate, target = (np.stack(side)[:, None] for side in zip(*pairs, strict=True))
    found = pesq_nb(estimate=estimate, reference=target)
    assert found.shape == (2, 1)
    assert found.ravel().tolist() == [float(pesq_nb(estimate=e, reference=t)) for e, t in pairs]
