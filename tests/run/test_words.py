"""Counts of word errors: by hand, summed before dividing, and nothing but counts goes out."""

from __future__ import annotations

import pytest

from bench.core.jsonio import dumps
from bench.errors import DataError
from bench.metrics import ErrorCounts
from bench.run.words import HeardTarget, count_target, outgoing, parse_heard, score_words


def target(**texts: object) -> HeardTarget:
    given = {
        "name": "m",
        "target": 1,
        "language": "en",
        "clean": "the birch canoe",
        "mixture": "the the birch",
        "estimate": "The birch, canoes!",
        "transcript": "A birch canoe",
    }
    return HeardTarget(**(given | texts))  # type: ignore[arg-type]


def test_every_name_has_its_own_reference() -> None:
    assert count_target(target()) == {
        "wer_transcript": ErrorCounts(hits=1, substitutions=2),
        "wer_transcript_of_clean": ErrorCounts(hits=2, substitutions=1),
        "wer_transcript_of_mixture": ErrorCounts(1, 1, 1, 1),
        "wer_clean": ErrorCounts(hits=2, substitutions=1),
        "wer_clean_of_mixture": ErrorCounts(hits=2, deletions=1, insertions=1),
    }


def test_without_a_transcript_or_an_estimate_a_name_is_missing() -> None:
    assert set(count_target(target(transcript=None))) == {"wer_clean", "wer_clean_of_mixture"}
    assert "wer_clean" not in count_target(target(estimate=None))


def test_counts_are_summed_before_they_are_divided() -> None:
    targets = [
        target(transcript="a b c d e f", estimate="a b c d e f"),
        target(transcript="g", estimate="x", name="n"),
        target(transcript=None, name="o"),
        target(estimate=None, name="p"),
    ]
    score = score_words(targets, expected=5)["wer_transcript"]
    assert score.rate == pytest.approx(1 / 7)
    assert (score.scored, score.expected, score.looping) == (2, 5, 0)
    assert score.plain()["counts"] == {
        "hits": 6, "substitutions": 1, "deletions": 0, "insertions": 0
    }  # fmt: skip


def test_looping_texts_are_a_share_beside_the_rate() -> None:
    targets = [target(estimate="so " * 90), target(name="n")]
    scores = score_words(targets, expected=2)
    assert scores["wer_clean"].looping == 0.5
    assert scores["wer_clean_of_mixture"].looping == 0


def test_references_without_words_have_no_rate() -> None:
    score = score_words([target(transcript="")], expected=1)["wer_transcript"]
    assert (score.rate, score.scored) == (None, 1)


def test_no_text_goes_out() -> None:
    content = dumps(outgoing(target(language="en")))
    for word in ("birch", "canoe"):
        assert word not in content
    found = outgoing(target())
    assert found["counts"]["wer_clean"] == [2, 1, 0, 0]
    assert set(found["sha256"]) == {"estimate", "clean", "mixture", "transcript"}


def test_other_content_is_refused() -> None:
    with pytest.raises(DataError, match="line 3 holds no heard texts"):
        parse_heard({"name": "m"}, "texts, line 3")
