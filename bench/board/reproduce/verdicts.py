"""Printed against reproduced: one rule, stated here, for every figure.

A printed figure stands for every value that rounds to it. With the reproduced mean m, its 95 %
interval over the items of the list (two-way cluster bootstrap), and the printed value p:

* reproduced: m, rounded as p is printed, is p.
* known difference: not that, but m agrees in the same way with a value that somebody else
  measured or printed for these weights.
* within the interval: not that either, but the interval holds a value that rounds to p; the
  difference is no larger than another draw of clips would make. Not the same as reproduced: equal
  weights on equal mixtures should agree to the last printed digit.
* different: none of these.

A quick look (--limit) saw other items than the printed figure, so nothing is "reproduced" by it:
its interval holds the printed value ("consistent, quick look") or not ("off, quick look"). Without
an interval, on another list, or where the printed column is another quantity than any score here,
there is no verdict ("not judged"), and the reason is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bench.board.published import Figure, load_published
from bench.board.reproduce.reasons import Reason, equal_score, reasons_for
from bench.board.runs.rows import mixtures_text
from bench.run.result import Run
from bench.stats.bootstrap import Interval, bootstrap_mean

__all__ = ["COLUMNS", "Comparison", "VerdictName", "compare_run", "judge_figure", "printed_figures"]

VerdictName = Literal[
    "reproduced",
    "known difference",
    "within the interval",
    "different",
    "consistent, quick look",
    "off, quick look",
    "not judged",
]

# The columns that tables of the field print for every system.
COLUMNS = ("SI-SNRi", "SDRi", "PESQ")

_ROUNDING = 1 + 1e-9


@dataclass(frozen=True)
class Comparison:
    """One printed figure beside what was measured.

    Attributes:
        figure: As printed.
        score: Id of the score that was measured; empty where none is the same quantity.
        measured: Its mean with the interval; None where nothing was measured.
        verdict: See the module.
        why: What keeps it from being judged, or what else must be known; one sentence each.
        reasons: What is known about the difference, from others.
        also_printed: Figures that claim the same and have another value.
    """

    figure: Figure
    score: str
    measured: Interval | None
    verdict: VerdictName
    why: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    also_printed: tuple[Figure, ...] = ()

    @property
    def difference(self) -> float | None:
        """Measured less printed; None where nothing was measured."""
        return None if self.measured is None else self.measured.mean - self.figure.number


def printed_figures(system: str, dataset: str) -> list[list[Figure]]:
    """Find what was printed for a system on a list: one group per column, its own paper's first.

    Figures that used the references are left out, and so are those of digests.

    Args:
        system: As tables call it.
        dataset: Id of the mixture list.
    """
    found = [
        figure
        for figure in load_published()
        if (figure.system, figure.list) == (system, dataset)
        and figure.kind == "published"
        and figure.grade != "digest"
    ]
    ordered = sorted(found, key=lambda figure: figure.grade == "quoted")
    groups = [[figure for figure in ordered if figure.metric == column] for column in COLUMNS]
    return [group for group in groups if group]


def compare_run(run: Run) -> list[Comparison]:
    """Hold a run against every figure that was printed for its system on its list.

    Args:
        run: Its system's name is that of the tables.
    """
    return [_compare(run, group) for group in printed_figures(run.system.name, run.plan.dataset)]


def _compare(run: Run, group: list[Figure]) -> Comparison:
    figure, *others = group
    also = {other.value: other for other in others if other.number != figure.number}
    score = equal_score(figure.metric_id)
    measured = _measured(run, score)
    verdict, why = _verdict(run, figure, score, measured)
    reasons = reasons_for(figure)
    if verdict in ("reproduced", "not judged"):
        reasons = ()
    return Comparison(
        figure,
        score if measured is not None else "",
        measured,
        verdict,
        why,
        reasons,
        tuple(also.values()),
    )


def _measured(run: Run, score: str) -> Interval | None:
    """Give the mean of a score its interval, over the items that have it."""
    scored = [
        (value, record.target_cluster, record.interferer_cluster)
        for record in run.records
        if (value := record.scores.get(score)) is not None
    ]
    if not scored:
        return None
    values, targets, interferers = zip(*scored, strict=True)
    return bootstrap_mean(values, targets, interferers)


def _verdict(
    run: Run, figure: Figure, score: str, measured: Interval | None
) -> tuple[VerdictName, tuple[str, ...]]:
    if not figure.metric_id:
        return "not judged", (f"what the printed {figure.metric} computes is not known",)
    if measured is None:
        return "not judged", (f"no score of this run is {figure.metric_id} (`explain` says more)",)
    if marks := [mark for mark in run.plan.marks if "list" in mark]:
        return "not judged", (f"measured on another list: {'; '.join(marks)}",)
    missing = run.expected - run.summary.aggregates[score].scored
    told = [f"{missing} of {run.expected} targets have no {score}"] if missing else []
    why = (*told, *run.plan.marks)
    if run.plan.limit is not None:
        return _quick_look(figure, measured), (
            *why,
            f"a quick look at {mixtures_text(run.plan.limit)}",
        )
    values = [reason.value for reason in reasons_for(figure) if reason.value is not None]
    return judge_figure(figure.value, measured, values), why


def _quick_look(figure: Figure, measured: Interval) -> VerdictName:
    if math.isnan(measured.low):
        return "not judged"
    held = _holds(measured, figure.value)
    return "consistent, quick look" if held else "off, quick look"


def judge_figure(printed: str, measured: Interval, known: Iterable[str] = ()) -> VerdictName:
    """Apply the rule to one figure of a complete run.

    Args:
        printed: With its digits.
        measured: Mean and interval.
        known: What others measured or printed for the same weights, with their digits.

    >>> judge_figure("14.3", Interval(14.26, 13.1, 15.4, 0.95, 100))
    'reproduced'
    >>> judge_figure("18.3", Interval(17.58, 16.9, 18.2, 0.95, 100), ["17.6"])
    'known difference'
    """
    if _rounds_to(measured.mean, printed):
        return "reproduced"
    if any(_rounds_to(measured.mean, value) for value in known):
        return "known difference"
    return "within the interval" if _holds(measured, printed) else "different"


def _half_digit(printed: str) -> float:
    return float(0.5 * 10.0 ** -len(printed.partition(".")[2]))


def _rounds_to(value: float, printed: str) -> bool:
    return abs(value - float(printed)) <= _half_digit(printed) * _ROUNDING


def _holds(interval: Interval, printed: str) -> bool:
    """Whether an interval has a value that rounds to the printed one; without ends it has none."""
    half = _half_digit(printed) * _ROUNDING
    return interval.low - half <= float(printed) <= interval.high + half
