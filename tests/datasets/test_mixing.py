"""The mixing procedure, on synthetic voices and against real official mixtures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.datasets.levels import active_level_db, halve_rate
from bench.datasets.lists import read_list
from bench.datasets.mixing import mix_levelled, mix_voices


def voice(seed: int, samples: int = 32000) -> np.ndarray:
    random = np.random.default_rng(seed)
    loudness = np.repeat(random.uniform(0.1, 1, 1 + samples // 1600), 1600)[:samples]
    return (4000 * loudness * random.standard_normal(samples)).astype(np.int16)


def level_db(samples: np.ndarray) -> float:
    return active_level_db(halve_rate(samples / 32768))


@pytest.mark.parametrize("gain_db", [0.0, 1.25, 4.99])
def test_peak_sum_and_levels(gain_db: float) -> None:
    mixed = mix_voices((voice(1), voice(2)), (gain_db, -gain_db))
    everything = np.concatenate([mixed.mixture, *mixed.references]).astype(int)
    assert np.abs(everything).max() == 29491
    assert np.abs(mixed.mixture.astype(int) - mixed.references.astype(int).sum(axis=0)).max() <= 1
    difference_db = level_db(mixed.references[0]) - level_db(mixed.references[1])
    assert difference_db == pytest.approx(2 * gain_db, abs=0.15)


def test_the_shorter_voice_sets_the_length_unless_told() -> None:
    voices = voice(1, 9000), voice(2, 8000)
    assert mix_voices(voices, (1, -1)).references.shape == (2, 8000)
    whole = mix_voices(voices, (1, -1), samples=9000)
    assert whole.mixture.shape == (9000,)
    assert not whole.references[1, 8000:].any()
    np.testing.assert_array_equal(whole.mixture[8000:], whole.references[0, 8000:])


def test_input_level_does_not_matter() -> None:
    loud, soft = voice(1), voice(2)
    first = mix_voices((loud, soft), (2, -2)).mixture.astype(int)
    second = mix_voices((loud, (soft // 2 * 2) // 2), (2, -2)).mixture.astype(int)
    # Active levels sit on a grid of powers of two, so they follow a gain to about 0.01 dB only.
    assert np.abs(first - second).max() < 100


def test_halves_round_away_from_zero() -> None:
    steps = np.array([2.5, -2.5, 3.4, -3.6, 29491.2]) / 32768
    mixed = mix_levelled((steps, np.zeros(5)), (0, 0))
    assert mixed.references[0].tolist() == [3, -3, 3, -4, 29491]


def test_silence_stays_silence() -> None:
    silent = np.zeros(4000, np.int16)
    assert not mix_voices((silent, silent), (3, -3)).mixture.any()
    one = mix_voices((silent, voice(1, 4000)), (3, -3))
    assert not one.references[0].any()
    assert np.abs(one.mixture.astype(int)).max() == 29491


def test_real_mixtures_have_the_level_differences_of_their_list(material: Path) -> None:
    excerpt = material / "real" / "lrs2-2mix-excerpt"
    if not excerpt.is_dir():
        pytest.skip(f"no real mixtures at {excerpt}")
    lines = {line.name: line for line in read_list(_lrs2_list(material)).lines}
    errors_db = [
        _level_error_db(path, excerpt / "gt" / path.name, lines[path.stem].gains_db[0])
        for path in sorted((excerpt / "mixture").glob("*.wav"))
    ]
    # The 2:1 resampler moves these by up to 3e-4 dB; level, peak and length are what is tested.
    np.testing.assert_allclose(errors_db, [-0.0696, -0.0003, 0.00002], atol=3e-4)


def _lrs2_list(material: Path) -> Path:
    return material / "datasets" / "lrs2" / "mix_2_spk_tt.scp"


def _level_error_db(mixture_path: Path, reference_path: Path, gain_1_db: float) -> float:
    """Error of the level difference, the given voice taken as the source that fits better."""
    mixture, given = (
        soundfile.read(path, dtype="int16")[0].astype(int)
        for path in (mixture_path, reference_path)
    )
    assert np.abs(mixture).max() == 29491
    difference_db = level_db(given) - level_db(mixture - given)
    return min(difference_db - 2 * gain_1_db, -difference_db - 2 * gain_1_db, key=abs)
