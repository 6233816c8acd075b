"""Whether the figures of a submission are those of its records: everything is recomputed."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bench.board.submissions.findings import Finding, capped
from bench.board.submissions.flags import needed_flags
from bench.board.submissions.models import FILE_NAME
from bench.board.submissions.reading import Submission
from bench.board.submissions.run_models import SubmittedRun, SubmittedWords
from bench.board.submissions.submission import plan_of
from bench.board.submissions.untrusted import RECORDS
from bench.board.submissions.words import rate_of, recounted
from bench.core.record import Record
from bench.metrics import find_metric
from bench.run.summary import Aggregate, Summary, summarise

__all__ = ["TOLERANCE", "figure_findings"]

TOLERANCE = 1e-4


def figure_findings(submission: Submission) -> Iterator[Finding]:
    """Compare counts, aggregates, word errors and flags with what the records give."""
    statuses = (
        Finding(f"{RECORDS}:{number}", problem)
        for number, record in enumerate(submission.records, 1)
        if (problem := _wrong_status(record)) is not None
    )
    yield from capped(statuses, RECORDS)
    for number, run in enumerate(submission.content.runs):
        place = f"{FILE_NAME}#/runs/{number}"
        records = submission.by_run[run.id]
        yield from _wrong_counts(run, summarise(records, run.expected), place)
        yield from _wrong_settings(submission, run, place)
        if run.words is not None:
            yield from _wrong_words(submission, run, run.words, f"{place}/words/scores")


def _wrong_status(record: Record) -> str | None:
    """A status that does not fit the scores."""
    undefined = [name for name, value in record.scores.items() if value is None]
    expected = {
        "ok": not undefined and record.error is None,
        "undefined": bool(undefined) and record.error is not None,
        "failed": len(undefined) == len(record.scores) and record.error is not None,
    }
    if not expected[record.status]:
        return (
            f"the status is '{record.status}', but {len(undefined)} of {len(record.scores)} scores "
            f"are absent and there is {'no' if record.error is None else 'an'} error"
        )
    half = [
        n for n in undefined if not n.endswith("_i") and record.scores.get(f"{n}_i") is not None
    ]
    return f"'{half[0]}_i' is there without '{half[0]}'" if half else None


def _wrong_counts(run: SubmittedRun, summary: Summary, place: str) -> Iterator[Finding]:
    found = summary.ok + summary.undefined + summary.failed
    if found != run.expected:
        yield Finding(f"{place}/expected", f"{run.expected} targets, but there are {found} records")
    for name in ("ok", "undefined", "failed"):
        if (said := getattr(run, name)) != (counted := getattr(summary, name)):
            yield Finding(f"{place}/{name}", f"{said}, but the records give {counted}")
    for score in sorted(run.aggregates.keys() ^ summary.aggregates.keys()):
        where = "records" if score in run.aggregates else FILE_NAME
        yield Finding(f"{place}/aggregates/{score}", f"stands not in the {where}")
    for score in sorted(run.aggregates.keys() & summary.aggregates.keys()):
        said_score = Aggregate(**dict(run.aggregates[score]))
        if problem := _differs(said_score, summary.aggregates[score]):
            yield Finding(f"{place}/aggregates/{score}", problem)


def _differs(said: Aggregate, found: Aggregate) -> str | None:
    if said.scored != found.scored:
        return f"{said.scored} targets scored, but the records give {found.scored}"
    for name in ("mean", "median"):
        pair = getattr(said, name), getattr(found, name)
        if not _close(*pair):
            return f"a {name} of {_number(pair[0])}, but the records give {_number(pair[1])}"
    return None


def _close(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return math.isclose(first, second, rel_tol=0, abs_tol=TOLERANCE)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _wrong_settings(submission: Submission, run: SubmittedRun, place: str) -> Iterator[Finding]:
    if run.system.name != submission.name:
        yield Finding(f"{place}/system/name", "is not the system that /identity names")
    if run.system.kind != run.plan.kind:
        yield Finding(f"{place}/system/kind", f"'{run.system.kind}', but the plan says otherwise")
    for flag in needed_flags(plan_of(run.plan)):
        if flag not in run.flags:
            yield Finding(f"{place}/flags", f"'{flag}' holds for this run, and must be said here")
    for metric, version in run.plan.metrics.items():
        if version != (current := find_metric(metric).version):
            problem = f"version {version} of the definition; {current} is that of today"
            yield Finding(f"{place}/plan/metrics/{metric}", problem, "warning")


def _wrong_words(
    submission: Submission, run: SubmittedRun, words: SubmittedWords, place: str
) -> Iterator[Finding]:
    lines = [line for line in submission.words if line.run == run.id]
    marks = {name.partition("@")[2] for name in words.scores}
    mark = f"@{marks.pop()}" if len(marks) == 1 and "" not in marks else ""
    found = {name: (counts, scored) for name, counts, scored in recounted(lines, mark)}
    for name in sorted(found.keys() ^ words.scores.keys()):
        yield Finding(f"{place}/{name}", "stands not both here and in the counts of the targets")
    for name in sorted(found.keys() & words.scores.keys()):
        said, (counts, scored) = words.scores[name], found[name]
        if {k: getattr(said, k) for k in vars(counts)} != vars(counts) or said.scored != scored:
            yield Finding(f"{place}/{name}", "its counts are not the sums of those of the targets")
        elif not _close(said.rate, rate_of(said)):
            yield Finding(f"{place}/{name}/rate", f"{said.rate} does not follow from its counts")
        if said.expected != run.expected:
            yield Finding(f"{place}/{name}/expected", f"is not the {run.expected} of the run")
