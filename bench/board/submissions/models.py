"""`submission.json`: who made a system, how it was trained, what was run, what came of it.

The models are the format: unknown entries, wrong types, numbers that are none and texts beyond
their length are refused. `schema.py` makes the JSON Schema from them. What is not here cannot leave
the submitter's machine: there is no field for a transcript, a recognised text or a path.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bench.board.submissions.efficiency import EfficiencyBlock
from bench.board.submissions.fields import Count, Line, Name, Part, Sha256, Text, Url
from bench.board.submissions.run_models import SubmittedRun

__all__ = [
    "FILE_NAME",
    "SCHEMA",
    "CheckpointFile",
    "Commitment",
    "Content",
    "FileEntry",
    "Identity",
    "Method",
    "Paper",
]

SCHEMA = 1
FILE_NAME = "submission.json"


class Paper(Part):
    """Where the system is described."""

    title: Line
    venue: Line = ""
    year: Annotated[int, Field(ge=1990, le=2100)]
    url: Url | None = None


class CheckpointFile(Part):
    """A weight file that others may fetch.

    Attributes:
        url: Where it lies; nothing here ever fetches it unasked.
        sha256: Of its bytes.
    """

    url: Url
    sha256: Sha256


class Identity(Part):
    """Everything that says whose system it is: what an anonymous submission withholds.

    Attributes:
        system: Name in tables.
        authors: One entry per person or group.
        paper: None = not published.
        code: Where the code lies.
        checkpoints: Where the weights lie.
        supersedes: Name of an earlier submission that this one replaces.
    """

    system: Name
    authors: Annotated[tuple[Name, ...], Field(min_length=1, max_length=50)]
    paper: Paper | None = None
    code: Url | None = None
    checkpoints: Annotated[tuple[CheckpointFile, ...], Field(max_length=10)] = ()
    supersedes: Name | None = None


class Commitment(Part):
    """What proves later whose an anonymous submission is (see `anonymous`).

    Attributes:
        sha256: Over identity, secret and the hash of the records.
        secret: Given when the identity is revealed, so that anybody can check; else absent.
    """

    sha256: Sha256
    secret: Sha256 | None = None


class Method(Part):
    """How the system works and was made, as far as a reader of the table must know.

    Attributes:
        modality: What it is given.
        causal: Whether no output sample depends on later input.
        licence: Of code and weights.
        training_data: What it was trained on.
        visual_pretraining: What its visual encoder was trained on before; "none" if nothing.
        checkpoint_choice: How the checkpoint was chosen, and on which data.
        training_seeds: How many times it was trained; the scores are those of one training.
        notes: What else a reader must know.
    """

    modality: Literal["audio-visual", "audio-only"]
    causal: bool
    licence: Line
    training_data: Text
    visual_pretraining: Text
    checkpoint_choice: Text
    training_seeds: Annotated[int, Field(ge=1, le=1000)]
    notes: Annotated[tuple[Line, ...], Field(max_length=20)] = ()


class FileEntry(Part):
    """A file beside `submission.json`.

    Attributes:
        sha256: Of its bytes as they lie there.
        lines: Of its content; 0 where it has no lines.
    """

    sha256: Sha256
    lines: Count = 0


class Content(Part):
    """The whole of `submission.json`.

    Attributes:
        schema_version: Of this format.
        identity: Whose it is; of an anonymous submission only the codename, as `system`.
        commitment: None for a submission that was never anonymous.
        method: How it was made.
        runs: What was run.
        efficiency: What it costs, as `avss-bench profile` measured it.
        files: What lies beside, by path.
    """

    schema_version: Literal[1]
    identity: Identity
    commitment: Commitment | None = None
    method: Method
    runs: Annotated[tuple[SubmittedRun, ...], Field(min_length=1, max_length=40)]
    efficiency: Annotated[tuple[EfficiencyBlock, ...], Field(max_length=20)] = ()
    files: Annotated[dict[str, FileEntry], Field(min_length=1, max_length=60)]

    @property
    def anonymous(self) -> bool:
        """Whether the identity is withheld."""
        return self.commitment is not None and self.commitment.secret is None
