"""Every score that came out here, held against the one that was handed in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bench.board.submissions.trimming import trimmed_record
from bench.board.verification.tolerances import Tolerance
from bench.core.record import Record, RecordKey
from bench.run.result import Run

__all__ = ["Deviation", "compare_list", "compare_records"]

# What was handed in for a target, if anything was, and what came out.
Pair = tuple[Record | None, Record]


@dataclass(frozen=True)
class Deviation:
    """One thing that came out otherwise.

    Attributes:
        place: Mixture and target ("m001/s2"), "mean", or "list".
        what: Score id, or the entry of the record.
        submitted: As handed in; None = undefined.
        measured: As it came out here; None = undefined.
        tolerance: How far they may be apart; None where they must be equal.
    """

    place: str
    what: str
    submitted: float | str | None
    measured: float | str | None
    tolerance: float | None = None


def compare_records(
    submitted: Run, again: Run, tolerance: Tolerance
) -> tuple[int, tuple[Deviation, ...]]:
    """Hold a sample that was run again against what was handed in.

    Args:
        submitted: The whole run as it was handed in.
        again: The sample.
        tolerance: What may differ.

    Returns:
        How many scores were compared, and everything that came out otherwise.
    """
    pairs = _pairs(submitted, again)
    compared = len(_scores(pairs)) * sum(theirs is not None for theirs, _ in pairs)
    return compared, (*_single(pairs, tolerance), *_means(pairs, tolerance))


def compare_list(submitted: Run, targets: Collection[RecordKey]) -> Iterator[Deviation]:
    """Hold the targets of a submission against those of the list, drawn or not.

    A mixture that is not in the list cannot be drawn, and one that was left out seldom is.

    Args:
        submitted: The whole run as it was handed in.
        targets: All that the list has.
    """
    known = {record.key for record in submitted.records}
    counts = {
        "targets that it has not": (len(known.difference(targets)), 0),
        "targets without a record": (len(set(targets) - known), 0),
        "targets expected": (submitted.expected, len(targets)),
    }
    for what, (given, measured) in counts.items():
        if given != measured:
            yield Deviation("list", what, str(given), str(measured))


def _scores(pairs: Sequence[Pair]) -> list[str]:
    return sorted({score for _, mine in pairs for score in mine.scores})


def _pairs(submitted: Run, again: Run) -> list[Pair]:
    """Put what was handed in beside what came out, trimmed as what is handed in is."""
    theirs: dict[RecordKey, Record] = {record.key: record for record in submitted.records}
    return [(theirs.get(r.key), trimmed_record(r, submitted.id)) for r in again.records]


def _single(pairs: Sequence[Pair], tolerance: Tolerance) -> Iterator[Deviation]:
    """Hold every record against the one that was handed in."""
    for theirs, mine in pairs:
        place = f"{mine.mixture}/s{mine.target}"
        if theirs is None:
            yield Deviation(place, "record", None, mine.status)
            continue
        for entry in ("status", "target_cluster", "interferer_cluster"):
            if getattr(theirs, entry) != getattr(mine, entry):
                yield Deviation(place, entry, getattr(theirs, entry), getattr(mine, entry))
        for score, measured in mine.scores.items():
            given = theirs.scores.get(score)
            own = mine.scores.get(score.removesuffix("_i"))
            allowed = tolerance.of(score, own if own is not None else 0.0)
            if not _agree(given, measured, allowed):
                yield Deviation(place, score, given, measured, allowed)


def _agree(first: float | None, second: float | None, tolerance: float) -> bool:
    if first is None or second is None:
        return first is second
    return abs(first - second) <= tolerance


def _means(pairs: Sequence[Pair], tolerance: Tolerance) -> Iterator[Deviation]:
    """Hold the means over the sample against each other: small steps all to one side add up."""
    for score in _scores(pairs):
        known = [
            (given, measured)
            for theirs, mine in pairs
            if theirs is not None
            and (given := theirs.scores.get(score)) is not None
            and (measured := mine.scores.get(score)) is not None
        ]
        if not known:
            continue
        means = [sum(column) / len(known) for column in zip(*known, strict=True)]
        allowed = tolerance.of_mean(score)
        if abs(means[0] - means[1]) > allowed:
            yield Deviation("mean", score, means[0], means[1], allowed)
