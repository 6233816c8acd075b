"""Identical, equivalent or different: what each difference between two copies is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from stand_in import PAIRS, voice

from bench.datasets.fingerprint import (
    Comparison,
    Fingerprint,
    compare,
    hash_mixed,
    parse_fingerprint,
    print_mixture,
)
from bench.datasets.mixing import Mixed, mix_voices
from bench.errors import DataError

Change = Callable[[np.ndarray], np.ndarray]


def fingerprint(change: Change = lambda clip: clip, gain_error_db: float = 0.0) -> Fingerprint:
    items = []
    for number, (first, second, gain) in enumerate(PAIRS):
        clips = (change(voice(k)[: 32000 + 2000])[:32000] for k in (first, second))
        mixed = mix_voices(tuple(clips), (gain + gain_error_db, -gain))
        items.append(print_mixture(f"m{number}", mixed))
    whole = hash_mixed("all", Mixed(np.concatenate([i.sketch[0] for i in items]), items[0].sketch))
    return Fingerprint("set", "a" * 64, whole, tuple(items))


@pytest.fixture(scope="module")
def original() -> Fingerprint:
    return fingerprint()


def noise(amplitude: int) -> Change:
    def add(clip: np.ndarray) -> np.ndarray:
        random = np.random.default_rng(len(clip))
        return (clip + random.integers(-amplitude, amplitude + 1, len(clip))).astype(np.int16)

    return add


def test_the_same_is_identical(original: Fingerprint) -> None:
    assert compare(original, fingerprint()) == Comparison("identical", (), 0.0)


def test_another_decoder_is_equivalent(original: Fingerprint) -> None:
    found = compare(original, fingerprint(noise(1)))
    assert found.kind == "equivalent"
    assert "6 of 6 mixtures differ in their last bits" in found.reasons[0]
    assert found.shift_db is not None
    assert found.shift_db < 0.001


def test_a_levelling_difference_within_the_tolerance_is_equivalent(original: Fingerprint) -> None:
    assert compare(original, fingerprint(gain_error_db=0.1)).kind == "equivalent"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda clip: np.roll(clip, 1), "another offset"),
        (lambda clip: np.roll(clip, 1024), "another offset"),
        (lambda clip: clip[1500:], "another offset"),
        (lambda clip: -clip, "other clips"),
        (lambda clip: clip[::-1], "other clips"),
        (noise(3000), "other clips"),
        (lambda clip: np.where(np.arange(len(clip)) < 8000, 0, clip).astype(np.int16), "clips"),
    ],
)
def test_other_audio_is_different(original: Fingerprint, change: Change, reason: str) -> None:
    found = compare(original, fingerprint(change))
    assert found.kind == "different"
    assert reason in found.reasons[0]


def test_other_gains_are_different(original: Fingerprint) -> None:
    found = compare(original, fingerprint(gain_error_db=0.3))
    assert found.kind == "different"
    assert "levels differ by up to 0.3" in found.reasons[0]


def test_many_small_errors_that_would_move_a_score_are_different(original: Fingerprint) -> None:
    found = compare(original, fingerprint(noise(150)))
    assert found.kind == "different"
    assert any("scores are expected to shift" in reason for reason in found.reasons)


def test_other_lists_and_orders_are_different(original: Fingerprint) -> None:
    fewer = replace(original, mixtures=original.mixtures[1:])
    assert "1 mixtures are only in the first" in compare(original, fewer).reasons[0]
    turned = replace(original, mixtures=original.mixtures[::-1])
    assert compare(original, turned).reasons == ("the mixtures stand in another order",)
    longer = replace(original.mixtures[0], samples=32001)
    other = replace(original, mixtures=(longer, *original.mixtures[1:]))
    assert "1 mixtures have another length" in compare(original, other).reasons[0]


def test_the_sketch_estimates_the_error(original: Fingerprint) -> None:
    """Eight signs know the energy of a difference to a few dB, far from every threshold."""
    errors_db = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        clean = random.standard_normal((2, 32000)) * 3000
        noisy = clean + random.standard_normal((2, 32000)) * 30
        pair = [
            print_mixture("m", Mixed(x.sum(0).astype(np.int16), x.astype(np.int16)))
            for x in (clean, noisy)
        ]
        change = (pair[0].sketch.astype(float) - pair[1].sketch) / 4096
        errors_db.append(10 * np.log10(np.mean(change**2)))
    assert np.mean(errors_db) == pytest.approx(-40, abs=1.5)
    assert np.ptp(errors_db) < 10


def test_it_survives_a_file(original: Fingerprint) -> None:
    again = parse_fingerprint(original.text(), "file")
    assert again.text() == original.text()
    assert compare(original, again).kind == "identical"


def test_silence_has_no_level() -> None:
    silent = print_mixture("m", Mixed(np.zeros(100, np.int16), np.zeros((2, 100), np.int16)))
    assert silent.levels_db == (None, None)
    assert not silent.sketch.any()


@pytest.mark.parametrize("text", ["{}", '{"dataset": "x"}', '{"mixtures": 3}'])
def test_other_files_are_refused(text: str) -> None:
    with pytest.raises(DataError, match="is no fingerprint"):
        parse_fingerprint(text, "file")


def test_bits_do_not_depend_on_the_machine() -> None:
    """Pinned: a change of the signs or of the arithmetic would break every stored fingerprint."""
    ramp = (np.arange(64000) * 37 % 20011 - 10005).astype(np.int16).reshape(2, 32000)
    found = print_mixture("m", Mixed(np.zeros(32000, np.int16), ramp))
    assert found.sketch[0].tolist() == PINNED_SKETCH
    assert found.levels_db[0] == PINNED_LEVEL_DB


PINNED_SKETCH = [1866, 12146, -5179, -955, -2268, -3359, -235, 1230]
PINNED_LEVEL_DB = -15.0617
