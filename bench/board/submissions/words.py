"""Word errors of a run, as far as they may leave: rates, counts and hashes, never a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from bench.board.submissions.lines import WordLine
from bench.board.submissions.run_models import Recogniser, WordRate
from bench.board.submissions.trimming import plain_text
from bench.core.jsonio import dumps, loads
from bench.errors import DataError
from bench.metrics import ErrorCounts

__all__ = ["recounted", "submitted_words", "word_lines"]


def submitted_words(folder: Path | None) -> dict[str, Any] | None:
    """Return the entries of `SubmittedWords` of a run; None where it was never transcribed.

    Raises:
        DataError: `wer.json` is not what `avss-bench transcribe` writes.
    """
    path = folder / "wer.json" if folder else None
    if path is None or not path.is_file():
        return None
    found = loads(path.read_bytes(), str(path))
    try:
        recogniser = found["recogniser"]
        return {
            "recogniser": {n: recogniser[n] for n in Recogniser.model_fields if n in recogniser},
            **{n: plain_text(found[n], 400) for n in ("language", "word_references")},
            "normaliser": plain_text(found["normaliser"]),
            "scores": {name: _rate(score) for name, score in found["scores"].items()},
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} does not tell word errors ({error}): transcribe again.") from error


def _rate(score: Mapping[str, Any]) -> dict[str, Any]:
    names = ("rate", "scored", "expected", "looping")
    counts = ("hits", "substitutions", "deletions", "insertions")
    return {**{n: score[n] for n in names}, **{n: score["counts"][n] for n in counts}}


def word_lines(folder: Path | None, run: str) -> list[str]:
    """Return the counts of every target, one line of JSON each, from `wer.jsonl.gz`.

    Only the fields of `WordLine` are taken, and each is checked: a text has no place among them.

    Raises:
        DataError: The file is damaged.
    """
    import gzip
    import zlib

    path = folder / "wer.jsonl.gz" if folder else None
    if path is None or not path.is_file():
        return []
    try:
        lines = gzip.decompress(path.read_bytes()).splitlines()
        rows = [{**loads(line, str(path)), "run": run} for line in lines]
        kept = [{name: row[name] for name in WordLine.model_fields} for row in rows]
        return [dumps(WordLine.model_validate_json(dumps(r)).model_dump(mode="json")) for r in kept]
    except (OSError, EOFError, zlib.error, TypeError, KeyError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}): transcribe the run again.") from error


def recounted(lines: Sequence[WordLine], mark: str) -> Iterator[tuple[str, ErrorCounts, int]]:
    """Sum up the counts of a run by rate.

    Args:
        lines: Of one run.
        mark: What the recogniser adds to the ids of its rates.

    Yields:
        Id of the rate, summed counts, number of targets.
    """
    for name in sorted({name for line in lines for name in line.counts}):
        having = [ErrorCounts(*line.counts[name]) for line in lines if name in line.counts]
        yield name + mark, reduce(add, having, ErrorCounts()), len(having)


def rate_of(rate: WordRate) -> float | None:
    """Divide a submitted rate anew."""
    counts = ErrorCounts(rate.hits, rate.substitutions, rate.deletions, rate.insertions)
    return counts.rate if counts.reference_units else None
