"""Who is better than whom, and who may be compared at all.

Runs stand on one board only if their mixtures are the same, and the definitions of every metric
that they share; a run that lacks a metric has no figure in its column. Ranked are complete runs of
real systems with real weights; every other row stays on the board, unranked, with the reason.
Oracles see the references: they have ranks of their own (O1, O2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bench.board.formats.texts import interval_notes, provenance_legend
from bench.board.runs.ranking import RANK_NOTE, emphasised, ranked
from bench.board.runs.rows import (
    RANKED_BY,
    Anchor,
    Board,
    Row,
    ScoreCell,
    group_of,
    higher_is_better,
    mixtures_text,
    told_apart,
)
from bench.board.runs.same_data import (
    data_notes,
    distinctions,
    group_by_data,
    group_by_definitions,
    stranger_notes,
)
from bench.board.runs.system_costs import costs_of, device_columns
from bench.errors import unknown_name
from bench.metrics import find_metric, list_metrics
from bench.run.result import Run
from bench.stats.bootstrap import bootstrap_means

if TYPE_CHECKING:
    from bench.board.submissions.efficiency import EfficiencyBlock
    from bench.efficiency.profile import Profile

__all__ = [
    "Anchor",
    "Board",
    "Row",
    "ScoreCell",
    "build_boards",
    "higher_is_better",
    "shown_scores",
    "why_not_ranked",
]


# Clusters of target and interferer, by item.
_Clusters = tuple[tuple[str, str], ...]


def build_boards(
    runs: Sequence[Run],
    scores: Sequence[str] | None = None,
    *,
    profiles: Sequence[Profile] = (),
    claims: Mapping[str, Sequence[EfficiencyBlock]] | None = None,
    device: str = "",
) -> list[Board]:
    """Sort runs into boards, by data set.

    Args:
        runs: Finished runs.
        scores: Score ids of the columns; None = the improvements of every metric, and PESQ, STOI
            and ESTOI as they are.
        profiles: Costs of systems, of any devices; where two say the same, the first one counts.
        claims: What submissions say that their systems cost, by the id of the run.
        device: Part of the device keys that get columns; empty = all.

    Raises:
        UsageError: A score that no run has.
    """
    known = sorted({name for run in runs for name in run.summary.aggregates})
    for score in scores or ():
        if runs and score not in known:
            raise unknown_name("score", score, known)
    groups: list[list[Run]] = []
    strangers: list[list[str]] = []
    for same_list in group_by_definitions(runs):
        by_data = group_by_data(same_list)
        groups += by_data
        strangers += [stranger_notes(g, [o for o in by_data if o is not g]) for g in by_data]
    boards = []
    for group, told, notes in zip(groups, distinctions(groups), strangers, strict=True):
        board = _with_costs(_board(group, scores), profiles, claims or {})
        board = replace(board, devices=device_columns(profiles, device))
        boards.append(replace(board, distinction=told, notes=(*board.notes, *notes)))
    return boards


def _board(runs: Sequence[Run], scores: Sequence[str] | None) -> Board:
    metrics = {name for run in runs for name in run.plan.metrics}
    chosen = tuple(scores) if scores else shown_scores(metrics)
    rows = told_apart(ranked(_rows(runs, chosen)))
    rows = emphasised(rows, chosen)
    return Board(runs[0].plan.dataset, chosen, tuple(rows), (*_notes(rows), *data_notes(runs)))


def _with_costs(
    board: Board, profiles: Sequence[Profile], claims: Mapping[str, Sequence[EfficiencyBlock]]
) -> Board:
    rows = []
    for row in board.rows:
        claimed = claims.get(row.run.id, ()) if row.run.provenance != "reproduced" else ()
        costs = costs_of(row.run, profiles, claimed) if row.has_costs else None
        rows.append(replace(row, costs=costs))
    return replace(board, rows=tuple(rows))


def shown_scores(metrics: Iterable[str], *, improvements: bool = True) -> tuple[str, ...]:
    """Choose one score per metric, in the order of the registry.

    Decibels are shown as improvements over the mixture, where there are any; others as they are.
    """
    order = list_metrics()
    return tuple(
        f"{metric}_i" if improvements and find_metric(metric).unit == "dB" else metric
        for metric in sorted(metrics, key=order.index)
    )


def _rows(runs: Sequence[Run], scores: Sequence[str]) -> list[Row]:
    """Make the rows; scores of the same targets, of whatever run, share their draws."""
    cells = [{score: ScoreCell(None, 0, run.expected) for score in scores} for run in runs]
    by_clusters: dict[_Clusters, list[tuple[int, str, list[float]]]] = {}
    for number, run in enumerate(runs):
        for score in scores:
            having = [(r, v) for r in run.records if (v := r.scores.get(score)) is not None]
            clusters = tuple((r.target_cluster, r.interferer_cluster) for r, _ in having)
            if having:
                found = (number, score, [value for _, value in having])
                by_clusters.setdefault(clusters, []).append(found)
    for clusters, members in by_clusters.items():
        targets, interferers = zip(*clusters, strict=True)
        values = np.array([values for _, _, values in members])
        intervals = bootstrap_means(values, targets, interferers)
        for (number, score, _), interval in zip(members, intervals, strict=True):
            cells[number][score] = ScoreCell(interval, len(clusters), runs[number].expected)
    return [Row(r, c, reason=why_not_ranked(r)) for r, c in zip(runs, cells, strict=True)]


def why_not_ranked(run: Run) -> str:
    """Say why a run may not be ranked; empty if it may."""
    plan, summary = run.plan, run.summary
    ranked = summary.aggregates.get(RANKED_BY)
    scored = ranked.scored if ranked else 0
    reasons = {
        f"a quick look at {mixtures_text(plan.limit)}": plan.limit is not None,
        "random weights": plan.separator.get("weights") == "random",
        f"mouths {plan.mouths}": plan.mouths != "as-is",
        "a re-implementation from the paper": plan.kind == "re-implementation",
        "SI-SNR was not asked for": ranked is None,
        f"only {scored} of {run.expected} targets have an SI-SNR": 0 <= scored < run.expected
        and ranked is not None,
    }
    return "; ".join(reason for reason, holds in reasons.items() if holds)


def _notes(rows: Sequence[Row]) -> tuple[str, ...]:
    clusters = [(r.run.summary.target_clusters, r.run.summary.interferer_clusters) for r in rows]
    found = [cell.interval for row in rows for cell in row.cells.values() if cell.interval]
    notes = interval_notes(
        *max(clusters, key=min),
        known=not found or any(interval.known for interval in found),
    )
    groups = [group_of(row.run) for row in rows if row.ranks]
    if len(groups) > len(set(groups)):  # a group of two at least
        notes.append(RANK_NOTE)
    if any(group_of(row.run) for row in rows):
        notes.append("Oracles see the references; they are ranked apart (O1, O2, ...).")
    notes.append(f"From: {provenance_legend(row.run.provenance for row in rows)}")
    told: dict[str, list[str]] = {}
    for row in rows:
        for sentence in _said_of(row):
            told.setdefault(sentence, []).append(row.label)
    return (*notes, *(f"{', '.join(dict.fromkeys(who))}: {said}." for said, who in told.items()))


def _said_of(row: Row) -> list[str]:
    system = row.run.system
    said = [*row.run.plan.marks, *system.notes, *row.run.summary.symptoms]
    said += [f"not ranked: {row.reason}"] if row.reason else []
    return said + ([f"input: {system.inputs}"] if system.inputs else [])
