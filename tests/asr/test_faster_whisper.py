"""The extra, against a stand-in for its package: what it is asked for, and how it fails."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.asr.faster_whisper import FasterWhisper
from bench.asr.recogniser import WINDOW
from bench.errors import DataError, UsageError


class Model:
    """Notes how it is called."""

    def __init__(self, folder: str, **settings: object) -> None:
        if Path(folder).name == "broken":
            raise RuntimeError("Unable to open file 'config.json'")
        self.settings = settings
        self.calls: list[dict[str, object]] = []

    def transcribe(self, voice: np.ndarray, **options: object) -> tuple[list[Any], Any]:
        self.calls.append(options)
        segments = [SimpleNamespace(text=f" {len(voice)}"), SimpleNamespace(text=" words ")]
        return segments, SimpleNamespace(language=options["language"] or "de")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = ModuleType("faster_whisper")
    package.WhisperModel = Model  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "faster_whisper", package)
    (tmp_path / "model.bin").write_bytes(b"weights")
    return tmp_path


def test_it_is_greedy_and_has_no_memory(folder: Path) -> None:
    recogniser = FasterWhisper(folder)
    (found,) = recogniser.recognise([np.zeros(WINDOW + 5, np.float32)], None)
    assert (found.text, found.language) == (f"{WINDOW} words 5 words", "de")
    first, second = recogniser._model.calls
    assert (first["language"], second["language"]) == (None, "de")
    assert first["beam_size"] == 1
    assert first["temperature"] == 0
    assert first["condition_on_previous_text"] is False
    assert recogniser._model.settings["compute_type"] == "float32"
    assert recogniser.identity["engine"] == "faster-whisper"


def test_wrong_folders_and_a_missing_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"holds no model\.bin"):
        FasterWhisper(folder / "absent")
    broken = folder / "broken"
    broken.mkdir()
    (broken / "model.bin").write_bytes(b"")
    with pytest.raises(DataError, match=r"config\.json"):
        FasterWhisper(broken)
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(UsageError, match=r"pip install 'avss-bench\[faster-whisper\]'"):
        FasterWhisper(folder)
