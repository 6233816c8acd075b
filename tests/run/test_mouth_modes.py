"""Each way to disturb the mouths does what it says, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from bench.errors import UsageError
from bench.run.mouth_modes import parse_mouth_mode

FRAMES = np.arange(50, dtype=np.uint8)[:, None, None] + np.zeros((1, 2, 2), np.uint8)


def _seen(mode: str, utterance: str = "u") -> list[int]:
    return [int(frame[0, 0]) for frame in parse_mouth_mode(mode).disturb(FRAMES, utterance)]


def test_as_is_changes_nothing() -> None:
    assert _seen("as-is") == list(range(50))


def test_swapped_exchanges_speakers_not_frames() -> None:
    assert parse_mouth_mode("swapped").swaps
    assert _seen("swapped") == list(range(50))


def test_frozen_is_one_frame() -> None:
    assert set(_seen("frozen")) == {25}


def test_blank_is_black() -> None:
    assert set(_seen("blank")) == {0}


def test_shifted_late_and_early() -> None:
    assert _seen("shifted:3")[:6] == [0, 0, 0, 0, 1, 2]
    assert _seen("shifted:-3")[-5:] == [48, 49, 49, 49, 49]
    assert _seen("shifted:0") == list(range(50))


def test_jittered_moves_by_its_deviation_and_repeats_itself() -> None:
    moved = np.array(_seen("jittered:2")) - np.arange(50)
    assert 1.0 < moved.std() < 3.5
    assert _seen("jittered:2") == _seen("jittered:2")
    assert _seen("jittered:2") != _seen("jittered:2", "other")
    assert _seen("jittered:0") == list(range(50))


def test_dropped_frames_leave_the_last_one_seen() -> None:
    seen = _seen("dropped:0.4")
    assert seen[0] == 0
    assert all(seen[k] in (seen[k - 1], k) for k in range(1, 50))
    assert 0.2 < np.mean(np.array(seen) != np.arange(50)) < 0.6
    assert set(_seen("dropped:1")) == {0}


@pytest.mark.parametrize("mode", ["", "shift:3", "shifted", "shifted:", "frozen:2", "blank:x"])
def test_unknown_modes_are_one_sentence(mode: str) -> None:
    with pytest.raises(UsageError, match="is unknown; expected one of as-is"):
        parse_mouth_mode(mode)


@pytest.mark.parametrize("mode", ["shifted:1.5", "shifted:x", "jittered:-1", "dropped:1.2"])
def test_amounts_that_do_not_fit_are_one_sentence(mode: str) -> None:
    with pytest.raises(UsageError, match="has an amount that does not fit"):
        parse_mouth_mode(mode)
