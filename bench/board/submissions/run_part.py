"""What one run becomes in a submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bench.board.submissions.findings import pointer
from bench.board.submissions.flags import needed_flags
from bench.board.submissions.run_models import SubmittedPlan
from bench.board.submissions.submission import plan_of
from bench.board.submissions.trimming import (
    plain_text,
    trimmed_environment,
    trimmed_plan,
    trimmed_record,
)
from bench.board.submissions.words import submitted_words, word_lines
from bench.core.hashing import hash_bytes
from bench.core.jsonio import dumps, loads
from bench.core.plan import Plan
from bench.core.record import Record
from bench.errors import UsageError
from bench.run.data_sameness import FINGERPRINT_NAME
from bench.run.result import Run
from bench.run.summary import summarise

__all__ = ["RunPart", "not_fitting", "run_part"]


@dataclass(frozen=True)
class RunPart:
    """What one run becomes.

    Attributes:
        entries: Of its `SubmittedRun`.
        records: Trimmed.
        words: Lines of word counts.
        fingerprint: The file that keeps the fingerprint of licensed data; None without one.
    """

    entries: dict[str, Any]
    records: list[Record]
    words: list[str]
    fingerprint: bytes | None


def run_part(run: Run, name: str, *, anonymous: bool) -> RunPart:
    """Trim a run; errors as of `draft_submission`."""
    plan = trimmed_plan(_blinded(run.plan, name) if anonymous else run.plan, name)
    try:
        run_id = plan_of(SubmittedPlan.model_validate_json(dumps(plan))).run_id
    except ValidationError as error:
        raise not_fitting(error, f"the plan of the run {run.id}") from error
    records = [trimmed_record(record, run_id, anonymous=anonymous) for record in run.records]
    summary = summarise(records, run.expected)
    fingerprint = _fingerprint(run)
    notes = [] if anonymous else [plain_text(note, 400) for note in run.system.notes]
    entries = {
        "id": run_id,
        "system": {
            "name": name,
            "kind": plan["kind"],
            "inputs": "" if anonymous else plain_text(run.system.inputs, 400),
            "notes": notes,
        },
        "plan": plan,
        "environment": trimmed_environment(_environment(run), anonymous=anonymous),
        "flags": needed_flags(run.plan),
        "data": hash_bytes(fingerprint) if fingerprint else None,
        **{name: getattr(summary, name) for name in ("expected", "ok", "undefined", "failed")},
        "aggregates": {score: vars(found) for score, found in summary.aggregates.items()},
        "words": submitted_words(run.folder),
    }
    return RunPart(entries, records, word_lines(run.folder, run_id), fingerprint)


def _blinded(plan: Plan, name: str) -> Plan:
    """Take out of a plan what tells a published system or a weight file from others."""
    kind = plan.kind if plan.kind in ("oracle", "baseline") else "own"
    weights = plan.separator.get("weights", "checkpoint")
    entries = {**vars(plan), "separator": {"separator": name, "weights": weights}, "kind": kind}
    return Plan(**{name: entries[name] for name in Plan.__dataclass_fields__})


def _environment(run: Run) -> Mapping[str, Any]:
    path = run.folder / "environment.json" if run.folder else None
    if path is None or not path.is_file():
        return {"packages": dict(run.plan.packages)}
    found = loads(path.read_bytes(), str(path))
    return found if isinstance(found, dict) else {}


def _fingerprint(run: Run) -> bytes | None:
    path = run.folder / FINGERPRINT_NAME if run.folder else None
    return path.read_bytes() if path is not None and path.is_file() else None


def not_fitting(error: ValidationError, what: str) -> UsageError:
    """Make the error for something that the format has no place for."""
    found = error.errors(include_url=False, include_input=False)
    said = "; ".join(f"{pointer(entry['loc'])}: {entry['msg']}" for entry in found[:5])
    return UsageError(f"{what} does not fit the format of submissions: {said}.")
