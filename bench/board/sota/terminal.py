"""A table of the state of the art for a terminal: columns that do not fit go, in a stated order.

The columns of least importance go first, from the right; the years go before the third score; what
the list is ranked by and the next score always stay.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from tabulate import tabulate

from bench.board.formats.drawing import draw_table, drawn_width
from bench.board.formats.escapes import plain_text
from bench.board.formats.panels import Cell, Panel
from bench.board.sota.panel import sota_panel
from bench.board.sota.tables import SotaTable

__all__ = ["to_terminal"]

_PLACES = {1: "\x1b[1m", 2: "\x1b[4m"}
_PLAIN = "\x1b[0m"
_KEPT, _KEPT_BEFORE_YEARS = 2, 3
_NARROWEST = 16


def to_terminal(table: SotaTable, *, width: int, colour: bool) -> str:
    """Draw a table with box characters.

    Args:
        table: What to draw.
        width: Columns of the terminal.
        colour: Whether the terminal shows bold and underlined text.
    """
    panel, drawn = _fitting(table, width, colour)
    titles = [column.title for column in panel.columns]
    everything = sota_panel(table).columns
    left_out = [column.title for column in everything if column.title not in titles]
    notes = [f"No room here for {', '.join(left_out)}."] if left_out else []
    lines = [line for note in (*notes, *panel.notes) for line in _wrapped(note, width)]
    return "\n".join([*_wrapped(panel.heading, width), drawn, *lines])


def _fitting(table: SotaTable, width: int, colour: bool) -> tuple[Panel, str]:
    """Draw as many columns as there is room for."""
    for number in range(len(table.columns), min(_KEPT, len(table.columns)) - 1, -1):
        for years in (True, False)[: 2 if number <= _KEPT_BEFORE_YEARS else 1]:
            panel = sota_panel(table, table.columns[:number], years=years)
            drawn = _drawn(panel, width, colour)
            if drawn_width(drawn) <= width:
                return panel, drawn
    rows = [[_text(cell, 0, colour) for cell in row] for row in panel.rows]
    titles, words = [c.title for c in panel.columns], [c.words for c in panel.columns]
    return panel, draw_table(titles, rows, width=width, words=words, fixed=2)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(plain_text(text), width, break_on_hyphens=False, subsequent_indent="  ")


def _drawn(panel: Panel, width: int, colour: bool) -> str:
    tails = [_longest_tail(row[k].text for row in panel.rows) for k in range(len(panel.columns))]
    longest = max(_NARROWEST, width // 4)
    rows = [
        [
            "\n".join(textwrap.wrap(plain_text(cell.text), longest))
            if column.words
            else _text(cell, tail, colour)
            for cell, column, tail in zip(row, panel.columns, tails, strict=True)
        ]
        for row in panel.rows
    ]
    lines = tabulate(
        [[column.title for column in panel.columns], *rows],  # heads of their own would be padded
        tablefmt="rounded_outline",
        disable_numparse=True,
        preserve_whitespace=True,
        colalign=["left" if column.words else "right" for column in panel.columns],
    ).splitlines()
    below_heads = lines[0].translate(str.maketrans("╭┬╮", "├┼┤"))
    return "\n".join([*lines[:2], below_heads, *lines[2:]])


def _longest_tail(texts: Iterable[str]) -> int:
    return max((len(_number_and_tail(text)[1]) for text in texts), default=0)


def _number_and_tail(text: str) -> tuple[str, str]:
    """Split "16.0 (16.4)ᵇ" behind the number, so that the numbers of a column stand in line."""
    found = re.match(r"-?\d+(?:\.\d+)?|-", text)
    return (found[0], text[found.end() :]) if found else (text, "")


def _text(cell: Cell, room: int, colour: bool) -> str:
    """Write a cell, filled up behind the number to the room that signs need in its column."""
    number, tail = _number_and_tail(plain_text(cell.text))
    shown = f"{_PLACES[cell.place]}{number}{_PLAIN}" if colour and cell.place else number
    below = [line + " " * room for line in (cell.interval, cell.change) if line]
    return "\n".join([shown + tail.ljust(room), *below])
