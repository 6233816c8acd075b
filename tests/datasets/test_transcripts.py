"""Text files of LRS2 and LRS3, whole and damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from stand_in import transcript

from bench.datasets.transcripts import Transcript, parse_transcript, read_transcript
from bench.errors import DataError


def test_lrs2_has_words_without_times() -> None:
    known = parse_transcript(transcript(0, "lrs2"), "example")
    assert known.text == "THE BAKER OPENS HIS SHOP BEFORE THE FIRST BUS LEAVES TOWN"
    assert known.words is None
    assert known.within(2.0, 4.2) is None
    assert known.within(4.2, 4.2) == known.text


def test_lrs3_has_words_that_end_in_time() -> None:
    known = parse_transcript(transcript(0, "lrs3"), "example")
    assert known.words is not None
    assert len(known.words) == 11
    assert known.within(2.0, 4.2) == "THE BAKER OPENS HIS SHOP"
    assert known.within(1.13, 4.2) == "THE BAKER OPENS"
    assert known.within(1.1299, 4.2) == "THE BAKER"


@pytest.mark.parametrize(
    ("text", "kept"),
    [("SO {NS} ON", "SO"), ("{LAUGH}", ""), ("  A  B ", "A B"), ("WE'RE HERE", "WE'RE HERE")],
)
def test_braces_end_the_text(text: str, kept: str) -> None:
    assert parse_transcript(f"Text:  {text}\nConf:  3\n", "example").text == kept


@pytest.mark.parametrize(
    "section", ["", "WORD START END ASDSCORE\nA 0.1\n", "WORD START END\nA x y 1"]
)
def test_missing_or_damaged_times_are_no_times(section: str) -> None:
    known = parse_transcript(f"Text:  A\nConf:  3\n\n{section}", "example")
    assert known == Transcript("A")


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no line 'Text:'"):
        parse_transcript("WORD START END\n", "x.txt")
    with pytest.raises(DataError, match="cannot read the transcript"):
        read_transcript(tmp_path / "absent.txt")
