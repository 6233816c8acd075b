"""Ranks as intervals, and the best of every column.

A rank says what the data allow: "1-2" is a system that is not significantly worse than any other,
nor better than one of them (two-way cluster bootstrap of every pair's difference in SI-SNRi over
the same targets, corrected over pairs; see `bench.stats.ranks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bench.board.runs.rows import RANKED_BY, Row, ScoreCell, group_of, higher_is_better
from bench.core.record import RecordKey
from bench.run.result import Run
from bench.stats.ranks import rank_intervals

__all__ = ["RANK_NOTE", "emphasised", "order_of", "ranked"]

RANK_NOTE = (
    "Ranks are intervals: a system stands before another where the two-way cluster bootstrap of "
    "their difference in SI-SNRi over the same targets, corrected over all pairs (95 %), says so; "
    "over test items, not over training seeds. Rows are in the order of the mean."
)


def order_of(row: Row) -> tuple[bool, float, str]:
    """Key that sorts rows: ranked before unranked, then by mean SI-SNRi, best first."""
    aggregate = row.run.summary.aggregates.get(RANKED_BY)
    mean = aggregate.mean if aggregate and aggregate.mean is not None else float("-inf")
    return bool(row.reason), -mean, row.run.id


def ranked(rows: Sequence[Row]) -> list[Row]:
    """Sort rows and give those of each group that may be ranked their ranks."""
    ordered = sorted(rows, key=order_of)
    ranks: dict[int, tuple[int, int]] = {}
    for group in {group_of(row.run) for row in ordered}:
        peers = [r for r in ordered if not r.reason and group_of(r.run) == group]
        ranks |= {id(r): rank for r, rank in zip(peers, _ranks(peers), strict=True)}
    return [replace(row, ranks=ranks.get(id(row))) for row in ordered]


def _ranks(peers: Sequence[Row]) -> list[tuple[int, int]]:
    """Return the ranks of runs over the targets that all of them have scored."""
    if len(peers) < 2:
        return [(1, 1)] * len(peers)
    found = [_improvements(row.run) for row in peers]
    # Clusters of our own records rather than of a submission's, where there are any.
    known = min(peers, key=lambda row: row.run.provenance != "reproduced").run
    records = [r for r in known.records if all(r.key in scores for scores in found)]
    if not records:
        return [(1, len(peers))] * len(peers)
    scores = np.array([[scores[record.key] for record in records] for scores in found])
    intervals = rank_intervals(
        scores,
        [record.target_cluster for record in records],
        [record.interferer_cluster for record in records],
    )
    return [(interval.low, interval.high) for interval in intervals]


def _improvements(run: Run) -> dict[RecordKey, float]:
    return {
        record.key: value
        for record in run.records
        if (value := record.scores.get(RANKED_BY)) is not None
    }


def emphasised(rows: Sequence[Row], scores: Sequence[str]) -> list[Row]:
    """Mark the best and the second of every column among the ranked rows of each group."""
    places: dict[tuple[str, str], dict[float, int]] = {}
    for group in {group_of(row.run) for row in rows}:
        peers = [row for row in rows if row.ranks and group_of(row.run) == group]
        for score in scores:
            means = {mean for row in peers if (mean := row.cells[score].mean) is not None}
            best = sorted(means, reverse=higher_is_better(score))[:2]
            alone = len(peers) < 2  # the best of one is nothing to show
            places[group, score] = {} if alone else {m: k for k, m in enumerate(best, 1)}
    return [
        replace(
            row,
            cells={
                score: _placed(cell, places[group_of(row.run), score] if row.ranks else {})
                for score, cell in row.cells.items()
            },
        )
        for row in rows
    ]


def _placed(cell: ScoreCell, places: Mapping[float, int]) -> ScoreCell:
    return replace(cell, place=places.get(cell.mean, 0)) if cell.mean is not None else cell
