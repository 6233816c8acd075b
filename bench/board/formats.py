"""Printing a board: for a terminal, as Markdown, CSV, LaTeX, or JSON.

Best values are bold, second ones underlined. Everything that comes from a file or a user is escaped
for the format it goes into.
"""

from __future__ import annotations

import csv
import html
import io
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tabulate import tabulate

from bench.board.leaderboard import Board, Row, ScoreCell
from bench.core.jsonio import dumps_pretty
from bench.metrics import find_metric

__all__ = [
    "FORMATS",
    "score_text",
    "score_title",
    "to_csv",
    "to_json",
    "to_latex",
    "to_markdown",
    "to_terminal",
]

_BEST, _SECOND = 1, 2


@dataclass(frozen=True)
class _Style:
    """How one format writes a cell.

    Attributes:
        best: What stands before and after the best value.
        second: What stands before and after the second.
        interval: Template of an interval; empty = intervals are left out.
        escape: Makes a text safe.
    """

    best: tuple[str, str] = ("", "")
    second: tuple[str, str] = ("", "")
    interval: str = " {}"
    escape: Callable[[str], str] = str

    def emphasise(self, text: str, place: int) -> str:
        before, after = {_BEST: self.best, _SECOND: self.second}.get(place, ("", ""))
        return f"{before}{text}{after}"


def score_title(score: str) -> str:
    """Pretty name of a score: "SI-SNRi" for `si_snr_i`."""
    metric = find_metric(score.removesuffix("_i"))
    return metric.improvement_name if score.endswith("_i") else metric.name


def _decimals(score: str) -> int:
    return 3 if find_metric(score.removesuffix("_i")).unit == "" else 2


def score_text(value: float | None, score: str) -> str:
    """Write a score with the decimals that mean something; "-" where there is none."""
    return "-" if value is None else f"{value:z.{_decimals(score)}f}"


def _mean(cell: ScoreCell, score: str) -> str:
    return score_text(cell.interval.mean if cell.interval else None, score)


def _bounds(cell: ScoreCell, score: str) -> str:
    interval, digits = cell.interval, _decimals(score)
    if interval is None or interval.clusters < 2:
        return ""
    return f"[{interval.low:z.{digits}f}, {interval.high:z.{digits}f}]"


def _scored(row: Row) -> str:
    """Targets that have every score shown, of those there should be."""
    return f"{min(cell.scored for cell in row.cells.values())}/{row.run.expected}"


def to_terminal(board: Board, *, width: int, colour: bool) -> str:
    """Draw a board with box characters.

    Args:
        board: What to draw.
        width: Columns of the terminal; where intervals do not fit, the means stand alone, and
            where those do not fit either, the rules between the columns go.
        colour: Whether the terminal shows bold and underlined text.
    """
    bold, underlined, plain = ("\x1b[1m", "\x1b[4m", "\x1b[0m") if colour else ("", "", "")
    tables = [
        _drawn(board, _Style((bold, plain), (underlined, plain), interval), grid)
        for interval, grid in (("\n{}", "rounded_grid"), ("", "rounded_outline"), ("", "plain"))
    ]
    table = next((table for table in tables if _width(table) <= width), tables[-1])
    notes = list(board.notes)
    if table != tables[0]:
        notes[0] = (
            f"Intervals are left out here (they need {_width(tables[0])} columns). {notes[0]}"
        )
    lines = [line for note in notes for line in textwrap.wrap(note, width)]
    return "\n".join([board.dataset, table, *lines])


def _drawn(board: Board, style: _Style, grid: str) -> str:
    headers, rows = _headers(board), [_texts(row, board, style) for row in board.rows]
    if grid == "plain":  # the narrowest: titles on two lines, as a row, since headers are padded
        rows.insert(0, [header.replace("-", "-\n") for header in headers])
        headers = []
    return tabulate(rows, headers, grid, disable_numparse=True, colalign=_alignment(board))


def _width(table: str) -> int:
    return max(len(re.sub(r"\x1b\[\dm", "", line)) for line in table.splitlines())


def _headers(board: Board) -> list[str]:
    return ["#", "system", *map(score_title, board.scores), "scored"]


def _alignment(board: Board) -> list[str]:
    return ["right", "left", *["right"] * len(board.scores), "right"]


def _texts(row: Row, board: Board, style: _Style) -> list[str]:
    """One line of a table."""
    cells = []
    for score in board.scores:
        cell = row.cells[score]
        bounds = _bounds(cell, score) if style.interval else ""
        text = style.emphasise(_mean(cell, score), cell.place)
        cells.append(text + (style.interval.format(bounds) if bounds else ""))
    return [row.rank or "-", style.escape(row.label), *cells, _scored(row)]


def to_markdown(board: Board) -> str:
    """Write a board as a Markdown table with its notes."""
    style = _Style(("**", "**"), ("<u>", "</u>"), escape=_markdown_escape)
    table = tabulate(
        [_texts(row, board, style) for row in board.rows],
        _headers(board),
        "pipe",
        disable_numparse=True,
        colalign=_alignment(board),
    )
    notes = [f"- {_markdown_escape(note)}" for note in board.notes]
    return "\n".join([f"### {board.dataset}", "", table, "", *notes, ""])


def _markdown_escape(text: str) -> str:
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", html.escape(text, quote=False))


_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


def _latex_escape(text: str) -> str:
    return re.sub(r"[\\~^&%$#_{}]", lambda match: _LATEX[match[0]], text)


def to_latex(board: Board) -> str:
    """Write a board as a LaTeX table that compiles with booktabs as it is."""
    style = _Style(
        (r"\textbf{", "}"), (r"\underline{", "}"), r" {{\scriptsize{{}}{}}}", _latex_escape
    )
    lines = [" & ".join(_texts(row, board, style)) + r" \\" for row in board.rows]
    titles = " & ".join(["\\#", "System", *map(score_title, board.scores), "Scored"])
    notes = " ".join(_latex_escape(note) for note in board.notes)
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            r"\begin{table}[t]",
            r"\centering",
            rf"\caption{{{_latex_escape(board.dataset)}. {notes}}}",
            rf"\begin{{tabular}}{{rl{'r' * len(board.scores)}r}}",
            r"\toprule",
            titles + r" \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def plain_rows(board: Board) -> list[dict[str, Any]]:
    """Return a board's rows with numbers instead of texts."""
    return [
        {
            "dataset": board.dataset,
            "rank": row.rank or None,
            "system": row.label,
            "kind": row.run.plan.kind,
            "provenance": row.run.provenance,
            "run": row.run.id,
            "not_ranked": row.reason or None,
            "expected": row.run.expected,
            "failed": row.run.summary.failed,
            "scores": {score: _plain_cell(cell) for score, cell in row.cells.items()},
        }
        for row in board.rows
    ]


def _plain_cell(cell: ScoreCell) -> dict[str, float | int | None]:
    interval = cell.interval
    known = interval is not None and interval.clusters > 1
    return {
        "mean": interval.mean if interval else None,
        "low": interval.low if interval and known else None,
        "high": interval.high if interval and known else None,
        "scored": cell.scored,
    }


def to_json(boards: Sequence[Board]) -> str:
    """Write boards with full precision."""
    content = [
        {"dataset": board.dataset, "rows": plain_rows(board), "notes": list(board.notes)}
        for board in boards
    ]
    return dumps_pretty({"schema": 1, "boards": content})


def to_csv(boards: Sequence[Board]) -> str:
    """Write boards as one table, a row per run, with full precision."""
    flat = []
    for board in boards:
        for row in plain_rows(board):
            scores = row.pop("scores")
            named = {f"{s}_{part}": v for s, cell in scores.items() for part, v in cell.items()}
            flat.append({**row, **named})
    columns = list(dict.fromkeys(name for row in flat for name in row))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return buffer.getvalue()


FORMATS = ("terminal", "md", "csv", "latex", "json")
