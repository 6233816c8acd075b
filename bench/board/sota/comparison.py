"""What tables are asked for: one list, another order, differences to one system."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bench.board.sota.tables import SotaCell, SotaColumn, SotaRow, SotaTable
from bench.errors import unknown_name

__all__ = ["compared_with", "of_list", "sorted_by"]


def of_list(tables: Sequence[SotaTable], list_id: str) -> list[SotaTable]:
    """Return the table of one list.

    Raises:
        UsageError: There is no such list; suggests the nearest.
    """
    ids = [table.list_id for table in tables]
    return [tables[ids.index(_named("list", list_id, ids))]]


def sorted_by(table: SotaTable, column: str, known: Iterable[str] = ()) -> SotaTable:
    """Sort the rows by a column, the best first; rows without a figure come last.

    Costs under another condition than the column's come behind those under it.

    Args:
        table: Any.
        column: Its id in any spelling; a table that does not have it stays as it is.
        known: Ids of columns of other tables, which are no mistake here.

    Raises:
        UsageError: No table has such a column; suggests the nearest.
    """
    ids = [c.id for c in table.columns]
    name = _named("column", column, [*ids, *known])
    if name not in ids:
        return table
    of = table.columns[ids.index(name)]
    better = -1 if of.higher_is_better else 1

    def order(row: SotaRow) -> tuple[bool, bool, float]:
        cell = row.cells.get(name)
        if cell is None or cell.value is None:
            return True, True, 0.0
        return False, of.cost and cell.meaning != of.condition, better * cell.value

    return replace(table, rows=tuple(sorted(table.rows, key=order)))


def compared_with(table: SotaTable, system: str, known: Iterable[str] = ()) -> SotaTable:
    """Add to every cell its difference (scores) or ratio (costs) to those of one system.

    A row is compared with the system's row of the same provenance, else with the published one.
    Only figures of one definition or condition are compared.

    Args:
        table: Any.
        system: Name in any spelling; a table without it stays as it is.
        known: Systems of other tables, which are no mistake here.

    Raises:
        UsageError: No table has such a system; suggests the nearest.
    """
    names = dict.fromkeys(row.system for row in table.rows if row.cells)
    name = _named("system", system, [*names, *known])
    anchors = {
        row.provenance: row
        for row in reversed(table.rows)
        if row.system == name and row.cells and row.kind not in {"oracle", "baseline"}
    }
    if not anchors:
        return table
    usual = anchors.get("published") or next(iter(anchors.values()))
    rows = [_compared(row, anchors.get(row.provenance, usual), table.columns) for row in table.rows]
    return replace(table, rows=tuple(rows), anchor=name)


def _compared(row: SotaRow, anchor: SotaRow, columns: Sequence[SotaColumn]) -> SotaRow:
    if row is anchor:
        return row
    cells = dict(row.cells)
    for column in columns:
        own, base = cells.get(column.id), anchor.cells.get(column.id)
        if own is not None and base is not None:
            value, text = _relation(own, base, column) or (None, "")
            cells[column.id] = replace(own, to_anchor=value, to_anchor_text=text)
    return replace(row, cells=cells)


def _relation(own: SotaCell, base: SotaCell, column: SotaColumn) -> tuple[float, str] | None:
    if own.meaning != base.meaning or own.definition == "?":
        return None
    if not column.cost:
        return own.less(base)
    if own.value is None or not base.value:
        return None
    ratio = own.value / base.value
    return ratio, f"×{ratio:.2f}"


def _named(kind: str, given: str, known: Sequence[str]) -> str:
    """Find a name, whatever its case and punctuation."""
    found = next((name for name in known if _plain(name) == _plain(given)), None)
    if found is None:
        raise unknown_name(kind, given, dict.fromkeys(known))
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())
