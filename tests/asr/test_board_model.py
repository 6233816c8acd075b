"""One model is the board's; any other marks its rates."""

from __future__ import annotations

from pathlib import Path

import pooch
import pytest
import whisper

from bench.asr.board_model import (
    BOARD_SHA256,
    fetch_board_model,
    find_board_model,
    how_to_get_it,
    metric_mark,
)
from bench.errors import DataError


def test_only_the_boards_model_goes_without_a_mark() -> None:
    board = {"engine": "openai-whisper", "sha256": BOARD_SHA256}
    assert metric_mark(board) == ""
    assert metric_mark(board | {"engine": "faster-whisper"}) == "@faster-whisper-9ecf7799"
    assert metric_mark(board | {"sha256": "ab" * 32}) == "@openai-whisper-abababab"


def test_the_pin_is_that_of_the_publisher() -> None:
    assert BOARD_SHA256 in whisper._MODELS["small"]


def test_the_file_is_looked_for_in_three_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path / "own"))
    monkeypatch.delenv("AVSS_BENCH_WHISPER", raising=False)
    assert find_board_model() is None
    assert str(tmp_path / "own" / "whisper") in how_to_get_it()
    places = [tmp_path / "user" / "whisper", tmp_path / "own" / "whisper", tmp_path]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / "small.pt").touch()
        if place == tmp_path:
            monkeypatch.setenv("AVSS_BENCH_WHISPER", str(place / "small.pt"))
        assert find_board_model() == place / "small.pt"


def test_a_failed_download_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str, **settings: object) -> str:
        assert settings["known_hash"] == f"sha256:{BOARD_SHA256}"
        raise OSError("no network")

    monkeypatch.setattr(pooch, "retrieve", refuse)
    with pytest.raises(DataError, match="could not be fetched: no network"):
        fetch_board_model()
