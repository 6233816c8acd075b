"""Tables of printed figures: one per mixture list, with what was measured on it beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench.board.site.definitions import FROM_COLUMN
from bench.board.site.models import Cell, Column, Row, Table
from bench.board.sota.sources import GRADE_SIGNS
from bench.board.sota.tables import SotaCell, SotaColumn, SotaRow, SotaTable

__all__ = ["figure_anchor", "printed_notes", "printed_table"]

_MAIN_COSTS = ("Params", "MACs")
_QUALITY, _COST, _MORE_COSTS = "quality", "cost, as printed", "more costs, as printed"


def printed_table(table: SotaTable, paths: Mapping[str, str]) -> Table:
    """Make the table of one list.

    Args:
        table: Its figures, best first.
        paths: Of the systems' pages, by name.
    """
    shown = [row for row in table.rows if row.cells]
    groups = [_QUALITY, _COST, _MORE_COSTS]
    order = sorted(table.columns, key=lambda column: groups.index(_group(column)))
    columns = (
        Column("#", descending=False, tip="Rank among figures of one definition."),
        Column("system", numeric=False),
        *map(_column, order),
        Column("year"),
        FROM_COLUMN,
    )
    rows = tuple(_row(row, order, table.list_id, paths) for row in shown)
    caption = "Figures as printed, and what was measured here; brackets hold other printed values."
    return Table(
        f"{table.list_id}-printed",
        caption,
        columns,
        rows,
        header=1,
        filters=("from", "rank"),
        folded=(_MORE_COSTS,),
    )


def _group(column: SotaColumn) -> str:
    if not column.cost:
        return _QUALITY
    return _COST if column.id in _MAIN_COSTS else _MORE_COSTS


def _column(column: SotaColumn) -> Column:
    group = _group(column)
    tip = "The ranks come from this column." if column.ranked else ""
    return Column(column.title, group, descending=column.higher_is_better, tip=tip)


def _row(
    row: SotaRow, columns: Sequence[SotaColumn], list_id: str, paths: Mapping[str, str]
) -> Row:
    path = paths.get(row.system, "")
    cells = (
        Cell(row.rank, float(row.rank) if row.rank else None),
        Cell(row.label, href=path, below="" if row.rank else row.reason, mark=row.provenance),
        *(
            _cell(cell, _place(path, row, column, list_id))
            if (cell := row.cells.get(column.id))
            else Cell("")
            for column in columns
        ),
        Cell(str(row.year or ""), row.year),
        Cell(row.provenance),
    )
    facets = {"from": row.provenance, "rank": "ranked" if row.rank else "not ranked"}
    return Row(cells, facets, quiet=not row.rank)


def _place(path: str, row: SotaRow, column: SotaColumn, list_id: str) -> str:
    """Return where the page of a system tells more of a figure."""
    if not path:
        return ""
    anchor = "scored" if row.run else figure_anchor("" if column.cost else list_id, column.id)
    return f"{path}#{anchor}"


def figure_anchor(list_id: str, metric: str) -> str:
    """Return the anchor of a printed quantity on its system's page."""
    return f"{list_id}-{metric}" if list_id else metric


def _cell(cell: SotaCell, href: str) -> Cell:
    value, _, others = cell.text.partition(" ")
    said = [f"{cell.meaning[:1].upper()}{cell.meaning[1:]}.", f"From: {cell.source}."]
    said += [f"But {other.text} in {other.source}." for other in cell.conflicts]
    if cell.to_published_text:
        said.append(f"{cell.to_published_text} to the published figure.")
    return Cell(
        value,
        cell.value,
        others,
        href,
        "\n".join(said),
        cell.place,
        signs=_signs(cell),
    )


def _signs(cell: SotaCell) -> str:
    """Return definition or condition, number of the note, grade of the source."""
    grade = GRADE_SIGNS[cell.grade] if cell.grade else ""
    return f"{cell.definition}{cell.footnote or ''}{grade}"


def printed_notes(table: SotaTable) -> Iterable[str]:
    """Say what belongs below the table of a list: who is absent, signs, contradictions."""
    absent = [row.system for row in table.rows if not row.cells]
    if absent:
        yield f"No figure on this list is known of {', '.join(absent)}."
    yield from (f"{mark.sign}: {mark.meaning}." for mark in table.marks)
    yield from (f"({number}) {note}" for number, note in enumerate(table.footnotes, 1))
