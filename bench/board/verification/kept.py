"""`verification.json`: what running a submission again came to, kept beside it by the verifier.

It belongs to the board, not to the submission: whoever takes a submission in removes a file of this
name that came with it. The mark follows only if the file speaks of exactly what lies there: the
hash of plan and records must be that of the verified evidence. Names and addresses may change (an
anonymous submission is revealed); a changed score, or other data or weights, lose the mark.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bench.board.submissions.reading import VERIFICATION, Submission
from bench.board.submissions.strict_json import parse_strictly
from bench.board.submissions.untrusted import read_bytes
from bench.board.verification.draw import ENOUGH, evidence_sha256
from bench.core.environment import COMPUTING_PACKAGES, package_versions
from bench.core.files import write_text
from bench.core.jsonio import dumps_pretty
from bench.core.provenance import Provenance
from bench.errors import DataError

if TYPE_CHECKING:
    from bench.board.verification.replay import Replay

__all__ = ["KeptReplay", "KeptVerification", "keep_replay", "provenances", "read_verification"]

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Line = Annotated[str, StringConstraints(max_length=400)]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class KeptDeviation(_Part):
    """See `bench.board.verification.comparison.Deviation`."""

    place: Line
    what: Line
    submitted: Number | Line | None
    measured: Number | Line | None
    tolerance: Number | None


class KeptReplay(_Part):
    """What one run came to; see `bench.board.verification.replay.Replay`.

    Attributes:
        evidence_sha256: Of what was verified.
        submission_sha256: Of `submission.json` as it was then.
        checked_by: Version of this package, and of everything that computed.
        tolerances: In words and numbers.
        result: "verified"; "agrees", from a sample too small for the mark; or "deviates".
    """

    evidence_sha256: Sha256
    submission_sha256: Sha256
    checked_by: Annotated[dict[str, Line], Field(max_length=40)]
    salt: Line
    sample: Annotated[int, Field(ge=1, le=1_000_000)]
    listed: Annotated[int, Field(ge=1, le=1_000_000)]
    mixtures: Annotated[tuple[Line, ...], Field(max_length=100_000)]
    data: Literal["identical", "equivalent"]
    device: Line
    way: Line
    tolerances: Annotated[dict[str, Number | Line], Field(max_length=20)]
    compared: Annotated[int, Field(ge=0, le=100_000_000)]
    unchecked: Annotated[dict[str, Line], Field(max_length=60)]
    deviations: Annotated[tuple[KeptDeviation, ...], Field(max_length=1_000)]
    result: Literal["verified", "agrees", "deviates"]

    @property
    def raises_mark(self) -> bool:
        """Whether it says of itself what the mark needs."""
        enough = self.sample == len(set(self.mixtures)) >= min(ENOUGH, self.listed)
        complete = self.compared > 0 and not self.unchecked and not self.deviations
        return self.result == "verified" and enough and complete


class KeptVerification(_Part):
    """The whole file: one entry per run, by its id."""

    schema_version: Literal[1] = 1
    runs: Annotated[dict[str, KeptReplay], Field(max_length=40)]


_MOST_KEPT = 1_000


def keep_replay(submission: Submission, replay: Replay) -> Path:
    """Write what a run came to beside its submission; entries of other runs stay.

    Raises:
        StorageError: The folder cannot be written.
    """
    known = read_verification(submission.folder)
    entry = KeptReplay(
        evidence_sha256=replay.evidence,
        submission_sha256=submission.sha256,
        checked_by=package_versions(("avss-bench", *COMPUTING_PACKAGES)),
        salt=replay.salt,
        sample=len(replay.mixtures),
        listed=replay.listed,
        mixtures=replay.mixtures,
        data="identical" if replay.data == "identical" else "equivalent",
        device=replay.device,
        way=replay.way,
        tolerances=vars(replay.tolerance),
        compared=replay.compared,
        unchecked=dict(replay.unchecked),
        deviations=tuple(KeptDeviation(**vars(d)) for d in replay.deviations[:_MOST_KEPT]),
        result="verified" if replay.verified else "agrees" if replay.agrees else "deviates",
    )
    runs = {**(known.runs if known else {}), replay.run: entry}
    path = submission.folder / VERIFICATION
    write_text(path, dumps_pretty(KeptVerification(runs=runs).model_dump(mode="json")))
    return path


def read_verification(folder: Path) -> KeptVerification | None:
    """Read the file beside a submission; None where there is none that can be understood.

    It may have been written by anybody; a damaged one is worth no more than none.
    """
    try:
        raw = read_bytes(folder, VERIFICATION)
        parse_strictly(raw, VERIFICATION)
        return KeptVerification.model_validate_json(raw)
    except (DataError, ValidationError):
        return None


def provenances(submission: Submission) -> Mapping[str, Provenance]:
    """Say how far each run of a submission may be trusted, by its id."""
    kept = read_verification(submission.folder)
    entries = kept.runs if kept else {}
    found: dict[str, Provenance] = {}
    for run in submission.to_runs("submitted"):
        entry = entries.get(run.id)
        fits = entry is not None and entry.evidence_sha256 == evidence_sha256(run)
        found[run.id] = "verified" if entry and fits and entry.raises_mark else "submitted"
    return found
