"""Who is better than whom, and who may be compared at all.

Runs stand on one board only if their mixtures and their metrics' definitions are the same. Ranked
are complete runs of real systems with real weights; every other row stays on the board, unranked,
with the reason. Oracles see the references: they have ranks of their own (O1, O2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.board.same_data import data_notes, group_by_data, stranger_notes
from bench.errors import unknown_name
from bench.metrics import find_metric, list_metrics
from bench.run.result import Run
from bench.stats.bootstrap import FEW_CLUSTERS, Interval, bootstrap_mean

__all__ = ["Board", "Row", "ScoreCell", "build_boards", "higher_is_better", "shown_scores"]

RANKED_BY = "si_snr_i"


@dataclass(frozen=True)
class ScoreCell:
    """One score of one row.

    Attributes:
        interval: Mean and 95 % interval; None where no target has the score.
        scored: Number of targets that have it.
        expected: Number of targets there should be.
        place: 1 for the best, 2 for the second of its group, else 0.
    """

    interval: Interval | None
    scored: int
    expected: int
    place: int = 0


@dataclass(frozen=True)
class Row:
    """One run on a board.

    Attributes:
        run: The run.
        cells: By score id.
        rank: "1", "O1", or empty where the row is not ranked.
        reason: Why it is not ranked; empty where it is.
    """

    run: Run
    cells: Mapping[str, ScoreCell]
    rank: str = ""
    reason: str = ""

    @property
    def label(self) -> str:
        """Name of the system, with what makes it a variant and how it came about."""
        identity = self.run.plan.separator
        settings = identity.get("settings")
        marks = [f"{n}={v}" for n, v in settings.items()] if isinstance(settings, dict) else []
        if identity.get("mouth_input", "default") != "default":
            marks.append(f"mouths {identity['mouth_input']}")
        if self.run.plan.mouths != "as-is":
            marks.append(f"mouths {self.run.plan.mouths}")
        if self.run.plan.limit is not None:
            marks.append(f"{self.run.plan.limit} mixtures")
        if self.run.plan.kind == "re-implementation":
            marks.append("re-implementation")
        return f"{self.run.system.name} ({', '.join(marks)})" if marks else self.run.system.name


@dataclass(frozen=True)
class Board:
    """All rows that may be compared.

    Attributes:
        dataset: Id of the data set.
        scores: Score ids, in the order of the columns.
        rows: Best first.
        notes: Sentences that belong below the table; the first one explains the intervals.
    """

    dataset: str
    scores: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def build_boards(runs: Sequence[Run], scores: Sequence[str] | None = None) -> list[Board]:
    """Sort runs into boards, by data set.

    Args:
        runs: Finished runs.
        scores: Score ids of the columns; None = the improvements of every metric, and PESQ, STOI
            and ESTOI as they are.

    Raises:
        UsageError: A score that no run has.
    """
    groups: dict[tuple[object, ...], list[Run]] = {}
    for run in runs:
        groups.setdefault(_comparable(run), []).append(run)
    boards = []
    for _, same_list in sorted(groups.items(), key=lambda g: str(g[0])):
        by_data = group_by_data(same_list)
        for group in by_data:
            others = [other for other in by_data if other is not group]
            boards.append(_board(group, scores, stranger_notes(group, others)))
    return boards


def _comparable(run: Run) -> tuple[object, ...]:
    """Runs with equal keys were scored on the same list by the same definitions."""
    plan = run.plan
    return plan.dataset, plan.list_sha256, tuple(sorted(plan.metrics.items()))


def _board(
    runs: Sequence[Run], scores: Sequence[str] | None, strangers: Sequence[str] = ()
) -> Board:
    known = list(runs[0].summary.aggregates)
    chosen = tuple(scores) if scores else shown_scores(runs[0].plan.metrics)
    for score in chosen:
        if score not in known:
            raise unknown_name("score", score, known)
    rows = [_row(run, chosen) for run in runs]
    rows.sort(key=_order)
    rows = _emphasised(_ranked(rows), chosen)
    notes = (*_notes(rows), *data_notes(runs), *strangers)
    return Board(runs[0].plan.dataset, chosen, tuple(rows), notes)


def shown_scores(metrics: Iterable[str], *, improvements: bool = True) -> tuple[str, ...]:
    """Choose one score per metric, in the order of the registry.

    Decibels are shown as improvements over the mixture, where there are any; others as they are.
    """
    order = list_metrics()
    return tuple(
        f"{metric}_i" if improvements and find_metric(metric).unit == "dB" else metric
        for metric in sorted(metrics, key=order.index)
    )


def _row(run: Run, scores: Sequence[str]) -> Row:
    return Row(run, {score: _cell(run, score) for score in scores}, reason=_not_ranked(run))


def _cell(run: Run, score: str) -> ScoreCell:
    having = [(r, v) for r in run.records if (v := r.scores.get(score)) is not None]
    if not having:
        return ScoreCell(None, 0, run.expected)
    interval = bootstrap_mean(
        [value for _, value in having],
        [record.target_cluster for record, _ in having],
        [record.interferer_cluster for record, _ in having],
    )
    return ScoreCell(interval, len(having), run.expected)


def _not_ranked(run: Run) -> str:
    """Say why a run may not be ranked; empty if it may."""
    plan, summary = run.plan, run.summary
    ranked = summary.aggregates.get(RANKED_BY)
    scored = ranked.scored if ranked else 0
    reasons = {
        f"a quick look at {plan.limit} mixtures": plan.limit is not None,
        "random weights": plan.separator.get("weights") == "random",
        f"mouths {plan.mouths}": plan.mouths != "as-is",
        "a re-implementation from the paper": plan.kind == "re-implementation",
        "SI-SNR was not asked for": ranked is None,
        f"only {scored} of {run.expected} targets have an SI-SNR": 0 <= scored < run.expected
        and ranked is not None,
    }
    return "; ".join(reason for reason, holds in reasons.items() if holds)


def _order(row: Row) -> tuple[bool, float, str]:
    aggregate = row.run.summary.aggregates.get(RANKED_BY)
    mean = aggregate.mean if aggregate and aggregate.mean is not None else float("-inf")
    return bool(row.reason), -mean, row.run.id


def _group(row: Row) -> str:
    """Rows of one group are ranked together."""
    return "O" if row.run.plan.kind == "oracle" else ""


def _ranked(rows: list[Row]) -> list[Row]:
    """Number the rows of each group; equal means share a rank."""
    ranked: list[Row] = []
    counts: dict[str, int] = {}
    last: dict[str, tuple[float, str]] = {}
    for row in rows:
        if row.reason:
            ranked.append(row)
            continue
        group, mean = _group(row), _order(row)[1]
        counts[group] = counts.get(group, 0) + 1
        if group not in last or last[group][0] != mean:
            last[group] = (mean, f"{group}{counts[group]}")
        ranked.append(replace(row, rank=last[group][1]))
    return ranked


def higher_is_better(score: str) -> bool:
    """Whether a larger value of a score is the better one."""
    return find_metric(score.removesuffix("_i")).higher_is_better


def _emphasised(rows: list[Row], scores: Sequence[str]) -> list[Row]:
    """Mark the best and the second of every column among the ranked rows of each group."""
    places: dict[tuple[str, str], dict[float, int]] = {}
    for group in {_group(row) for row in rows}:
        peers = [row for row in rows if row.rank and _group(row) == group]
        for score in scores:
            means = {cell.interval.mean for row in peers if (cell := row.cells[score]).interval}
            best = sorted(means, reverse=higher_is_better(score))[:2]
            alone = len(peers) < 2  # the best of one is nothing to show
            places[group, score] = {} if alone else {m: k for k, m in enumerate(best, 1)}
    return [
        replace(
            row,
            cells={
                score: _placed(cell, places[_group(row), score] if row.rank else {})
                for score, cell in row.cells.items()
            },
        )
        for row in rows
    ]


def _placed(cell: ScoreCell, places: Mapping[float, int]) -> ScoreCell:
    return replace(cell, place=places.get(cell.interval.mean, 0)) if cell.interval else cell


def _notes(rows: Sequence[Row]) -> tuple[str, ...]:
    summary = rows[0].run.summary
    clusters = min(summary.target_clusters, summary.interferer_clusters)
    notes = [
        "95 % intervals over test items, not over training seeds: two-way bootstrap over "
        f"{summary.target_clusters} target x {summary.interferer_clusters} interferer clusters "
        "(speakers, or videos where a set has no speaker labels)."
    ]
    if clusters < FEW_CLUSTERS:
        notes.append(
            f"Caution: with fewer than {FEW_CLUSTERS} clusters the intervals are too narrow."
        )
    if any(_group(row) == "O" for row in rows):
        notes.append("Oracles see the references; they are ranked apart (O1, O2, ...).")
    for row in rows:
        said = [*row.run.plan.marks, *row.run.system.notes, *row.run.summary.symptoms]
        said += [f"not ranked: {row.reason}"] if row.reason else []
        said += [f"input: {row.run.system.inputs}"] if row.run.system.inputs else []
        notes += [f"{row.label}: {sentence}." for sentence in said]
    return tuple(dict.fromkeys(notes))
