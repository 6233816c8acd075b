"""A table of the state of the art as texts, which every format draws in its own way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from bench.board.formats.panels import Cell, Column, Panel
from bench.board.formats.texts import provenance_legend, provenance_mark
from bench.board.sota.sources import GRADE_MEANINGS, GRADE_SIGNS
from bench.board.sota.tables import Mark, SotaCell, SotaColumn, SotaRow, SotaTable
from bench.core.provenance import MEANINGS

__all__ = ["legend", "read_at", "sota_panel"]

_RAISED = str.maketrans(
    "abcdefghijklmnoprstuvwxyz0123456789", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ⁰¹²³⁴⁵⁶⁷⁸⁹"
)


def sota_panel(
    table: SotaTable, columns: Sequence[SotaColumn] | None = None, *, years: bool = True
) -> Panel:
    """Return a table as a panel.

    Args:
        table: Any.
        columns: Those that are shown; None = all.
        years: Whether the year of every paper is shown.
    """
    shown = table.columns if columns is None else columns
    table = _numbered(table, shown)
    heads = [Column("#"), Column("system", words=True), *([Column("year")] if years else [])]
    heads += [Column(column.title) for column in shown]
    heading = f"{table.list_id}: {table.title}" if table.title else table.list_id
    return Panel(
        "published",
        heading,
        (*heads, Column("from")),
        tuple(_row(row, shown, years) for row in table.rows),
        legend(table, shown),
    )


def _numbered(table: SotaTable, columns: Sequence[SotaColumn]) -> SotaTable:
    """Number the notes of some columns anew, in the order in which they are met."""
    footnotes: list[str] = []
    rows = []
    for row in table.rows:
        cells = {}
        for column in columns:
            if (cell := row.cells.get(column.id)) is None:
                continue
            if cell.footnote:
                footnotes.append(table.footnotes[cell.footnote - 1])
                cell = replace(cell, footnote=len(footnotes))
            cells[column.id] = cell
        rows.append(replace(row, cells=cells))
    return replace(table, rows=tuple(rows), footnotes=tuple(footnotes))


def legend(table: SotaTable, columns: Sequence[SotaColumn]) -> tuple[str, ...]:
    """Return every sentence that belongs below some columns of a table."""
    first, *others = table.notes
    cells = [row.cells[c.id] for row in table.rows for c in columns if c.id in row.cells]
    scores = not all(column.cost for column in columns)
    notes = [
        first if scores else "",
        *_marks(table.marks, cells),
        provenance_legend(row.provenance for row in table.rows),
        _comparison(table),
        _to_print(cells),
        *_usual(columns),
        *_contradictions(table.footnotes, cells),
        *(others if scores else ()),
    ]
    return tuple(note for note in notes if note)


def _usual(columns: Sequence[SotaColumn]) -> list[str]:
    """Say of costs what the heads of their columns have no room for."""
    heads: dict[str, list[str]] = {}
    for column in columns:
        if ", " in column.condition:
            heads.setdefault(column.condition.partition(", ")[2], []).append(column.title)
    return [
        f"{', '.join(titles)}: {condition}, unless a letter says otherwise."
        for condition, titles in heads.items()
    ]


def _marks(marks: Sequence[Mark], cells: Sequence[SotaCell]) -> list[str]:
    """Explain the signs of some cells: definitions one by one, the others in one line each."""
    shown = {cell.definition for cell in cells}
    shown |= {GRADE_SIGNS[cell.grade] for cell in cells if cell.grade}
    said = {mark: f"{mark.sign.translate(_RAISED)} {mark.meaning}" for mark in marks}
    lines = [f"{text}." for mark, text in said.items() if _explains(mark, "definition", shown)]
    for kind in ("condition", "grade"):
        texts = [text for mark, text in said.items() if _explains(mark, kind, shown)]
        lines += [f"{'; '.join(texts)}."] if texts else []
    return lines


def _explains(mark: Mark, kind: str, shown: Collection[str]) -> bool:
    return mark.kind == kind and mark.sign in shown


def _contradictions(footnotes: Sequence[str], cells: Sequence[SotaCell]) -> list[str]:
    shown = sorted(cell.footnote for cell in cells if cell.footnote)
    return [f"{str(number).translate(_RAISED)} {footnotes[number - 1]}" for number in shown]


def _comparison(table: SotaTable) -> str:
    if not table.anchor:
        return ""
    return (
        f"Second lines: difference (scores) or ratio (×, costs) to {table.anchor}, where both "
        "figures are of one known definition or condition."
    )


def _to_print(cells: Sequence[SotaCell]) -> str:
    if all(cell.to_published is None for cell in cells):
        return ""
    return "In square brackets: measured less published, where both are of one definition."


def _row(row: SotaRow, columns: Sequence[SotaColumn], years: bool) -> tuple[Cell, ...]:
    ranked = "" if row.rank else f"not ranked: {row.reason}"
    return (
        Cell(row.rank or "-", meaning=ranked),
        Cell(row.label),
        *([Cell(str(row.year or ""))] if years else []),
        *(_cell(row.cells.get(column.id)) for column in columns),
        Cell(
            provenance_mark(row.provenance), meaning=f"{row.provenance}: {MEANINGS[row.provenance]}"
        ),
    )


def _cell(cell: SotaCell | None) -> Cell:
    if cell is None:
        return Cell("-")
    to_print = f"[{cell.to_published_text}]" if cell.to_published_text else ""
    return Cell(cell.text + _signs(cell), to_print, cell.to_anchor_text, cell.place, _said(cell))


def _signs(cell: SotaCell) -> str:
    """Write the signs of a cell: definition or condition, grade, number of the note."""
    number = str(cell.footnote) if cell.footnote else ""
    grade = GRADE_SIGNS[cell.grade] if cell.grade else ""
    return f"{cell.definition.translate(_RAISED)}{grade}{number.translate(_RAISED)}"


def _said(cell: SotaCell) -> str:
    grade = GRADE_MEANINGS[cell.grade] if cell.grade else ""
    return ". ".join(part for part in (cell.source, grade, cell.meaning, cell.note) if part)


def read_at(table: SotaTable) -> list[tuple[str, str]]:
    """List where the figures of a table were read: sources and their addresses."""
    found: dict[str, str] = {}
    for row in table.rows:
        for cell in row.cells.values():
            if cell.source_url:
                found.setdefault(cell.source_url, cell.source.partition(";")[0])
    return [(source, url) for url, source in found.items()]
