"""A board as LaTeX tables that compile with booktabs as they are."""

from __future__ import annotations

import math
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
# In points: a line of notes, and what a page of an article has for them and the table.
_NOTE_LINE, _PAGE = 7.0, 480.0
_NOTE_CHARACTERS = 115
# Values, intervals and differences.
_ROW_LINES = 3


def to_latex(board: Board) -> str:
    """Write a board as LaTeX tables, one for scores and one for costs."""
    return "\n".join(map(_panel, panels(board)))


def _panel(panel: Panel) -> str:
    titles = " & ".join(latex_title(column.title) for column in panel.columns)
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            *(f"% {plain_text(hint)}" for hint in panel.hints),
            *latex_table(
                f"{latex_escape(panel.heading)}.",
                "".join("l" if column.words else "r" for column in panel.columns),
                [rf"{titles} \\"],
                [line for row in panel.rows for line in latex_lines(row)],
                notes=[latex_escape(note) for note in panel.notes],
            ),
        ]
    )


def latex_table(
    caption: str,
    sides: str,
    heads: Sequence[str],
    lines: Sequence[str],
    *,
    notes: Sequence[str] = (),
    wide: bool = False,
) -> list[str]:
    """Write the lines of a table; a wide one is small, and across both columns of a page.

    Notes stand below the table, or, where both would overrun a page, as a paragraph behind it.

    Args:
        caption: Escaped.
        sides: "l" or "r" for every column.
        heads: Lines of the head.
        lines: Lines of the rows.
        notes: Escaped sentences.
        wide: Whether it is wide; one of many columns always is.
    """
    wide = wide or len(sides) > _NARROW
    height = 9.5 if wide else 12.0
    parts = _pages(lines, height)
    fits = height * len(parts[-1]) + _notes_height(notes) <= _PAGE
    floats: list[str] = []
    for number, part in enumerate(parts, 1):
        said = caption if number == 1 else f"{caption} Continued."
        within = _notes(notes) if fits and number == len(parts) else []
        floats += _float(said, sides, heads, part, within, wide=wide)
    return floats if fits else [*floats, *_paragraph(notes)]


def _float(
    caption: str,
    sides: str,
    heads: Sequence[str],
    lines: Sequence[str],
    notes: Sequence[str],
    *,
    wide: bool,
) -> list[str]:
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
        *notes,
        rf"\end{{{table}}}",
        "",
    ]


def _pages(lines: Sequence[str], height: float) -> list[list[str]]:
    """Cut the lines of a table between rows, so that each part has room on a page."""
    parts: list[list[str]] = [[]]
    ended = False
    for line in lines:
        if ended and height * (len(parts[-1]) + _ROW_LINES) > _PAGE:
            parts.append([])
        parts[-1].append(line)
        ended = line.endswith(r"\\")  # between the lines of one row there is less room
    return parts


def _notes_height(notes: Sequence[str]) -> float:
    """Estimate the height of notes in points; their lines are as wide as the text."""
    characters = sum(map(len, notes)) + len(notes)
    return _NOTE_LINE * math.ceil(characters / _NOTE_CHARACTERS)


def _notes(notes: Sequence[str]) -> list[str]:
    """Write notes as one paragraph: with one for each, the longest lists overrun a page."""
    if not notes:
        return []
    return [
        "",
        r"\begin{minipage}{\linewidth}",
        r"\smallskip",
        r"\fontsize{6}{7}\selectfont",
        *notes,
        r"\end{minipage}",
    ]


def _paragraph(notes: Sequence[str]) -> list[str]:
    """Write notes behind a table, where they may go on on the next page."""
    return [
        r"\begingroup",
        r"\sloppy\fontsize{6}{7}\selectfont\noindent",
        *notes,
        r"\par",
        r"\endgroup",
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
