"""What is said about a mixture, on signals whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from bench.datasets import Dataset
from bench.datasets.conditions import content_similarity, measure_conditions, median_pitch
from bench.datasets.mixing import Mixed


def pulses(pitch_hz: float, rate: int = 8000, seconds: float = 1.0) -> np.ndarray:
    """A voice-like sound: harmonics that fall by 6 dB per octave."""
    time = np.arange(round(rate * seconds)) / rate
    orders = np.arange(1, int(rate / 2 / pitch_hz))
    return sum(np.sin(2 * np.pi * pitch_hz * k * time + k * k) / k for k in orders)


@pytest.mark.parametrize("pitch_hz", [70, 95.5, 130, 180, 220, 261.6, 330, 390])
def test_pitch_of_steady_voices(pitch_hz: float) -> None:
    assert median_pitch(pulses(pitch_hz)) == pytest.approx(pitch_hz, rel=0.01)


def test_pitch_of_noise_silence_and_little_is_unknown() -> None:
    assert median_pitch(np.random.default_rng(0).standard_normal(8000)) is None
    assert median_pitch(np.zeros(8000)) is None
    assert median_pitch(pulses(100)[:100]) is None


def test_overlap_length_and_distance() -> None:
    first, second = (np.zeros(32000) for _ in range(2))
    first[:20000] = 4000 * pulses(110, 16000, 1.25)
    second[12000:] = 4000 * pulses(220, 16000, 1.25)
    references = np.stack([first, second]).astype(np.int16)
    mixed = Mixed(references.sum(0, dtype=np.int16), references)
    found = measure_conditions(mixed, ("A B", "B C"), 16000)
    assert found["overlap"] == pytest.approx(8000 / 32000, abs=0.02)
    assert found["length_s"] == 2.0
    assert found["pitch_difference_st"] == pytest.approx(12, abs=0.1)
    assert found["pitch_hz_2"] == pytest.approx(220, abs=1)
    assert found["content_similarity"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["input_snr_db_1"] == pytest.approx(-found["input_snr_db_2"], abs=1e-3)


def test_silence_has_no_conditions_but_its_length() -> None:
    silent = Mixed(np.zeros(8000, np.int16), np.zeros((2, 8000), np.int16))
    assert measure_conditions(silent, (None, None), 16000) == {"length_s": 0.5}


def test_similarity() -> None:
    assert content_similarity("a b", "A B") == 1.0
    assert content_similarity("a", "b") == 0.0
    assert content_similarity(None, "b") is None
    assert content_similarity("", "b") is None


def test_pitch_distance_stands_in_for_the_sexes(clips: Dataset) -> None:
    by_pair: dict[str, list[float]] = {"FF": [], "FM": [], "MM": []}
    for item in clips[:40]:
        by_pair[str(item.conditions["sex_pair"])].append(item.conditions["pitch_difference_st"])
    assert np.median(by_pair["FM"]) > 2 * np.median(by_pair["FF"] + by_pair["MM"])
