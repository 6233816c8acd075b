"""Whether two runs on the same data agree on what they share: voices, and scores of the mixtures.

A score minus its improvement is the score of the unprocessed mixture, which no system can change.
Speakers, videos or talks are what intervals are taken over: others would make them narrower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.board.submissions.findings import Finding
from bench.board.submissions.models import FILE_NAME
from bench.board.submissions.reading import Submission
from bench.board.submissions.run_models import SubmittedRun
from bench.board.submissions.untrusted import RECORDS
from bench.core.record import Record, RecordKey
from bench.metrics import find_metric
from bench.run.result import Run

__all__ = ["reference_findings"]

# Equal data and definitions; versions of libraries move the last digits, PESQ's a little more.
_TOLERANCES = {"dB": 1e-3, "MOS": 1e-2, "": 1e-3}


def reference_findings(submission: Submission, others: Sequence[Run]) -> Iterator[Finding]:
    """Compare the scores of the mixtures with those of other runs on identical data."""
    for number, run in enumerate(submission.content.runs):
        data = run.plan.data_sha256
        same = [o for o in others if data is not None and o.plan.data_sha256 == data]
        same.sort(key=lambda other: other.provenance != "reproduced")  # ours are the reference
        if not same:
            problem = (
                f"no other run on the same {run.plan.dataset} was found in the folders that "
                "submissions are held against, so its mixtures and speakers were not compared"
            )
            yield Finding(f"{FILE_NAME}#/runs/{number}", problem, "note")
            continue
        if unlike := _other_voices(submission.by_run[run.id], same[0]):
            yield Finding(RECORDS, unlike)
        for metric, version in run.plan.metrics.items():
            known = [o for o in same if o.plan.metrics.get(metric) == version]
            unequal = _differences(submission, run, known[0], metric) if known else None
            if unequal is not None:
                yield Finding(f"{FILE_NAME}#/runs/{number}/aggregates/{metric}_i", unequal)


def _other_voices(records: Sequence[Record], other: Run) -> str | None:
    known = {record.key: _voices(record) for record in other.records}
    off = [r for r in records if r.key in known and known[r.key] != _voices(r)]
    if not off:
        return None
    return (
        f"{len(off)} targets are of other utterances, speakers, videos or talks than in {other.id} "
        f"on the same data (the first is {off[0].mixture}/s{off[0].target})"
    )


def _voices(record: Record) -> tuple[str, ...]:
    return (
        record.target_utterance,
        record.interferer_utterance,
        record.target_cluster,
        record.interferer_cluster,
    )


def _differences(submission: Submission, run: SubmittedRun, other: Run, metric: str) -> str | None:
    theirs = _of_mixtures(other.records, metric)
    tolerance = _TOLERANCES[find_metric(metric).unit]
    off = [
        key
        for key, value in _of_mixtures(submission.by_run[run.id], metric).items()
        if key in theirs and abs(value - theirs[key]) > tolerance
    ]
    if not off:
        return None
    (mixture, target), count = off[0], len(off)
    return (
        f"the improvements of {count} targets are over other mixtures than those of {other.id} on "
        f"the same data (the first is {mixture}/s{target})"
    )


def _of_mixtures(records: Sequence[Record], metric: str) -> dict[RecordKey, float]:
    found = {}
    for record in records:
        value, gain = record.scores.get(metric), record.scores.get(f"{metric}_i")
        if value is not None and gain is not None:
            found[record.key] = value - gain
    return found
