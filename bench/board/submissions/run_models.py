"""A submitted run: the part of `submission.json` that says what was run and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bench.board.submissions.fields import (
    Count,
    Id,
    Line,
    Name,
    Number,
    Part,
    RunId,
    Scalar,
    Sha256,
    Share,
)

__all__ = [
    "FLAGS",
    "Environment",
    "Flag",
    "Recogniser",
    "SeparatorIdentity",
    "SubmittedAggregate",
    "SubmittedPlan",
    "SubmittedRun",
    "SubmittedSystem",
    "SubmittedWords",
    "WordRate",
]

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


class SubmittedSystem(Part):
    """What a table says beside the scores; see `bench.run.result.SystemFacts`."""

    name: Name
    kind: Literal["published", "re-implementation", "oracle", "baseline", "own"]
    inputs: Line = ""
    notes: Annotated[tuple[Line, ...], Field(max_length=20)] = ()


class SeparatorIdentity(Part):
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


class SubmittedPlan(Part):
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


class Environment(Part):
    """What the scores were computed with; no host, no user."""

    packages: Annotated[dict[Id, Line], Field(max_length=40)] = Field(default_factory=dict)
    python: Line | None = None
    platform: Line | None = None
    processor: Line | None = None
    cores: Count | None = None


class SubmittedAggregate(Part):
    """One score over all targets that have it; recomputed from the records by whoever reads it."""

    scored: Count
    mean: Number | None
    median: Number | None


class WordRate(Part):
    """One word error rate, with what it was divided from."""

    rate: Annotated[float, Field(ge=0, le=1e6)] | None
    hits: Count
    substitutions: Count
    deletions: Count
    insertions: Count
    scored: Count
    expected: Count
    looping: Share


class Recogniser(Part):
    """What heard the estimates."""

    engine: Id
    sha256: Sha256
    version: Line = ""
    decoding: Line = ""
    batch: Line = ""
    device: Line = ""


class SubmittedWords(Part):
    """Word errors of a run: counts only, the texts stay with the submitter."""

    recogniser: Recogniser
    language: Line
    word_references: Line
    normaliser: Line
    scores: Annotated[dict[Id, WordRate], Field(max_length=20)]


class SubmittedRun(Part):
    """One run: a system on a data set.

    Attributes:
        id: Of the run; it holds the hash of the plan.
        protocol: Whose definitions the scores follow; runs know only the project's own.
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
    protocol: Literal["standard"] = "standard"
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
