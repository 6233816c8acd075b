"""The sentences without which the figures of a comparison would be misread."""

from __future__ import annotations

from collections.abc import Sequence

from bench.board.comparison.items import ScorePairs
from bench.board.formats.texts import interval_notes
from bench.board.runs.rows import mixtures_text
from bench.datasets.fingerprint import Comparison
from bench.run.result import Run

__all__ = ["comparison_warnings", "method_notes", "missing_notes", "run_notes"]


def comparison_warnings(runs: Sequence[Run], labels: Sequence[str]) -> tuple[str, ...]:
    """Say why a comparison may not mean what it seems to."""
    found = []
    for run, label in zip(runs, labels, strict=True):
        plan = run.plan
        reasons = {
            "has random weights: its scores mean nothing": plan.separator.get("weights")
            == "random",
            f"is a quick look at {mixtures_text(plan.limit)}": plan.limit is not None,
            f"was shown other mouths ({plan.mouths})": plan.mouths != "as-is",
            "is a re-implementation from the paper, not the authors' system": plan.kind
            == "re-implementation",
            "is an oracle: it sees the references": plan.kind == "oracle",
            "was handed in by its authors and not verified": run.provenance == "submitted",
        }
        found += [f"{label} {reason}." for reason, holds in reasons.items() if holds]
    return tuple(found)


def method_notes(pairs: ScorePairs, data: Comparison, *, known: bool) -> list[str]:
    """Say what the intervals, p-values and effect sizes are, and of which data.

    Args:
        pairs: The leading score.
        data: How the data of the two runs relate.
        known: Whether there are clusters enough for any interval.
    """
    effect = (
        "d_z: mean difference over the standard deviation of the differences of single targets."
    )
    notes = interval_notes(
        len(set(pairs.targets)),
        len(set(pairs.interferers)),
        known=known,
        how=", each replicate divided by its own standard error",
    )
    notes.append(
        "p: share of the same replicates that are at least as many standard errors away from the"
        " mean difference as that is from zero; Holm: corrected over the scores shown, which the"
        f" intervals are not. {effect}"
        if known
        else effect
    )
    if data.kind == "equivalent":
        notes.append(f"The data are equivalent, not identical: {'; '.join(data.reasons)}.")
    return notes


def missing_notes(
    labels: Sequence[str], lacking: Sequence[tuple[str, tuple[int, int, int]]]
) -> list[str]:
    """Say which targets a comparison leaves out, and how bad the worst case is.

    Args:
        labels: Of the two runs.
        lacking: For each score that some target lacks, its name and the numbers of targets that
            only the first run, only the second, and both lack.
    """
    alike: dict[tuple[int, int, int], list[str]] = {}
    for title, counts in lacking:
        alike.setdefault(counts, []).append(title)
    notes = []
    for (first, second, both), titles in alike.items():
        told = [
            f"{label} alone lacks {count}"
            for label, count in zip(labels, (first, second), strict=True)
            if count
        ]
        told += [f"both lack {both}"] if both else []
        left_out = f"left out are targets without a score; {', '.join(told)}."
        notes.append(f"{', '.join(titles)}: {left_out}")
    if any(first or second for _, (first, second, _) in lacking):
        notes.append(
            "Worst case: for a target that one system alone lacks, it gets the score of the"
            " unprocessed mixture, and never more than the other system; where the mixture has no"
            " such score, the worst of either system. A system is called better only if it is so"
            " in both."
        )
    return notes


def run_notes(runs: Sequence[Run], labels: Sequence[str]) -> list[str]:
    """Repeat what must be said wherever these runs appear."""
    return [
        f"{label}: {sentence}."
        for run, label in zip(runs, labels, strict=True)
        for sentence in (*run.plan.marks, *run.system.notes, *run.summary.symptoms)
    ]
