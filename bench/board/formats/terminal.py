"""A board for a terminal: box characters, bold and underlined text, as wide as the window."""

from __future__ import annotations

import textwrap

from bench.board.formats.drawing import draw_table, drawn_width
from bench.board.formats.escapes import plain_text
from bench.board.formats.panels import Cell, Panel, panels
from bench.board.runs.rows import Board

__all__ = ["to_terminal"]

_PLACES = {1: "\x1b[1m", 2: "\x1b[4m"}
_PLAIN = "\x1b[0m"
_ENDLESS = 10_000


def to_terminal(board: Board, *, width: int, colour: bool) -> str:
    """Draw a board with box characters.

    Args:
        board: What to draw.
        width: Columns of the terminal; where intervals do not fit, the means stand alone, and
            where those do not fit either, the rules between the columns go.
        colour: Whether the terminal shows bold and underlined text.
    """
    return "\n\n".join(_panel(panel, width, colour) for panel in panels(board))


def _panel(panel: Panel, width: int, colour: bool) -> str:
    notes = list(panel.notes)
    full = _drawn(panel, _ENDLESS, colour, intervals=True)
    fits = drawn_width(full) <= width
    table = full if fits else _drawn(panel, width, colour, intervals=False)
    if not fits and any(cell.interval for row in panel.rows for cell in row):
        notes[0] = (
            f"Intervals are left out here (they need {drawn_width(full)} columns). {notes[0]}"
        )
    below = [line for note in notes for line in _wrapped(note, width)]
    # Commands stay on one line, so that they can be copied.
    return "\n".join(
        [*_wrapped(panel.heading, width), table, *below, *map(plain_text, panel.hints)]
    )


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(plain_text(text), width, break_on_hyphens=False)


def _drawn(panel: Panel, width: int, colour: bool, *, intervals: bool) -> str:
    return draw_table(
        [column.title for column in panel.columns],
        [[_text(cell, colour, intervals) for cell in row] for row in panel.rows],
        width=width,
        words=[column.words for column in panel.columns],
        fixed=panel.fixed,
    )


def _text(cell: Cell, colour: bool, intervals: bool) -> str:
    text = plain_text(cell.text)
    if colour and cell.place in _PLACES:
        text = f"{_PLACES[cell.place]}{text}{_PLAIN}"
    lines = [text, cell.interval if intervals else "", cell.change]
    return "\n".join(filter(None, lines))
