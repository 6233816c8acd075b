"""Who is ranked, and where: strictly, by figures of one definition; or as papers do, by column.

Never ranked, whatever the way: what a digest says, oracles, baselines, and systems that are here
re-implementations. Ranks count systems, not rows: a system never stands behind itself, and values
that differ by less than the table's digits share a rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.board.sota.columns import RANKED_BY
from bench.board.sota.tables import SotaCell, SotaColumn, SotaRow

__all__ = ["by_rank", "emphasised", "ranked"]

_FAR = float("inf")
_KIND_REASONS = {
    "oracle": "an oracle: it sees the references",
    "baseline": "a baseline",
    "re-implementation": "a re-implementation from the paper",
}


def ranked(
    rows: Sequence[SotaRow], column: str, kinds: Mapping[str, str], *, strict: bool
) -> list[SotaRow]:
    """Give every row its rank or the reason why it has none.

    Args:
        rows: Of one list.
        column: Id of the column that is ranked by.
        kinds: What the systems are here, by name.
        strict: Whether figures of other or unknown definitions stay unranked.
    """
    judged = [replace(row, reason=_reason(row, column, kinds, strict=strict)) for row in rows]
    fitting = [row for row in judged if not row.reason]
    digits = min((row.cells[column].decimals for row in fitting), default=1)
    best: dict[str, float] = {}
    for row in fitting:
        value = _rounded(row, column, digits)
        best[row.system] = max(value, best.get(row.system, value))
    return [
        row if row.reason else replace(row, rank=str(_rank(row, column, digits, best)))
        for row in judged
    ]


def _reason(row: SotaRow, column: str, kinds: Mapping[str, str], *, strict: bool) -> str:
    """Say why a row may not be ranked; empty if it may."""
    cell = row.cells.get(column)
    reasons = {
        row.reason: bool(row.reason),
        _KIND_REASONS.get(row.kind, ""): row.kind in _KIND_REASONS,
        "here a re-implementation; its figures are quoted": _is_quoted(row, kinds),
        f"no {column}": cell is None,
        "known from a digest only": cell is not None and cell.grade == "digest",
        f"its {column} is of another or an unknown definition": strict
        and cell is not None
        and cell.metric_id != RANKED_BY.get(column),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _is_quoted(row: SotaRow, kinds: Mapping[str, str]) -> bool:
    """Whether a row is the print of a system that is here a re-implementation."""
    return row.provenance == "published" and kinds.get(row.system) == "re-implementation"


def _rank(row: SotaRow, column: str, digits: int, best: Mapping[str, float]) -> int:
    value = _rounded(row, column, digits)
    return 1 + sum(other > value for system, other in best.items() if system != row.system)


def _rounded(row: SotaRow, column: str, digits: int) -> float:
    return round(row.cells[column].value or 0.0, digits)


def by_rank(rows: Sequence[SotaRow], column: str) -> list[SotaRow]:
    """Sort rows: ranked ones first, then by value, then those without one."""

    def order(row: SotaRow) -> tuple[int, bool, float, str, str]:
        cell = row.cells.get(column)
        value = -_FAR if cell is None or cell.value is None else cell.value
        rank = int(row.rank) if row.rank else len(rows) + 1
        return rank, not row.cells, -value, row.system.lower(), row.provenance

    return sorted(rows, key=order)


def emphasised(
    rows: Sequence[SotaRow],
    columns: Sequence[SotaColumn],
    kinds: Mapping[str, str],
    *,
    strict: bool,
) -> list[SotaRow]:
    """Mark the best and the second value: of the ranked column, or as printed, of every column."""
    for column in columns:
        if not strict or column.ranked:
            rows = _placed(rows, column, kinds)
    return list(rows)


def _placed(rows: Sequence[SotaRow], column: SotaColumn, kinds: Mapping[str, str]) -> list[SotaRow]:
    def competes(row: SotaRow) -> bool:
        cell = row.cells.get(column.id)
        own = row.rank if column.ranked else row.kind not in _KIND_REASONS
        return (
            bool(own) and not _is_quoted(row, kinds) and cell is not None and _counts(cell, column)
        )

    peers = [row for row in rows if competes(row)]
    if len(peers) < 2:  # the best of one is nothing to show
        return list(rows)
    digits = min(row.cells[column.id].decimals for row in peers)
    values = {id(row): _rounded(row, column.id, digits) for row in peers}
    best = sorted(set(values.values()), reverse=column.higher_is_better)[:2]
    places = {value: place for place, value in enumerate(best, 1)}
    return [
        replace(row, cells={**row.cells, column.id: replace(cell, place=places.get(value, 0))})
        if (value := values.get(id(row))) is not None and (cell := row.cells[column.id])
        else row
        for row in rows
    ]


def _counts(cell: SotaCell, column: SotaColumn) -> bool:
    """Whether a figure competes: no digest, and a cost only under the condition of its column."""
    return (
        cell.value is not None
        and cell.grade != "digest"
        and (not column.cost or cell.meaning == column.condition)
    )
