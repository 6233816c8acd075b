"""Active speech level against the original recipe's values, and the resampler in front of it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly

from bench.datasets.levels import active_level_db, active_power, halve_rate

NOISE_CLIPS = {6}  # the last clip of the reference file is noise-like


def test_sine_counts_its_padding_as_active() -> None:
    sine = np.sin(2 * np.pi * 1000 * np.arange(16000) / 8000)
    assert active_level_db(sine, 8000) == pytest.approx(-3.573, abs=5e-4)


@pytest.mark.parametrize("clip", range(7))
def test_recipe_values(material: Path, clip: int) -> None:
    with np.load(material / "reference" / "p56.npz") as reference:
        expected = reference["level_8k_db"][clip]
        at_8k, at_16k = reference["signal_8k"][clip], reference["signal_16k"][clip] / 32768
    assert active_level_db(at_8k, 8000) == pytest.approx(expected, abs=1e-9)
    tolerance_db = 0.15 if clip in NOISE_CLIPS else 0.02
    assert active_level_db(halve_rate(at_16k), 8000) == pytest.approx(expected, abs=tolerance_db)


@pytest.mark.parametrize("samples", [0, 1, 2, 39, 40, 41, 1000, 1001])
def test_resampler_equals_a_polyphase_library(samples: int) -> None:
    signal = np.random.default_rng(samples).standard_normal(samples)
    halved = halve_rate(signal)
    assert len(halved) == math.ceil(samples / 2)
    if samples:
        np.testing.assert_allclose(
            halved, resample_poly(signal, 1, 2, window=("kaiser", 5.0)), atol=1e-14
        )


def test_level_of_a_loud_half_ignores_the_silent_half() -> None:
    talk = np.random.default_rng(1).standard_normal(16000) * 0.1
    with_pause = np.concatenate([talk, np.zeros(16000)])
    # Plain power would lose 3 dB; the active level keeps to the talk and its hang-over.
    assert active_level_db(with_pause) == pytest.approx(active_level_db(talk), abs=0.1)


def test_level_follows_the_gain() -> None:
    talk = np.random.default_rng(2).standard_normal(16000) * 0.1
    assert active_level_db(talk / 4) == pytest.approx(
        active_level_db(talk) - 20 * math.log10(4), abs=1e-9
    )


@pytest.mark.parametrize("samples", [0, 1, 8000])
def test_silence_has_no_level(samples: int) -> None:
    assert active_level_db(np.zeros(samples)) == -math.inf
    assert active_power(np.zeros(samples)) == 0


def test_low_frequencies_do_not_count() -> None:
    time = np.arange(16000) / 8000
    high, low = (np.sin(2 * np.pi * hz * time) for hz in (1000, 100))
    assert active_level_db(low) - active_level_db(high) == pytest.approx(-25.66, abs=0.5)


def test_rates_that_need_another_filter_are_refused() -> None:
    with pytest.raises(ValueError, match="resample first"):
        active_level_db(np.ones(100), 16000)
