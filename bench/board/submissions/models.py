"""`submission.json`: who made a system, how it was trained, what was run, what came of it.

The models are the format: unknown entries, wrong types, numbers that are none and texts beyond
their length are refused. `schema.py` makes the JSON Schema from them. What is not here cannot leave
the submitter's machine: there is no field for a transcript, a recognised text or a path.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bench.board.submissions.efficiency import EfficiencyBlock

__all__ = [
    "FILE_NAME",
    "FLAGS",
    "SCHEMA",
    "CheckpointFile",
    "Commitment",
    "Content",
    "Environment",
    "FileEntry",
    "Flag",
    "Identity",
    "Method",
    "Paper",
    "Recogniser",
    "SeparatorIdentity",
    "SubmittedAggregate",
    "SubmittedPlan",
    "SubmittedRun",
    "SubmittedSystem",
    "SubmittedWords",
    "WordRate",
]

SCHEMA = 1
FILE_NAME = "submission.json"

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@+-]*$", max_length=120)]
RunId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*$", max_length=240)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Line = Annotated[str, StringConstraints(max_length=400)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Url = Annotated[
    str,
    StringConstraints(
        pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~:/?#\[\]@!$&()*+,;=%-]*)?$",
        max_length=500,
    ),
]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Scalar = bool | Annotated[int, Field(ge=-(2**53), le=2**53)] | Number | Line

# What makes a run no ordinary result, and must be said by whoever hands it in all the same.
Flag = Literal[
    "quick-look", "random-weights", "disturbed-mouths", "oracle", "baseline", "unofficial-list"
]
FLAGS: tuple[Flag, ...] = (
    "quick-look",
    "random-weights",
    "disturbed-mouths",
    "oracle",
    "baseline",
    "unofficial-list",
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Paper(_Part):
    """Where the system is described."""

    title: Line
    venue: Line = ""
    year: Annotated[int, Field(ge=1990, le=2100)]
    url: Url | None = None


class CheckpointFile(_Part):
    """A weight file that others may fetch.

    Attributes:
        url: Where it lies; nothing here ever fetches it unasked.
        sha256: Of its bytes.
    """

    url: Url
    sha256: Sha256


class Identity(_Part):
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


class Commitment(_Part):
    """What proves later whose an anonymous submission is (see `anonymous`).

    Attributes:
        sha256: Over identity, secret and the hash of the records.
        secret: Given when the identity is revealed, so that anybody can check; else absent.
    """

    sha256: Sha256
    secret: Sha256 | None = None


class Method(_Part):
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


class SubmittedSystem(_Part):
    """What a table says beside the scores; see `bench.run.result.SystemFacts`."""

    name: Name
    kind: Literal["published", "re-implementation", "oracle", "baseline", "own"]
    inputs: Line = ""
    notes: Annotated[tuple[Line, ...], Field(max_length=20)] = ()


class SeparatorIdentity(_Part):
    """Which network with which weights; only what was known of it is there."""

    separator: Name
    weights: Literal["none", "checkpoint", "random"] = "checkpoint"
    settings: Annotated[dict[Id, Scalar], Field(max_length=100)] = Field(default_factory=dict)
    files: Annotated[dict[Id, Sha256], Field(max_length=20)] = Field(default_factory=dict)
    mouth_input: Id = "default"
    seed: Count | None = None
    tensors: Sha256 | None = None
    package: Line | None = None
    code: Sha256 | None = None
    estimates: Sha256 | None = None


class SubmittedPlan(_Part):
    """What was done; see `bench.core.plan.Plan`. Its hash is in the id of the run."""

    version: Annotated[int, Field(ge=1, le=1000)]
    dataset: Id
    list_sha256: Sha256
    data_sha256: Sha256 | None
    separator: SeparatorIdentity
    kind: Literal["published", "re-implementation", "oracle", "baseline", "own"]
    metrics: Annotated[dict[Id, Id], Field(min_length=1, max_length=60)]
    pictures: Line | None
    packages: Annotated[dict[Id, Line], Field(max_length=40)]
    device: Literal["cpu", "cuda"]
    threads: Annotated[int, Field(ge=1, le=4096)]
    mouths: Line
    permutation: Literal["given", "best"]
    limit: Annotated[int, Field(ge=1, le=1_000_000)] | None
    marks: Annotated[tuple[Line, ...], Field(max_length=20)]


class Environment(_Part):
    """What the scores were computed with; no host, no user."""

    packages: Annotated[dict[Id, Line], Field(max_length=40)] = Field(default_factory=dict)
    python: Line | None = None
    platform: Line | None = None
    processor: Line | None = None
    cores: Count | None = None


class SubmittedAggregate(_Part):
    """One score over all targets that have it; recomputed from the records by whoever reads it."""

    scored: Count
    mean: Number | None
    median: Number | None


class WordRate(_Part):
    """One word error rate, with what it was divided from."""

    rate: Annotated[float, Field(ge=0, le=1e6)] | None
    hits: Count
    substitutions: Count
    deletions: Count
    insertions: Count
    scored: Count
    expected: Count
    looping: Share


class Recogniser(_Part):
    """What heard the estimates."""

    engine: Id
    sha256: Sha256
    version: Line = ""
    decoding: Line = ""
    batch: Line = ""
    device: Line = ""


class SubmittedWords(_Part):
    """Word errors of a run: counts only, the texts stay with the submitter."""

    recogniser: Recogniser
    language: Line
    word_references: Line
    normaliser: Line
    scores: Annotated[dict[Id, WordRate], Field(max_length=20)]


class SubmittedRun(_Part):
    """One run: a system on a data set.

    Attributes:
        id: Of the run; it holds the hash of the plan.
        flags: What makes it no ordinary result, said by the submitter.
        data: Hash of the fingerprint file of the data, where one lies beside; None where the card
            of the data set pins the data.
        expected: Number of targets there should be.
        ok: Targets with every score.
        undefined: Targets with some score that does not exist for them.
        failed: Targets with no score.
        aggregates: By score id.
    """

    id: RunId
    system: SubmittedSystem
    plan: SubmittedPlan
    environment: Environment
    flags: Annotated[tuple[Flag, ...], Field(max_length=10)] = ()
    data: Sha256 | None = None
    expected: Annotated[int, Field(ge=1, le=1_000_000)]
    ok: Count
    undefined: Count
    failed: Count
    aggregates: Annotated[dict[Id, SubmittedAggregate], Field(min_length=1, max_length=120)]
    words: SubmittedWords | None = None


class FileEntry(_Part):
    """A file beside `submission.json`.

    Attributes:
        sha256: Of its bytes as they lie there.
        lines: Of its content; 0 where it has no lines.
    """

    sha256: Sha256
    lines: Count = 0


class Content(_Part):
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
