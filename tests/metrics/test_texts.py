"""Word and character error rates."""

from __future__ import annotations

import doctest
import json
import math
from pathlib import Path

import jiwer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.metrics import cer, count_errors, ratios, texts, wer
from bench.metrics.texts import ErrorCounts, normalise_text, normaliser_version

WORD = st.sampled_from(["one", "two", "three", "bird", "Bird,", "x"])
WORDS = st.lists(WORD, min_size=1, max_size=8)


def test_by_hand() -> None:
    counts = count_errors(hypothesis="the bat sat down", reference="a the cat sat")
    assert counts == ErrorCounts(hits=2, substitutions=1, deletions=1, insertions=1)
    assert counts.reference_units == 4
    assert counts.rate == 0.75
    # c-a-t against b-a-t-s: one exchanged, one added, of three
    assert cer(hypothesis="bats", reference="cat") == pytest.approx(2 / 3)


def test_stored_pairs(material: Path) -> None:
    stored = json.loads((material / "reference" / "wer.json").read_text("utf-8"))
    for pair in stored["pairs"]:
        texts_of_pair = {name: pair[name] for name in ("hypothesis", "reference")}
        counts = count_errors(**texts_of_pair)
        for name in ("hits", "substitutions", "deletions", "insertions"):
            assert getattr(counts, name) == pair[name], pair
        assert wer(**texts_of_pair) == pytest.approx(pair["wer"])
        assert wer(**texts_of_pair, normalise=False) == pytest.approx(pair["wer_unnormalised"])
        assert normalise_text(pair["reference"]) == pair["reference_normalised"]
        assert normalise_text(pair["hypothesis"]) == pair["hypothesis_normalised"]
    columns = {
        name: [pair[name] for pair in stored["pairs"]] for name in ("hypothesis", "reference")
    }
    assert wer(**columns) == pytest.approx(stored["corpus"]["wer"])


def test_normalisation_is_the_default() -> None:
    pair = {"hypothesis": "the colour is gray", "reference": "The color's grey."}
    assert wer(**pair) == 0
    assert wer(**pair, normalise=False) > 0.5
    assert cer(**pair) == 0
    assert cer(**pair, normalise=False) > 0


def test_a_corpus_sums_counts_before_it_divides() -> None:
    hypotheses, references = ["a", "b c d"], ["x", "b c d"]
    assert wer(hypothesis=hypotheses, reference=references) == pytest.approx(1 / 4)
    parts = [
        count_errors(hypothesis=h, reference=r) for h, r in zip(hypotheses, references, strict=True)
    ]
    assert (parts[0] + parts[1]).rate == pytest.approx(1 / 4)


def test_a_reference_without_words_has_no_rate() -> None:
    assert math.isnan(wer(hypothesis="two words", reference=""))
    assert math.isnan(wer(hypothesis="", reference="um"))
    assert math.isnan(wer(hypothesis=[], reference=[]))
    assert wer(hypothesis="", reference="two words") == 1
    # inside a corpus its insertions count
    assert wer(hypothesis=["one", "two"], reference=["", "two"]) == 1


def test_it_may_exceed_one() -> None:
    assert wer(hypothesis="bird bird bird", reference="bird") == 2


def test_wrong_use_is_told() -> None:
    with pytest.raises(UsageError, match="1 hypotheses for 2 references"):
        wer(hypothesis="a", reference=["a", "b"])
    with pytest.raises(UsageError, match="type int"):
        wer(hypothesis=["a", 1], reference=["a", "b"])


@settings(max_examples=50, deadline=None)
@given(WORDS, WORDS)
def test_against_jiwer(hypothesis: list[str], reference: list[str]) -> None:
    said, heard = " ".join(reference), " ".join(hypothesis)
    found = wer(hypothesis=heard, reference=said, normalise=False)
    assert found == pytest.approx(jiwer.wer(said, heard))
    assert wer(hypothesis=said, reference=said) == 0


def test_the_normaliser_has_a_version() -> None:
    name, _, version = normaliser_version().partition(" ")
    assert name == "whisper-english"
    assert version.isdigit()


@pytest.mark.parametrize("module", [texts, ratios])
def test_examples_in_docstrings(module: object) -> None:
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed
