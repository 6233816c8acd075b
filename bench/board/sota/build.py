"""From figures and runs to one table per mixture list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench.board.published import LISTS, Figure
from bench.board.sota.absent_rows import absent_rows, kinds_of_systems
from bench.board.sota.columns import RANKED_BY, columns_of, ranked_column, usual_conditions
from bench.board.sota.measured_rows import measured_rows
from bench.board.sota.published_rows import costs_beside, guests_of, published_rows
from bench.board.sota.ranks import by_rank, emphasised, ranked
from bench.board.sota.signs import signed
from bench.board.sota.tables import SotaRow, SotaTable
from bench.datasets import list_datasets
from bench.run.result import Run
from bench.separators.card import Card, shipped_cards

__all__ = ["build_sota"]

# Columns whose one name stands for several quantities.
_SEVERAL = ("SDRi", "PESQ")
_BY_CHANCE = "Printed means have no intervals: neighbours may stand in their order by chance."


def build_sota(
    figures: Sequence[Figure],
    runs: Iterable[Run] = (),
    *,
    strict: bool = True,
    cards: Mapping[str, Card] | None = None,
) -> list[SotaTable]:
    """Build the tables of the state of the art, those of the project's data sets first.

    Args:
        figures: Printed figures.
        runs: Runs and submissions; those on lists without a printed figure have no table here.
        strict: Rank only figures of one definition on one list; else rank as the papers do.
        cards: Of the systems that are here; None = those that ship.
    """
    known = shipped_cards() if cards is None else cards
    measured = list(runs)
    ids = sorted({figure.list for figure in figures if figure.list}, key=_order)
    return [_table(list_id, figures, measured, known, strict=strict) for list_id in ids]


def _order(list_id: str) -> tuple[bool, bool, str]:
    return list_id not in list_datasets(), not list_id.endswith("-2mix"), list_id


def _table(
    list_id: str,
    figures: Sequence[Figure],
    runs: Sequence[Run],
    cards: Mapping[str, Card],
    *,
    strict: bool,
) -> SotaTable:
    scores = [figure for figure in figures if figure.list == list_id]
    costs = costs_beside(scores, figures)
    conditions = usual_conditions(costs)
    guests = [] if strict else guests_of(list_id, figures)
    systems = {figure.system for figure in figures if figure.kind == "published"}
    rows = published_rows(
        list_id, scores, guests=guests, costs=costs, conditions=conditions, systems=systems
    )
    rows += measured_rows(list_id, runs, rows)
    if list_id in list_datasets() and _comparable(scores):
        rows += absent_rows(list_id, figures, {row.system for row in rows}, cards)
    metrics = [metric for row in rows for metric in row.cells]
    kinds, by = kinds_of_systems(cards), ranked_column(scores, strict=strict)
    columns = columns_of(metrics, by, conditions)
    ordered = by_rank(ranked(rows, by, kinds, strict=strict), by)
    done, marks, footnotes = signed(emphasised(ordered, columns, kinds, strict=strict), columns)
    notes = _notes(done, by, strict=strict)
    title = LISTS.get(list_id, "")
    return SotaTable(list_id, title, columns, tuple(done), marks, footnotes, notes, strict)


def _comparable(scores: Iterable[Figure]) -> bool:
    """Whether anything on a list can be ranked."""
    return any(figure.metric_id == RANKED_BY.get(figure.metric, "-") for figure in scores)


def _notes(rows: Sequence[SotaRow], by: str, *, strict: bool) -> tuple[str, ...]:
    unranked: dict[str, list[str]] = {}
    for row in rows:
        if row.reason:
            unranked.setdefault(row.reason, []).append(row.label)
    notes = [_how_ranked(rows, by, strict=strict)]
    notes += [f"Not ranked, {reason}: {', '.join(who)}." for reason, who in unranked.items()]
    notes += [f"{row.label}: {sentence}." for row in rows for sentence in row.notes]
    return tuple(dict.fromkeys(notes))


def _how_ranked(rows: Sequence[SotaRow], by: str, *, strict: bool) -> str:
    if not any(row.rank for row in rows):
        return "Nothing is ranked on this list."
    if not strict:
        return (
            f"Ranked as printed: by {by}, and the best of every column, as papers do, whatever the "
            "definitions; figures of other lists are named. Digests, oracles and "
            f"re-implementations are not ranked here either. {_BY_CHANCE}"
        )
    several = [name for name in _SEVERAL if any(name in row.cells for row in rows)]
    stand = "stand for several quantities" if len(several) > 1 else "stands for several quantities"
    unranked = f" {' and '.join(several)} {stand} (see the signs), unranked;" if several else ""
    return (
        f"Ranked strictly: by {by} of one definition on this list;{unranked} digests, oracles and "
        f"re-implementations never are. {_BY_CHANCE}"
    )
