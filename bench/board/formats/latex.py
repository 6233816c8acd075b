"""A board as LaTeX tables that compile with booktabs as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bench.board.formats.escapes import latex_escape, plain_text
from bench.board.formats.panels import Cell, Panel, panels
from bench.board.runs.rows import Board

__all__ = ["latex_lines", "latex_table", "latex_title", "to_latex"]

_PLACES = {1: r"\textbf{%s}", 2: r"\underline{%s}"}
_RANGE = re.compile(r"O?\d+-\d+")
# A table of more columns is set small, and across both columns of a page.
_NARROW = 5


def to_latex(board: Board) -> str:
    """Write a board as LaTeX tables, one for scores and one for costs."""
    return "\n".join(map(_panel, panels(board)))


def _panel(panel: Panel) -> str:
    titles = " & ".join(latex_title(column.title) for column in panel.columns)
    caption = " ".join(latex_escape(note) for note in panel.notes)
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            *(f"% {plain_text(hint)}" for hint in panel.hints),
            *latex_table(
                f"{latex_escape(panel.heading)}. {caption}",
                "".join("l" if column.words else "r" for column in panel.columns),
                [rf"{titles} \\"],
                [line for row in panel.rows for line in latex_lines(row)],
            ),
        ]
    )


def latex_table(
    caption: str,
    sides: str,
    heads: Sequence[str],
    lines: Sequence[str],
    *,
    below: Sequence[str] = (),
    wide: bool = False,
) -> list[str]:
    """Write the lines of a table; a wide one is small, and across both columns of a page.

    Args:
        caption: Escaped.
        sides: "l" or "r" for every column.
        heads: Lines of the head.
        lines: Lines of the rows.
        below: Lines that follow the table.
        wide: Whether it is wide; one of many columns always is.
    """
    wide = wide or len(sides) > _NARROW
    table = "table*" if wide else "table"
    # Centred on the text, over its margins where the page is narrow.
    opened, closed = (r"\makebox[\linewidth][c]{", "}") if wide else ("", "")
    return [
        rf"\begin{{{table}}}[t]",
        r"\centering",
        rf"\caption{{{caption}}}",
        *([r"\scriptsize", r"\setlength{\tabcolsep}{3pt}"] if wide else []),
        rf"{opened}\begin{{tabular}}{{{sides}}}",
        r"\toprule",
        *heads,
        r"\midrule",
        *lines,
        r"\bottomrule",
        rf"\end{{tabular}}{closed}",
        *below,
        rf"\end{{{table}}}",
        "",
    ]


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
