"""Odd inputs by the hundred: no exception, no NaN, a status that fits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from metric_cases import RATE, Signal, babble

from bench.metrics import DEFAULT_METRICS, find_metric, score

METRICS = (*DEFAULT_METRICS, "si_sdr", "snr_zero_mean")


def odd_signal(rng: np.random.Generator, samples: int, base: Signal) -> object:
    """One of many things that are not quite a voice."""
    time_s = np.arange(samples) / RATE
    noise = rng.standard_normal(samples)
    voice = np.resize(base, samples)
    position = int(rng.integers(max(samples, 1)))
    holed = voice.copy()
    holed[position:] = 0
    broken = voice.copy()
    broken[position : position + 1] = rng.choice([np.nan, np.inf, -np.inf])
    kinds = (
        voice,
        voice * 10.0 ** rng.integers(-20, 20),
        -voice,
        np.clip(voice * 100, -1, 1),
        50 * noise,
        voice + rng.uniform(-2, 2),
        np.full(samples, rng.uniform(-1, 1)),
        np.zeros(samples),
        1e-160 * noise,
        np.sin(2 * np.pi * rng.uniform(1, 8000) * time_s),
        np.sign(noise),
        np.where(np.arange(samples) == position, 1.0, 0.0),
        holed,
        np.where(np.arange(samples) % 2, 1.0, -1.0),
        np.roll(voice, position),
        (voice * 32767).clip(-32768, 32767).astype(np.int16),
        voice.astype(np.float32),
        voice.astype(np.float16),
        broken,
        np.stack([voice, voice]),
        voice[: samples // 2],
        voice.tolist(),
        np.float32(3e38) * np.sign(noise),
        1e90 * noise,
    )
    return kinds[rng.integers(len(kinds))]


def check_item(seed: int, voices: Signal) -> str:
    rng = np.random.default_rng(seed)
    samples = int(rng.choice([0, 1, 5, 400, 1600, 4000, 4800, 8000, 16000, 32000]))
    signals = {
        name: odd_signal(rng, samples, voices[rng.integers(len(voices))])
        for name in ("estimate", "reference", "mixture")
    }
    rate = int(rng.choice([8000, 16000, 16000, 44100, 48000]))
    found = score(**signals, metrics=METRICS, sample_rate=rate)
    what = f"seed {seed}"
    for name, value in found.values.items():
        assert value is None or math.isfinite(value), what
        known = find_metric(name.removesuffix("_i"))
        if value is not None and not name.endswith("_i"):
            assert known.lowest is None or value >= known.lowest - 1e-9, what
            assert known.highest is None or value <= known.highest + 1e-9, what
    missing = [name for name, value in found.values.items() if value is None]
    assert (found.status == "ok") == (not missing) == (found.error is None), what
    assert (found.status == "failed") <= (len(missing) == len(found.values)), what
    return found.status


def check_items(seeds: range) -> None:
    voices = babble(0, sources=4)
    statuses = [check_item(seed, voices) for seed in seeds]
    assert {"ok", "undefined", "failed"} == set(statuses)


def test_three_hundred_odd_items() -> None:
    check_items(range(300))


@pytest.mark.stress
def test_ten_thousand_odd_items() -> None:
    check_items(range(10_000, 20_000))
