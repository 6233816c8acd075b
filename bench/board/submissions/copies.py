"""Whether the scores of a submission are those of another system, as they are or in disguise.

Two systems differ by tenths of a decibel from target to target, in either direction. Where nearly
all differences are one and the same number, one list was made from the other: copied, or copied
with something added. That may be honest (the same weights under another name), so it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from bench.board.submissions.findings import Finding, shown
from bench.board.submissions.models import FILE_NAME
from bench.board.submissions.reading import Submission
from bench.core.plan import Plan
from bench.core.record import Record, RecordKey
from bench.run.result import Run

__all__ = ["copy_findings"]

_SCORE = "si_snr"
_FEWEST = 10
_EQUAL_DB = 0.01
_MOST_SHARE = 0.5
_HASHES = ("files", "tensors", "estimates")


def copy_findings(submission: Submission, others: Sequence[Run]) -> Iterator[Finding]:
    """Compare every run with runs of other systems on the same set."""
    for number, run in enumerate(submission.to_runs("submitted")):
        mine = _scores(run.records)
        for other in others:
            if other.plan.dataset != run.plan.dataset or _one_system(run.plan, other.plan):
                continue
            alike, shared = _alike(mine, _scores(other.records))
            if shared >= _FEWEST and alike > _MOST_SHARE * shared:
                yield Finding(
                    f"{FILE_NAME}#/runs/{number}/aggregates/{_SCORE}",
                    f"{alike} of {shared} targets differ from {shown(other.id)} by one and the "
                    "same number: are these the scores of that system?",
                    "warning",
                )


def _scores(records: Sequence[Record]) -> dict[RecordKey, float]:
    return {r.key: value for r in records if (value := r.scores.get(_SCORE)) is not None}


def _alike(mine: Mapping[RecordKey, float], theirs: Mapping[RecordKey, float]) -> tuple[int, int]:
    """Number of targets whose difference is the usual one, and of those that both scored."""
    differences = [value - theirs[key] for key, value in mine.items() if key in theirs]
    if not differences:
        return 0, 0
    usual = median(differences)
    return sum(abs(each - usual) <= _EQUAL_DB for each in differences), len(differences)


def _one_system(first: Plan, second: Plan) -> bool:
    """Whether two plans name the same network: equal in all, or in the hash of its weights."""
    if first.separator == second.separator:
        return True
    return any(
        first.separator.get(name) and first.separator.get(name) == second.separator.get(name)
        for name in _HASHES
    )
