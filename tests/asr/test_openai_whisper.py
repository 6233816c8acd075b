"""Whisper from a file of random weights: batches, languages, windows, and files that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_whisper import write_tiny_whisper

from bench.asr.openai_whisper import OpenaiWhisper
from bench.asr.recogniser import SAMPLE_RATE, WINDOW, Voice, is_looping, windows
from bench.core.hashing import hash_file
from bench.errors import DataError, UsageError


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_whisper(tmp_path_factory.mktemp("model") / "tiny.pt")


@pytest.fixture(scope="module")
def whisper(file: Path) -> OpenaiWhisper:
    return OpenaiWhisper(file, batch=2)


def voice(seed: int, seconds: float = 2.0) -> Voice:
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(round(seconds * SAMPLE_RATE))
    taps = np.hanning(4 + 9 * seed)
    return np.asarray(0.05 * np.convolve(noise, taps, mode="same"), np.float32)


def test_texts_do_not_depend_on_their_company(whisper: OpenaiWhisper) -> None:
    voices = [voice(seed) for seed in range(3)]
    together = whisper.recognise(voices, "en")
    alone = [whisper.recognise([one], "en")[0] for one in voices]
    assert together == alone
    assert len({hypothesis.text for hypothesis in together}) > 1
    assert all(hypothesis.text for hypothesis in together)


def test_a_language_is_kept_or_detected(whisper: OpenaiWhisper) -> None:
    voices = [voice(seed) for seed in range(3)]
    assert {h.language for h in whisper.recognise(voices, "de")} == {"de"}
    detected = whisper.recognise(voices, None)
    assert all(len(h.language) in (2, 3) for h in detected)
    again = [whisper.recognise([v], h.language)[0] for v, h in zip(voices, detected, strict=True)]
    assert again == detected
    with pytest.raises(UsageError, match="in the language 'xx'"):
        whisper.recognise(voices, "xx")


def test_a_long_voice_is_heard_window_by_window(whisper: OpenaiWhisper) -> None:
    long = np.concatenate([voice(1, 30.0), voice(2)])
    first, rest = whisper.recognise([long[:WINDOW], long[WINDOW:]], "en")
    (whole,) = whisper.recognise([long], "en")
    assert whole.text == f"{first.text} {rest.text}"


def test_nothing_and_silence_are_heard_without_fuss(whisper: OpenaiWhisper) -> None:
    empty, silent = whisper.recognise([np.zeros(0, np.float32), np.zeros(99, np.float32)], "en")
    assert empty == silent
    assert whisper.recognise([], "en") == []


def test_the_identity_pins_file_and_decoding(file: Path, whisper: OpenaiWhisper) -> None:
    identity = whisper.identity
    assert identity["sha256"] == hash_file(file)
    assert identity["engine"] == "openai-whisper"
    assert OpenaiWhisper(file, batch=3).identity != identity


@pytest.mark.parametrize("kind", ["absent", "text", "other", "tensor"])
def test_other_files_are_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "model.pt"
    if kind == "text":
        path.write_text("<html>not a model</html>")
    elif kind == "other":
        torch.save({"state_dict": {"weight": torch.zeros(2)}}, path)
    elif kind == "tensor":
        torch.save(torch.zeros(2), path)
    with pytest.raises(DataError, match=r"model\.pt"):
        OpenaiWhisper(path)


def test_a_batch_of_nothing_is_refused(file: Path) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        OpenaiWhisper(file, batch=0)


def test_windows_cover_a_voice_once() -> None:
    long = np.arange(2 * WINDOW + 1, dtype=np.float32)
    pieces = windows(long)
    assert [len(piece) for piece in pieces] == [WINDOW, WINDOW, 1]
    np.testing.assert_array_equal(np.concatenate(pieces), long)
    assert [len(piece) for piece in windows(long[:WINDOW])] == [WINDOW]


def test_texts_in_circles_are_seen() -> None:
    assert is_looping("thank you " * 40)
    assert not is_looping("The birch canoe slid on the smooth planks.")
    assert not is_looping("")
