"""Cards: complete, strict, one sentence when wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.datasets import Dataset
from bench.datasets.cards import read_card
from bench.errors import DataError


def test_counts_are_those_of_the_set(clips: Dataset) -> None:
    counts = clips.card.counts
    assert counts["mixtures"] == clips.card.mixture_list.mixtures == len(clips)
    assert counts["speakers"] == counts["female_speakers"] + counts["male_speakers"] == 32
    assert counts["utterances"] == 64


def test_the_honest_sentence(clips: Dataset, whole: Dataset) -> None:
    for card in (clips.card, whole.card):
        assert card.caution.startswith("A rehearsal stage, not a scientific result")
        assert card.language == "en"
        assert card.word_references
        assert card.licence == "CC0-1.0"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('id = "talking-heads-2mix"', 'id = "Talking Heads"', "wrong field 'id'"),
        ('cluster = "speaker"', 'cluster = "nobody"', "wrong field 'cluster'"),
        ("mixtures = 100\ntargets", "mixtures = 0\ntargets", "'mixture_list.mixtures'"),
        ('language = "en"\n', "", "wrong field 'language'"),
        ('language = "en"\n', 'language = "en"\ncolour = "red"\n', "wrong field 'colour'"),
        ("[counts]", "[counts", "not valid TOML"),
    ],
)
def test_a_wrong_card_is_one_sentence(
    corpus_folder: Path, tmp_path: Path, before: str, after: str, message: str
) -> None:
    text = (corpus_folder / "card.toml").read_text()
    assert before in text
    (tmp_path / "card.toml").write_text(text.replace(before, after))
    with pytest.raises(DataError, match=message):
        read_card(tmp_path / "card.toml")


def test_a_missing_card(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot read the card"):
        read_card(tmp_path / "card.toml")
