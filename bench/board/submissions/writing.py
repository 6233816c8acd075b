"""From finished runs to a submission.

Everything passes through the models of `models.py` and through `trimming`: there is no way for a
text that was heard, a transcript, a path or the name of a machine to get into the files. The same
runs and the same description give the same bytes, except for the secret of an anonymous submission.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bench.board.submissions.anonymous import (
    WITHHELD,
    Secret,
    codename_for,
    commitment_of,
    naming_words,
    new_secret,
    revealed,
    write_secret,
)
from bench.board.submissions.card import AuthorCard
from bench.board.submissions.efficiency import submitted_profiles
from bench.board.submissions.flags import needed_flags
from bench.board.submissions.models import FILE_NAME, SCHEMA, Commitment, Content, Identity, Method
from bench.board.submissions.reading import Submission
from bench.board.submissions.run_models import Flag
from bench.board.submissions.run_part import RunPart, not_fitting, run_part
from bench.board.submissions.submission import data_folder
from bench.board.submissions.untrusted import RECORDS, WORDS, read_bytes
from bench.core.files import gzip_bytes, write_bytes, write_text
from bench.core.hashing import hash_bytes
from bench.core.jsonio import dumps, dumps_pretty
from bench.errors import UsageError
from bench.run.data_sameness import FINGERPRINT_NAME
from bench.run.result import Run

if TYPE_CHECKING:
    from bench.efficiency.profile import Profile

__all__ = ["Draft", "draft_submission", "reveal_submission", "write_submission"]


@dataclass(frozen=True)
class Draft:
    """A submission before it is written.

    Attributes:
        content: `submission.json`.
        files: What lies beside it, by path.
        secret: What its owner must keep; None unless it is anonymous.
    """

    content: Content
    files: Mapping[str, bytes] = field(repr=False)
    secret: Secret | None = field(default=None, repr=False)


def draft_submission(
    runs: Sequence[Run],
    card: AuthorCard,
    *,
    flags: Sequence[Flag] = (),
    profiles: Sequence[Profile] = (),
    anonymous: bool = False,
) -> Draft:
    """Make a submission of runs.

    Args:
        runs: Finished, all of one system.
        card: What its authors say.
        flags: What makes runs no ordinary results, said by the submitter.
        profiles: Those of the system are taken in.
        anonymous: Withhold whose it is.

    Raises:
        UsageError: A run may not be submitted, or a text of an anonymous submission names somebody.
        DataError: A file of a run cannot be read.
    """
    _refuse(runs, flags)
    drawn = new_secret() if anonymous else ""
    name = codename_for(drawn) if anonymous else card.identity.system
    parts = [run_part(run, name, anonymous=anonymous) for run in runs]
    files = _files(parts)
    entries: dict[str, Any] = {
        "schema_version": SCHEMA,
        "identity": card.identity.model_dump(mode="json"),
        "commitment": None,
        "method": card.method.model_dump(mode="json"),
        "runs": [part.entries for part in parts],
        "efficiency": submitted_profiles(runs, profiles, name, anonymous=anonymous),
        "files": {path: _entry(path, content, parts) for path, content in files.items()},
    }
    if not anonymous:
        return Draft(_content(entries), files)
    _refuse_names(card.method, card.identity)
    records = hash_bytes(files[RECORDS])
    commitment = Commitment(sha256=commitment_of(card.identity, drawn, records))
    entries["identity"] = Identity(system=name, authors=(WITHHELD,)).model_dump(mode="json")
    entries["commitment"] = commitment.model_dump(mode="json")
    secret = Secret(identity=card.identity, records=records, secret=drawn)
    return Draft(_content(entries), files, secret)


def _refuse(runs: Sequence[Run], flags: Sequence[Flag]) -> None:
    if not runs:
        raise UsageError("no run was given; name the folder of a finished run.")
    ids = [run.id for run in runs]
    if len(set(ids)) < len(ids):
        raise UsageError("a run was given twice; name each once.")
    for run in runs:
        if not run.summary.complete:
            raise UsageError(
                f"the run {run.id} has {len(run.records)} of {run.expected} records; finish it "
                "first, with the command that began it."
            )
        if lacking := [flag for flag in needed_flags(run.plan) if flag not in flags]:
            said = " ".join(f"--flag {flag}" for flag in lacking)
            raise UsageError(
                f"the run {run.id} is no ordinary result ({', '.join(lacking)}); hand in another, "
                f"or say that you know: {said}."
            )


def _files(parts: Sequence[RunPart]) -> dict[str, bytes]:
    """Everything beside `submission.json`, by path."""
    lines = [record.line() for part in parts for record in part.records]
    files = {RECORDS: _zipped(lines)}
    if words := [line for part in parts for line in part.words]:
        files[WORDS] = _zipped(words)
    for part in parts:
        if part.fingerprint is not None:
            place = data_folder(hash_bytes(part.fingerprint))
            files[f"{place}/{FINGERPRINT_NAME}"] = part.fingerprint
    return files


def _zipped(lines: Sequence[str]) -> bytes:
    return gzip_bytes("".join(f"{line}\n" for line in lines).encode())


def _entry(path: str, content: bytes, parts: Sequence[RunPart]) -> dict[str, object]:
    counts = {
        RECORDS: sum(len(part.records) for part in parts),
        WORDS: sum(len(part.words) for part in parts),
    }
    return {"sha256": hash_bytes(content), "lines": counts.get(path, 0)}


def _content(entries: Mapping[str, Any]) -> Content:
    try:
        return Content.model_validate_json(dumps(entries))
    except ValidationError as error:
        raise not_fitting(error, "the submission") from error


def _refuse_names(method: Method, identity: Identity) -> None:
    """Refuse free texts of an anonymous submission that say whose it is."""
    for path, text in _texts(method):
        low = text.casefold()
        for word in naming_words(identity):
            if word.casefold() in low:
                raise UsageError(
                    f"'{path}' holds '{word}', which would say whose the anonymous submission is; "
                    "word it otherwise."
                )


def _texts(method: Method) -> Iterator[tuple[str, str]]:
    for name in ("licence", "training_data", "visual_pretraining", "checkpoint_choice"):
        yield name, getattr(method, name)
    for number, note in enumerate(method.notes):
        yield f"notes.{number}", note


def write_submission(draft: Draft, folder: Path, secret_file: Path | None = None) -> None:
    """Write a submission; `submission.json` comes last and says that the rest is whole.

    Args:
        draft: What to write.
        folder: Where to; it must not hold anything yet.
        secret_file: Where the secret of an anonymous submission goes, outside the folder.

    Raises:
        UsageError: Something lies there already, or the secret would lie inside the submission.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty; nothing is overwritten: name another --out.")
    if draft.secret is not None:
        if secret_file is None:
            raise UsageError("an anonymous submission needs a file for its secret: give --secret.")
        if secret_file.resolve().is_relative_to(folder.resolve()):
            raise UsageError(f"{secret_file} lies inside the submission; keep it elsewhere.")
        write_secret(draft.secret, secret_file)
    for path, content in draft.files.items():
        write_bytes(folder / path, content)
    write_text(folder / FILE_NAME, content_text(draft.content))


def content_text(content: Content) -> str:
    """Return the bytes of `submission.json`; what is not known of a separator is left out."""
    plain = content.model_dump(mode="json")
    for entry, run in zip(plain["runs"], content.runs, strict=True):
        entry["plan"]["separator"] = run.plan.separator.model_dump(mode="json", exclude_unset=True)
    return dumps_pretty(plain)


def reveal_submission(submission: Submission, secret: Secret) -> Draft:
    """Return an anonymous submission with its owner's name and the proof.

    Raises:
        UsageError: The secret is not that of this submission.
    """
    files = {path: read_bytes(submission.folder, path) for path in submission.content.files}
    return Draft(revealed(secret, submission.content), files)
