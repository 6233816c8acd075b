"""A board as LaTeX tables that compile with booktabs as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bench.board.formats.escapes import latex_escape, plain_text
from bench.board.formats.panels import Cell, Panel, panels
from bench.board.rows import Board

__all__ = ["latex_lines", "latex_title", "to_latex"]

_PLACES = {1: r"\textbf{%s}", 2: r"\underline{%s}"}
_RANGE = re.compile(r"O?\d+-\d+")
# From so many columns on, a table is set small and across both columns of a page.
_WIDE = 6


def to_latex(board: Board) -> str:
    """Write a board as LaTeX tables, one for scores and one for costs."""
    return "\n".join(map(_panel, panels(board)))


def _panel(panel: Panel) -> str:
    wide = len(panel.columns) > _WIDE
    table = "table*" if wide else "table"
    sides = "".join("l" if column.words else "r" for column in panel.columns)
    titles = " & ".join(latex_title(column.title) for column in panel.columns)
    caption = " ".join(latex_escape(note) for note in panel.notes)
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            *(f"% {plain_text(hint)}" for hint in panel.hints),
            rf"\begin{{{table}}}[t]",
            r"\centering",
            rf"\caption{{{latex_escape(panel.heading)}. {caption}}}",
            *([r"\scriptsize", r"\setlength{\tabcolsep}{2pt}"] if wide else []),
            rf"\begin{{tabular}}{{{sides}}}",
            r"\toprule",
            rf"{titles} \\",
            r"\midrule",
            *(line for row in panel.rows for line in latex_lines(row)),
            r"\bottomrule",
            r"\end{tabular}",
            rf"\end{{{table}}}",
            "",
        ]
    )


def latex_title(title: str) -> str:
    """Write the head of a column."""
    return latex_escape(title[:1].upper() + title[1:])


def latex_lines(row: Sequence[Cell]) -> list[str]:
    """Write a row: its values, below them its intervals and its differences, where it has any."""
    parts: list[Callable[[Cell], str]] = [_value, _small(lambda c: c.interval), _small(_change)]
    lines = [" & ".join(part(cell) for cell in row) for part in parts]
    *above, last = [line for line in lines if line.strip("& ")]
    return [*(rf"{line} \\[-3pt]" for line in above), rf"{last} \\"]


def _value(cell: Cell) -> str:
    return _PLACES.get(cell.place, "%s") % _number(cell.text)


def _change(cell: Cell) -> str:
    return cell.change


def _small(part: Callable[[Cell], str]) -> Callable[[Cell], str]:
    return lambda cell: rf"{{\tiny {_number(part(cell))}}}" if part(cell) else ""


def _number(text: str) -> str:
    """Escape a text; the hyphen before a number becomes a minus, that of a range a dash."""
    if text[:1] == "-" and text[1:2].isdigit():
        return f"$-${latex_escape(text[1:])}"
    return text.replace("-", "--") if _RANGE.fullmatch(text) else latex_escape(text)
