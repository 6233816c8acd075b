"""What was heard once is not heard again; another voice, language or model is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.asr.cached import recognise
from bench.asr.recogniser import Hypothesis, Voice


class Counting:
    """Hears the length of a voice, and counts how often it listens."""

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.heard = 0

    @property
    def identity(self) -> Mapping[str, str]:
        return {"engine": self.name, "sha256": "0" * 64}

    def recognise(self, voices: Sequence[Voice], language: str | None) -> list[Hypothesis]:
        self.heard += len(voices)
        return [Hypothesis(f"{self.name} {len(voice)}", language or "fr") for voice in voices]


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path / "cache"))


def zeros(length: int) -> Voice:
    return np.zeros(length, np.float32)


def test_equal_voices_are_heard_once_and_kept() -> None:
    counting = Counting()
    voices = [zeros(3), zeros(5), zeros(3)]
    first = recognise(counting, voices, ["en"] * 3)
    assert [h.text for h in first] == ["counting 3", "counting 5", "counting 3"]
    assert counting.heard == 2
    assert recognise(counting, voices, ["en"] * 3) == first
    assert counting.heard == 2


def test_another_language_or_model_is_heard_anew() -> None:
    counting, other = Counting(), Counting("other")
    recognise(counting, [zeros(3)], ["en"])
    found = recognise(counting, [zeros(3), zeros(3), zeros(4)], [None, "de", None])
    assert [h.language for h in found] == ["fr", "de", "fr"]
    assert counting.heard == 4
    assert recognise(other, [zeros(3)], ["en"])[0].text == "other 3"
    assert other.heard == 1


def test_nothing_to_hear() -> None:
    assert recognise(Counting(), [], []) == []
