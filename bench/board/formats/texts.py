"""Texts that every format shares: names of scores, numbers, marks of provenance."""

from __future__ import annotations

from collections.abc import Iterable

from bench.core.provenance import MEANINGS, PROVENANCES, Provenance
from bench.metrics import find_metric
from bench.stats.bootstrap import FEW_CLUSTERS

__all__ = [
    "interval_notes",
    "provenance_legend",
    "provenance_mark",
    "score_decimals",
    "score_text",
    "score_title",
]


def score_title(score: str) -> str:
    """Pretty name of a score: "SI-SNRi" for `si_snr_i`."""
    metric = find_metric(score.removesuffix("_i"))
    return metric.improvement_name if score.endswith("_i") else metric.name


def score_decimals(score: str) -> int:
    """Decimals of a score that mean something."""
    return 3 if find_metric(score.removesuffix("_i")).unit == "" else 2


def score_text(value: float | None, score: str) -> str:
    """Write a score with the decimals that mean something; "-" where there is none."""
    return "-" if value is None else f"{value:z.{score_decimals(score)}f}"


def provenance_mark(provenance: Provenance) -> str:
    """Return the letter that stands for a provenance: "R" for "reproduced"."""
    return provenance[0].upper()


def provenance_legend(shown: Iterable[Provenance]) -> str:
    """Explain the marks that a table shows, in one sentence."""
    found = set(shown)
    marks = [p for p in PROVENANCES[::-1] if p in found]
    return f"{'; '.join(f'{provenance_mark(p)} = {p}: {MEANINGS[p]}' for p in marks)}."


def interval_notes(targets: int, interferers: int, *, known: bool, how: str = "") -> list[str]:
    """Say what intervals are over, and how far they may be trusted.

    Args:
        targets: Number of clusters of targets.
        interferers: Number of those of interferers.
        known: Whether there are clusters enough for any interval.
        how: What else there is to say of the bootstrap.
    """
    clusters = (
        f"{targets} target x {interferers} interferer clusters (speakers, or videos where a set "
        "has no speaker labels)"
    )
    if not known:
        return [f"No intervals: {clusters} are too few for any, and to call a system better."]
    notes = [
        "95 % intervals over test items, not over training seeds: two-way bootstrap over "
        f"{clusters}{how}."
    ]
    if min(targets, interferers) < FEW_CLUSTERS:
        notes.append(
            f"Caution: with fewer than {FEW_CLUSTERS} clusters intervals may hold the truth less "
            "often than they promise."
        )
    return notes
