"""Word errors of a run: what was heard of each target, held against what was said.

Two metrics, never one: `wer_transcript` holds what was heard against the transcript of the corpus,
`wer_clean` against what the same recogniser hears of the clean target, where a corpus has no words
or as a measure of its own. The clean target and the mixture are held against the same references:
they say what the figure can be at best and at worst. All but the counts and hashes stays at home.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import reduce
from operator import add
from typing import Any

from bench.asr.recogniser import is_looping
from bench.core.hashing import hash_bytes
from bench.errors import DataError
from bench.metrics import ErrorCounts, count_errors

__all__ = [
    "HEARD",
    "HeardTarget",
    "WordScore",
    "count_target",
    "outgoing",
    "parse_heard",
    "score_words",
]

TRANSCRIPT, CLEAN = "wer_transcript", "wer_clean"
# What is heard, and how its rate is called beside that of the estimate.
HEARD = {"estimate": "", "clean": "_of_clean", "mixture": "_of_mixture"}


@dataclass(frozen=True)
class HeardTarget:
    """The texts of one target; they stay on the user's machine.

    Attributes:
        name: Of the mixture.
        target: 1 or 2.
        language: That it was heard in.
        clean: What was heard of the clean target.
        mixture: What was heard of the mixture.
        estimate: What was heard of the estimate; None where there is none.
        transcript: What was said, by the corpus; None where nobody knows.
    """

    name: str
    target: int
    language: str
    clean: str
    mixture: str
    estimate: str | None
    transcript: str | None

    @property
    def key(self) -> tuple[str, int]:
        """What is unique inside a run."""
        return self.name, self.target

    def reference(self, metric: str) -> str | None:
        """The text that a metric holds the others against; None where there is none."""
        return self.transcript if metric == TRANSCRIPT else self.clean


@dataclass(frozen=True)
class WordScore:
    """One rate over a whole corpus: counts are summed before they are divided.

    Attributes:
        rate: Errors per word of the references; None without any word.
        counts: Hits, substitutions, deletions, insertions.
        scored: Targets that were counted.
        expected: Targets there should be.
        looping: Share of the counted texts that go round in circles.
    """

    rate: float | None
    counts: ErrorCounts
    scored: int
    expected: int
    looping: float

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {**asdict(self), "counts": vars(self.counts)}


def count_target(target: HeardTarget) -> dict[str, ErrorCounts]:
    """Count the errors of one target under every name that applies to it."""
    found = {}
    for metric in (TRANSCRIPT, CLEAN):
        reference = target.reference(metric)
        for heard, ending in HEARD.items():
            text: str | None = getattr(target, heard)
            against_itself = (metric, heard) == (CLEAN, "clean")
            if text is not None and reference is not None and not against_itself:
                found[metric + ending] = count_errors(hypothesis=text, reference=reference)
    return found


def score_words(targets: Sequence[HeardTarget], expected: int) -> dict[str, WordScore]:
    """Sum up a corpus: one score per name, those that no target has left out."""
    counted = [(target, count_target(target)) for target in targets]
    scores = {}
    for metric in (TRANSCRIPT, CLEAN):
        for heard, ending in HEARD.items():
            name = metric + ending
            having = [(target, found[name]) for target, found in counted if name in found]
            if not having:
                continue
            counts = reduce(add, (found for _, found in having), ErrorCounts())
            looping = sum(is_looping(getattr(target, heard)) for target, _ in having)
            scores[name] = WordScore(
                counts.rate if counts.reference_units else None,
                counts,
                len(having),
                expected,
                looping / len(having),
            )
    return scores


def outgoing(target: HeardTarget) -> dict[str, Any]:
    """Return what may leave the machine: counts, and hashes of the texts."""
    texts = {
        name: text for name in (*HEARD, "transcript") if (text := getattr(target, name)) is not None
    }
    return {
        "mixture": target.name,
        "target": target.target,
        "language": target.language,
        "counts": {
            name: list(vars(found).values()) for name, found in count_target(target).items()
        },
        "sha256": {name: hash_bytes(text.encode()) for name, text in texts.items()},
    }


def parse_heard(content: object, source: str) -> HeardTarget:
    """Read back what `dataclasses.asdict` made of a target.

    Raises:
        DataError: It is something else.
    """
    names = {field.name for field in fields(HeardTarget)}
    if not isinstance(content, dict) or content.keys() != names:
        raise DataError(f"{source} holds no heard texts: transcribe the run again.")
    return HeardTarget(**content)
