"""The tables of a comparison, as texts that every format prints."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bench.board.comparison.compare import RunComparison, ScoreComparison
from bench.board.formats.texts import score_decimals, score_text, score_title
from bench.stats.paired import PairedDifference

__all__ = ["Table", "conclusion", "conditions_table", "mixtures_table", "scores_table"]

_LEAST_P = 0.001


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Attributes:
        title: What it shows.
        headers: Names of the columns.
        rows: Cells.
        words: Number of first columns that hold words; the others hold numbers.
    """

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1

    def mapped(self, change: Callable[[str], str]) -> Table:
        """Change every text."""
        return replace(
            self,
            title=change(self.title),
            headers=tuple(map(change, self.headers)),
            rows=tuple(tuple(map(change, row)) for row in self.rows),
        )


def conclusion(comparison: RunComparison) -> str:
    """Say in one sentence what the leading score tells."""
    lead = comparison.scores[0]
    title, (first, second) = score_title(lead.score), comparison.labels
    mean = lead.difference.mean
    if lead.better:
        better, other = (first, second) if lead.better == 1 else (second, first)
        ends = sorted(abs(end) for end in (lead.difference.low, lead.difference.high))
        low, high = (score_text(end, lead.score) for end in ends)
        told = f"{score_text(abs(mean), lead.score)} (95 % interval {low} to {high})"
        return f"{better} is better than {other}: {title} differs by {told}."
    if mean == 0:
        return f"{first} and {second} have the same mean {title}."
    return (
        f"No difference in {title} between {first} and {second} is established"
        f" (mean {_signed(mean, lead.score)})."
    )


def scores_table(comparison: RunComparison) -> Table:
    """One line per score, and one more where there is a worst case."""
    rows: list[tuple[str, ...]] = []
    for found in comparison.scores:
        score = found.score
        means = [score_text(value, score) for value in (found.first, found.second)]
        told = _told(found.difference, score, found.p_adjusted)
        rows.append((score_title(score), *means, *told, _won(found)))
        if found.worst_case is not None and found.worst_case_p_adjusted is not None:
            told = _told(found.worst_case, score, found.worst_case_p_adjusted)
            rows.append(("- worst case", "", "", *told, ""))
    headers = ("score", "A", "B", "diff", "interval", "p (Holm)", "d_z", "won/tied/lost")
    title = f"A less B over {comparison.lead.first.size} of {comparison.targets} targets"
    return Table(title, headers, tuple(rows))


def mixtures_table(comparison: RunComparison) -> Table:
    """The mixtures that differ most."""
    score = comparison.scores[0].score
    rows = tuple(
        (
            mixture.mixture,
            _signed(mixture.difference, score),
            score_text(mixture.first, score),
            score_text(mixture.second, score),
        )
        for mixture in comparison.mixtures
    )
    most = f"{len(rows)} mixtures that differ" if len(rows) > 1 else "mixture that differs"
    title = f"The {most} most in {score_title(score)}"
    return Table(title, ("mixture", "diff", "A", "B"), rows)


def conditions_table(comparison: RunComparison) -> Table:
    """The difference by conditions."""
    score = comparison.scores[0].score
    rows, before = [], ""
    for group in comparison.conditions:
        found = group.difference
        name = group.condition if group.condition != before else ""
        before = group.condition
        rows.append(
            (
                name,
                group.values,
                str(found.items),
                _signed(found.mean, score),
                _bounds(found, score),
            )
        )
    title = f"A less B in {score_title(score)} by condition (intervals of single groups)"
    headers = ("condition", "values", "targets", "diff", "interval")
    return Table(title, headers, tuple(rows), words=2)


def _signed(value: float, score: str) -> str:
    return f"{value:+z.{score_decimals(score)}f}"


def _bounds(found: PairedDifference, score: str) -> str:
    if not found.known:
        return "-"
    return f"[{_signed(found.low, score)}, {_signed(found.high, score)}]"


def _told(found: PairedDifference, score: str, p_adjusted: float) -> Sequence[str]:
    """Difference, interval, p-value and effect size."""
    effect = f"{found.effect_size:+.2f}" if math.isfinite(found.effect_size) else "-"
    return _signed(found.mean, score), _bounds(found, score), _p_text(p_adjusted), effect


def _p_text(p_value: float) -> str:
    if math.isnan(p_value):
        return "-"
    return f"<{_LEAST_P}" if p_value < _LEAST_P else f"{p_value:.3f}"


def _won(found: ScoreComparison) -> str:
    """Shares of mixtures in percent."""
    lost = max(0.0, 1.0 - found.mixtures_won - found.mixtures_tied)
    shares = (found.mixtures_won, found.mixtures_tied, lost)
    return "/".join(f"{100 * share:.0f}" for share in shares)
