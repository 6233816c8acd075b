"""The lines of `records.jsonl.gz` and `words.jsonl.gz`, each looked at on its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bench.board.submissions.findings import Finding, capped, said, shown
from bench.board.submissions.strict_json import decode, hidden_sign, parse_strictly
from bench.board.submissions.untrusted import LIMITS, RECORDS, WORDS
from bench.core.names import check_file_name
from bench.core.record import Record, parse_record
from bench.errors import DataError

__all__ = ["CONDITION_TEXT", "WordLine", "parse_records", "parse_words"]

T = TypeVar("T")

_LONGEST_LINE = 16_384
_LONGEST_NAME = 240
_LONGEST_ERROR = 400
_MOST_CONDITIONS = 40
_LARGEST_SCORE = 1e6
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}\Z")
# A condition that is text is a label ("FM"), so that no sentence can travel as one.
CONDITION_TEXT = re.compile(r"[A-Za-z0-9_.+-]{0,24}\Z")

_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Rate = Annotated[str, StringConstraints(pattern=r"^wer_[a-z_]{1,40}$")]
_Counts = Annotated[
    tuple[Annotated[int, Field(ge=0, le=1_000_000)], ...], Field(min_length=4, max_length=4)
]


class WordLine(BaseModel):
    """Word errors of one target: counts of the alignment, and hashes of the texts.

    Attributes:
        run: Id of the run.
        mixture: Name of the mixture.
        target: 1 or 2.
        language: That it was heard in.
        counts: Hits, substitutions, deletions, insertions by rate.
        sha256: Of what was heard of each voice, and of the transcript.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    run: Annotated[str, StringConstraints(max_length=240)]
    mixture: Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_NAME)]
    target: Annotated[int, Field(ge=1, le=2)]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{0,8}(-[A-Za-z]{1,8})?$")]
    counts: Annotated[dict[_Rate, _Counts], Field(max_length=12)]
    sha256: dict[Literal["estimate", "clean", "mixture", "transcript"], _Sha256]


def parse_records(
    content: bytes, score_ids: Mapping[str, Collection[str]]
) -> tuple[dict[int, Record], list[Finding]]:
    """Read unpacked records.

    Args:
        content: Unpacked.
        score_ids: What the records of each run must hold, by run id.

    Returns:
        The records by line, counted from 1, and what is wrong with the other lines.

    Raises:
        DataError: Not text, no last line end, or too many lines.
    """

    def parse(line: str, place: str) -> Record:
        record = parse_record(line, place)
        if problem := _wrong_record(record, line, score_ids):
            raise DataError(problem)
        return record

    return _parse_lines(content, RECORDS, parse)


def parse_words(content: bytes) -> tuple[dict[int, WordLine], list[Finding]]:
    """Read unpacked word counts; results and errors as of `parse_records`."""

    def parse(line: str, place: str) -> WordLine:
        parse_strictly(line.encode(), place)
        try:
            row = WordLine.model_validate_json(line)
        except ValidationError as error:
            raise DataError(_first(error)) from error
        if sign := hidden_sign(row.mixture):
            raise DataError(f"{shown(row.mixture)} holds the hidden character {sign}")
        return row

    return _parse_lines(content, WORDS, parse)


def _parse_lines(
    content: bytes, name: str, parse: Callable[[str, str], T]
) -> tuple[dict[int, T], list[Finding]]:
    text, most = decode(content, name), LIMITS[name].lines
    if content and not text.endswith("\n"):
        raise DataError(f"{name} ends in the middle of a line.")
    if text.count("\n") > most:
        raise DataError(f"{name} has more than {most} lines, the limit for such a file.")
    found: dict[int, T] = {}
    findings: list[Finding] = []
    for number, line in enumerate(text.split("\n")[:-1], 1):
        place = f"{name}:{number}"
        try:
            if len(line) > _LONGEST_LINE:
                raise DataError(f"a line of {len(line)} characters, at most {_LONGEST_LINE}")
            found[number] = parse(line, place)
        except DataError as error:
            findings.append(Finding(place, said(error).removeprefix(f"{place} ")))
    return found, capped(findings, name)


def _wrong_record(
    record: Record, line: str, score_ids: Mapping[str, Collection[str]]
) -> str | None:
    if record.run not in score_ids:
        return f"is of the run {shown(record.run)}, which submission.json does not name"
    if problem := _wrong_texts(record):
        return problem
    if record.scores.keys() != set(score_ids[record.run]):
        odd = sorted(record.scores.keys() ^ set(score_ids[record.run]))[0]
        return f"its scores are not those of its run's metrics: {shown(odd)} is one too many or few"
    large = [s for s, v in record.scores.items() if v is not None and abs(v) > _LARGEST_SCORE]
    large += [s for s, v in record.diagnostics.items() if abs(v) > _LARGEST_SCORE]
    if large:
        return f"{shown(large[0])} is beyond {_LARGEST_SCORE:g}"
    if record.line() != line:
        return "is not written as `avss-bench submit` writes it (id, order of the keys, or spacing)"
    return None


def _wrong_texts(record: Record) -> str | None:
    try:
        check_file_name(record.mixture)
    except DataError:
        return f"{shown(record.mixture)} cannot be the name of a mixture"
    names = (
        record.mixture,
        record.target_cluster,
        record.interferer_cluster,
        record.target_utterance,
        record.interferer_utterance,
    )
    for text in (*names, record.error or ""):
        if sign := hidden_sign(text):
            return f"{shown(text)} holds the hidden character {sign}"
    if max(map(len, names)) > _LONGEST_NAME or len(record.error or "") > _LONGEST_ERROR:
        return f"a text is longer than {_LONGEST_NAME} (names) or {_LONGEST_ERROR} (error)"
    return _wrong_conditions(record)


def _wrong_conditions(record: Record) -> str | None:
    if max(len(record.conditions), len(record.diagnostics)) > _MOST_CONDITIONS:
        return f"more than {_MOST_CONDITIONS} conditions or diagnostics"
    for name in (*record.conditions, *record.diagnostics):
        if not _KEY.match(name):
            return f"{shown(name)} cannot be the name of a condition"
    for name, value in record.conditions.items():
        if isinstance(value, str) and not CONDITION_TEXT.match(value):
            return f"the condition {name} holds {shown(value)}, but a number or a label is expected"
        if not isinstance(value, str) and abs(value) > _LARGEST_SCORE:
            return f"the condition {name} is beyond {_LARGEST_SCORE:g}"
    return None


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(shown(part, quoted=False) for part in first["loc"])
    return f"{where or 'the line'}: {first['msg']}"
