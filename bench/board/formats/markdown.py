"""A board as Markdown."""

from __future__ import annotations

from tabulate import tabulate

from bench.board.formats.escapes import markdown_escape
from bench.board.formats.panels import Cell, Panel, panels
from bench.board.runs.rows import Board

__all__ = ["markdown_section", "to_markdown"]

_PLACES = {1: ("**", "**"), 2: ("<u>", "</u>")}


def to_markdown(board: Board) -> str:
    """Write a board as Markdown tables with their notes."""
    return "\n".join(map(markdown_section, panels(board)))


def markdown_section(panel: Panel) -> str:
    """Write one table with the sentences below it."""
    table = tabulate(
        [[_text(cell) for cell in row] for row in panel.rows],
        [markdown_escape(column.title) for column in panel.columns],
        "pipe",
        disable_numparse=True,
        colalign=["left" if column.words else "right" for column in panel.columns],
    )
    notes = [f"- {markdown_escape(note)}" for note in (*panel.notes, *panel.hints)]
    return "\n".join([f"### {markdown_escape(panel.heading)}", "", table, "", *notes, ""])


def _text(cell: Cell) -> str:
    before, after = _PLACES.get(cell.place, ("", ""))
    lines = [f"{before}{markdown_escape(cell.text)}{after}", cell.interval, cell.change]
    return "<br>".join(filter(None, [lines[0], *map(markdown_escape, lines[1:])]))
