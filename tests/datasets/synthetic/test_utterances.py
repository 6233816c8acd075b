"""The index of utterances."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.datasets.synthetic.utterances import Phoneme, Utterance, Word, format_index, read_index
from bench.errors import DataError

UTTERANCE = Utterance(
    "f01_00001",
    "f01",
    "en-us",
    48000,
    "0" * 64,
    (Word("Good", 100, 400), Word("morning.", 400, 900)),
    (Phoneme("_", 0), Phoneme("g", 100), Phoneme("_", 900)),
)


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "index.tsv"
    path.write_text(format_index([UTTERANCE]))
    assert read_index(path) == {"f01_00001": UTTERANCE}


def test_shipped_index_survives_a_round_trip(
    corpus_folder: Path, index: dict[str, Utterance]
) -> None:
    assert format_index(index.values()) == (corpus_folder / "utterances.tsv").read_text()


def test_words() -> None:
    assert UTTERANCE.sex == "F"
    assert UTTERANCE.transcript == "Good morning."
    assert UTTERANCE.words_until(399) == ""
    assert UTTERANCE.words_until(400) == "Good"
    assert UTTERANCE.words_until(900) == "Good morning."


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("speaker\t", "talker\t", "line 1 must name the columns"),
        ("\ten-us", "", "line 2 is not an utterance"),
        ("48000", "many", "line 2 is not an utterance"),
        ("Good/100/400", "Good/100", "line 2 is not an utterance"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "index.tsv"
    path.write_text(format_index([UTTERANCE]).replace(old, new, 1))
    with pytest.raises(DataError, match=message):
        read_index(path)


def test_an_empty_index(tmp_path: Path) -> None:
    path = tmp_path / "index.tsv"
    path.write_text("")
    with pytest.raises(DataError, match="line 1 must name"):
        read_index(path)
