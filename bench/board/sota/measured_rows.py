"""Rows of runs and submissions on a list: our metric ids, and how far they are from print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bench.board.runs.leaderboard import why_not_ranked
from bench.board.runs.rows import Row, told_apart
from bench.board.sota.columns import MEASURED
from bench.board.sota.meanings import definition_of
from bench.board.sota.tables import ROW_KINDS, RowKind, SotaCell, SotaRow
from bench.datasets import list_datasets, load_card
from bench.metrics import find_metric
from bench.run.result import Run

__all__ = ["measured_rows"]


def measured_rows(list_id: str, runs: Iterable[Run], published: Sequence[SotaRow]) -> list[SotaRow]:
    """Make a row for every run on a list, with the differences to the figures in print.

    Args:
        list_id: Its id, which is that of the data set.
        runs: Of any data sets.
        published: Rows of printed figures.
    """
    printed = {row.system: row for row in published if row.kind == "published"}
    here = told_apart([Row(run, {}) for run in runs if run.plan.dataset == list_id])
    return [_row(row.run, row.label, printed.get(row.run.system.name)) for row in here]


def _row(run: Run, label: str, printed: SotaRow | None) -> SotaRow:
    cells = {metric: cell for metric in MEASURED if (cell := _cell(run, metric)) is not None}
    compared = printed.cells if printed and run.plan.kind != "re-implementation" else {}
    return SotaRow(
        system=run.system.name,
        label=label,
        year=printed.year if printed else None,
        provenance=run.provenance,
        kind=_kind(run),
        reason=_why_not_ranked(run),
        cells={metric: _compared(cell, compared.get(metric)) for metric, cell in cells.items()},
        run=run.id,
        notes=(*run.plan.marks, *run.system.notes, *run.summary.symptoms),
    )


def _cell(run: Run, metric: str) -> SotaCell | None:
    for score in MEASURED[metric]:
        found = run.summary.aggregates.get(score)
        if found is not None and found.mean is not None:
            decimals = 3 if find_metric(score.removesuffix("_i")).unit == "" else 2
            return SotaCell(
                text=f"{found.mean:z.{decimals}f}",
                value=found.mean,
                meaning=definition_of(score),
                metric_id=score,
                source=f"run {run.id}",
                note="" if found.scored == run.expected else _partly(found.scored, run.expected),
            )
    return None


def _partly(scored: int, expected: int) -> str:
    return f"{scored} of {expected} targets have it"


def _compared(cell: SotaCell, printed: SotaCell | None) -> SotaCell:
    """Add the difference to the figure in print, if both are of one definition."""
    if printed is None or cell.metric_id != printed.metric_id:
        return cell
    value, text = cell.less(printed) or (None, "")
    return replace(cell, to_published=value, to_published_text=text)


def _kind(run: Run) -> RowKind:
    return next((kind for kind in ROW_KINDS if kind == run.plan.kind), "own")


def _why_not_ranked(run: Run) -> str:
    reasons = [why_not_ranked(run)]
    if run.plan.dataset in list_datasets():
        official = load_card(run.plan.dataset).mixture_list.sha256
        if run.plan.list_sha256 != official:
            reasons.append("another list under the same name")
    return "; ".join(reason for reason in reasons if reason)
