"""The signs behind figures: of definitions, of conditions, of sources, and of contradictions.

A letter stands for one definition or condition throughout a table, "?" for a definition that nobody
knows; a number leads to the note that names who prints another value. What the head of a column
says already needs no sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bench.board.sota.columns import RANKED_BY
from bench.board.sota.meanings import UNKNOWN, definition_of
from bench.board.sota.sources import GRADE_MEANINGS, GRADE_SIGNS
from bench.board.sota.tables import Mark, SotaCell, SotaColumn, SotaRow

__all__ = ["signed"]

# Without "q", which has no raised form.
_LETTERS = "abcdefghijklmnoprstuvwxyz"


def signed(
    rows: Sequence[SotaRow], columns: Sequence[SotaColumn]
) -> tuple[list[SotaRow], tuple[Mark, ...], tuple[str, ...]]:
    """Give every cell its signs.

    Returns:
        The rows, the signs of definitions and grades with their meanings, and the numbered notes.
    """
    letters = _letters(rows, columns)
    footnotes: list[str] = []
    done = []
    for row in rows:
        cells: dict[str, SotaCell] = {}
        for column in columns:
            if (cell := row.cells.get(column.id)) is None:
                continue
            if cell.disputed:
                footnotes.append(_footnote(row, column, cell))
            sign = letters.get(_key(cell, column), "")
            number = len(footnotes) if cell.disputed else 0
            cells[column.id] = replace(cell, definition=sign, footnote=number)
        done.append(replace(row, cells=cells))
    return done, _marks(done, columns, letters), tuple(footnotes)


def _key(cell: SotaCell, column: SotaColumn) -> str:
    """What a sign stands for: empty where the column's head says it already."""
    own = column.condition if column.cost else definition_of(RANKED_BY.get(column.id, ""))
    return "" if cell.meaning == own and own != UNKNOWN else cell.meaning


def _letters(rows: Sequence[SotaRow], columns: Sequence[SotaColumn]) -> dict[str, str]:
    keys = [
        _key(cell, column)
        for column in columns
        for row in rows
        if (cell := row.cells.get(column.id)) is not None
    ]
    free = iter(_LETTERS)
    signs: dict[str, str] = {"": ""}
    for key in keys:
        if key not in signs:
            signs[key] = "?" if key == UNKNOWN else next(free, "*")
    return signs


def _marks(
    rows: Sequence[SotaRow], columns: Sequence[SotaColumn], letters: Mapping[str, str]
) -> tuple[Mark, ...]:
    cells = [(row.cells[c.id], c) for row in rows for c in columns if c.id in row.cells]
    costs = {_key(cell, column) for cell, column in cells if column.cost}
    ids: dict[str, set[str]] = {}
    for cell, column in cells:
        ids.setdefault(_key(cell, column), set()).add(cell.metric_id)
    found = [
        Mark(sign, _explained(key, ids[key]), "condition" if key in costs else "definition")
        for key, sign in letters.items()
        if sign
    ]
    grades = {cell.grade for cell, _ in cells}
    found += [
        Mark(sign, GRADE_MEANINGS[grade], "grade")
        for grade, sign in GRADE_SIGNS.items()
        if sign and grade in grades
    ]
    return tuple(sorted(found, key=lambda mark: (mark.kind == "grade", mark.sign == "?")))


def _explained(key: str, ids: Iterable[str]) -> str:
    named = ", ".join(sorted(id for id in ids if id))
    return f"{key} ({named})" if named else key


def _footnote(row: SotaRow, column: SotaColumn, cell: SotaCell) -> str:
    own = cell.text.split(maxsplit=1)[0]
    but = "".join(f"; but {other.text} in {other.source}" for other in cell.conflicts)
    also = "".join(f"; {o.text} at {o.condition} in {o.source}" for o in cell.elsewhere)
    return f"{row.label}, {column.id}: {own} in {cell.source}{but}{also}."
