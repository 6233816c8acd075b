"""Reading a submission that anybody may have written.

`examine` looks at everything and says all that is wrong; `read_submission` gives a submission or
one error. What comes out is safe to use: bounded, without hidden characters, its files inside their
folder, its records those that `submission.json` hashes. Whether its numbers are right and plausible
is for `validation` to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from bench.board.submissions.findings import Finding, capped, pointer, said, shown, visible
from bench.board.submissions.lines import WordLine, parse_records, parse_words
from bench.board.submissions.models import FILE_NAME, Content
from bench.board.submissions.run_models import SubmittedRun
from bench.board.submissions.strict_json import decode, hidden_sign, parse_strictly, text_findings
from bench.board.submissions.submission import Submission, data_folder, plan_of
from bench.board.submissions.untrusted import RECORDS, WORDS, list_folder, read_bytes, unzip
from bench.core.hashing import hash_bytes
from bench.core.record import Record
from bench.datasets.fingerprint import Fingerprint, parse_fingerprint
from bench.errors import BenchError, DataError
from bench.metrics import find_metric, value_names
from bench.run.data_sameness import FINGERPRINT_NAME

__all__ = ["VERIFICATION", "Submission", "examine", "read_submission"]

# Written by `avss-bench verify`; belongs to the board, not to the submission.
VERIFICATION = "verification.json"


def read_submission(folder: Path) -> Submission:
    """Read a submission of a stranger.

    Raises:
        DataError: It is not one; the sentence names the first fault and counts the others.
    """
    submission, findings = examine(folder)
    if submission is None:
        first, *others = [finding for finding in findings if finding.severity == "error"]
        more = f" (and {len(others)} more; `avss-bench validate` shows all)" if others else ""
        raise DataError(
            f"{visible(str(folder))} is no submission: {first.place}: {first.problem}{more}."
        )
    return submission


def examine(folder: Path) -> tuple[Submission | None, list[Finding]]:
    """Look at every file of a submission.

    Returns:
        The submission, or None where anything is wrong with it; and everything that is.
    """
    try:
        files, findings = list_folder(folder)
    except DataError as error:
        return None, [Finding(".", said(error))]
    content, sha256 = _read_content(folder, findings)
    if content is None:
        return None, findings
    findings += _wrong_files(content, files)
    findings += _wrong_runs(content)
    if any(finding.severity == "error" for finding in findings):
        return None, findings
    records = _read_records(folder, content, findings)
    words = _read_words(folder, content, findings)
    for number, run in enumerate(content.runs):
        findings += _wrong_fingerprint(folder, content, run, f"{FILE_NAME}#/runs/{number}/data")
    if any(finding.severity == "error" for finding in findings):
        return None, findings
    return Submission(folder, content, tuple(records), tuple(words), sha256), findings


def _read_content(folder: Path, findings: list[Finding]) -> tuple[Content | None, str]:
    try:
        raw = read_bytes(folder, FILE_NAME)
        parsed = parse_strictly(raw, FILE_NAME)
    except DataError as error:
        findings.append(Finding(FILE_NAME, said(error)))
        return None, ""
    hidden = capped(text_findings(parsed, FILE_NAME), FILE_NAME)
    findings += hidden
    try:
        content = Content.model_validate_json(raw)
    except ValidationError as error:
        findings += capped(_model_findings(error), FILE_NAME)
        return None, ""
    return (None if hidden else content), hash_bytes(raw)


def _model_findings(error: ValidationError) -> Iterator[Finding]:
    entries = error.errors(include_url=False, include_input=False, include_context=False)
    for entry in entries:
        place, size = entry["loc"], len(entry["loc"])
        # A list is also called too short where its items are wrong.
        hollow = entry["type"] == "too_short"
        if not hollow or all(e["loc"][:size] != place or e is entry for e in entries):
            yield Finding(f"{FILE_NAME}#{pointer(place)}", entry["msg"])


def _wrong_files(content: Content, present: list[str]) -> list[Finding]:
    """Hold the files that lie there against those that `submission.json` names."""
    beside = {name for name in present if name not in (FILE_NAME, VERIFICATION)}
    expected = {RECORDS} | {
        f"{data_folder(r.data)}/{FINGERPRINT_NAME}" for r in content.runs if r.data
    }
    if any(run.words for run in content.runs):
        expected.add(WORDS)
    named = set(content.files)
    found = [
        Finding(f"{FILE_NAME}#{pointer(['files', name])}", "the submission has no such file")
        for name in sorted(named - expected)
    ]
    found += [
        Finding(f"{FILE_NAME}#/files", f"{name} is not named, but its hash is expected")
        for name in sorted(expected - named)
    ]
    found += [Finding(name, "is absent") for name in sorted((expected & named) - beside)]
    return found + [
        Finding(name, f"is not named in {FILE_NAME}") for name in sorted(beside - named)
    ]


def _wrong_runs(content: Content) -> Iterator[Finding]:
    ids: dict[str, int] = {}
    for number, run in enumerate(content.runs):
        place = f"{FILE_NAME}#/runs/{number}"
        if run.id in ids:
            yield Finding(f"{place}/id", f"is the run of /runs/{ids[run.id]} once more")
        ids.setdefault(run.id, number)
        if run.id != (expected := plan_of(run.plan).run_id):
            yield Finding(
                f"{place}/id", f"{shown(run.id)} is not the id that its plan gives, {expected}"
            )
        for metric in run.plan.metrics:
            try:
                find_metric(metric)
            except BenchError:
                yield Finding(f"{place}/plan/metrics/{metric}", "no such metric is known here")


def _unpacked(folder: Path, content: Content, name: str) -> bytes:
    raw = read_bytes(folder, name)
    if (found := hash_bytes(raw)) != content.files[name].sha256:
        raise DataError(
            f"{name} has the SHA-256 {found[:12]}…, but {FILE_NAME} says "
            f"{content.files[name].sha256[:12]}…."
        )
    return unzip(raw, name)


def _read_records(folder: Path, content: Content, findings: list[Finding]) -> list[Record]:
    ids = {run.id: value_names(list(run.plan.metrics), with_mixture=True) for run in content.runs}
    try:
        records, wrong = parse_records(_unpacked(folder, content, RECORDS), ids)
    except DataError as error:
        findings.append(Finding(RECORDS, said(error)))
        return []
    findings += wrong
    findings += capped(_wrong_records(content, records), RECORDS)
    if not wrong and len(records) != (lines := content.files[RECORDS].lines):
        findings.append(Finding(RECORDS, f"{len(records)} lines, but {FILE_NAME} says {lines}"))
    return list(records.values())


def _wrong_records(content: Content, records: Mapping[int, Record]) -> Iterator[Finding]:
    """Records that belong to no run, or stand twice."""
    datasets = {run.id: run.plan.dataset for run in content.runs}
    seen: dict[tuple[str, str, int], int] = {}
    for number, record in records.items():
        place, key = f"{RECORDS}:{number}", (record.run, *record.key)
        if record.dataset != datasets[record.run]:
            yield Finding(place, f"is on {shown(record.dataset)}, but its run is not")
        if key in seen:
            name = f"{record.mixture}/s{record.target}"
            yield Finding(place, f"{shown(name)} stands twice, first in line {seen[key]}")
        seen.setdefault(key, number)


def _read_words(folder: Path, content: Content, findings: list[Finding]) -> list[WordLine]:
    if WORDS not in content.files:
        return []
    try:
        lines, wrong = parse_words(_unpacked(folder, content, WORDS))
    except DataError as error:
        findings.append(Finding(WORDS, said(error)))
        return []
    findings += wrong
    findings += capped(_wrong_words(content, lines), WORDS)
    return list(lines.values())


def _wrong_words(content: Content, lines: Mapping[int, WordLine]) -> Iterator[Finding]:
    having = {run.id for run in content.runs if run.words}
    seen: set[tuple[str, str, int]] = set()
    for number, line in lines.items():
        key = (line.run, line.mixture, line.target)
        if line.run not in having:
            yield Finding(f"{WORDS}:{number}", "is of a run without word errors")
        if key in seen:
            yield Finding(f"{WORDS}:{number}", "stands twice")
        seen.add(key)


def _wrong_fingerprint(
    folder: Path, content: Content, run: SubmittedRun, place: str
) -> Iterator[Finding]:
    if run.data is None:
        return
    name = f"{data_folder(run.data)}/{FINGERPRINT_NAME}"
    if content.files[name].sha256 != run.data:
        yield Finding(place, f"is not the hash of {name} in /files")
        return
    try:
        text = decode(_unpacked(folder, content, name), name)
        fingerprint = parse_fingerprint(text, name)
    except DataError as error:
        yield Finding(name, said(error))
        return
    expected = (run.plan.dataset, run.plan.list_sha256, run.plan.data_sha256)
    if (fingerprint.dataset, fingerprint.list_sha256, fingerprint.sha256) != expected:
        yield Finding(name, "is the fingerprint of other data than the plan of the run names")
    if problem := _wrong_items(fingerprint):
        yield Finding(name, problem)


def _wrong_items(fingerprint: Fingerprint) -> str | None:
    for item in fingerprint.mixtures:
        texts_fit = isinstance(item.name, str) and isinstance(item.sha256, str)
        if not texts_fit or hidden_sign(item.name) or len(item.sha256) != 64:
            return "the name or hash of a mixture is none"
        if not all(level is None or isinstance(level, int | float) for level in item.levels_db):
            return f"a level of {shown(item.name)} is not a number"
    if len(fingerprint.hashes) < len(fingerprint.mixtures):
        return "names a mixture twice"
    return None
