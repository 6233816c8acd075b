"""A table of the state of the art in LaTeX: compiles with booktabs, definitions as footnotes.

Scores and costs are two tables, since a page has no room for both side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench.board.formats.escapes import latex_escape, plain_text
from bench.board.formats.latex import latex_lines, latex_table, latex_title
from bench.board.sota.panel import read_at, sota_panel
from bench.board.sota.tables import SotaColumn, SotaTable

__all__ = ["to_latex"]


def to_latex(table: SotaTable) -> str:
    """Write a table for pages of one or two columns; where it was read stands in comments."""
    scores = [column for column in table.columns if not column.cost]
    costs = [column for column in table.columns if column.cost]
    parts = [_part(table, scores, "")]
    if costs:
        parts.append(_part(_with_figures(table, costs), costs, ": costs"))
    sources = [f"% {plain_text(f'{source}: {url}')}" for source, url in read_at(table)]
    return "\n".join([r"% needs \usepackage{booktabs}", *sources, *parts])


def _with_figures(table: SotaTable, columns: Sequence[SotaColumn]) -> SotaTable:
    ids = {column.id for column in columns}
    return replace(table, rows=tuple(row for row in table.rows if ids & row.cells.keys()))


def _part(table: SotaTable, columns: Sequence[SotaColumn], of: str) -> str:
    panel = sota_panel(table, columns)
    sides = "".join("l" if column.words else "r" for column in panel.columns)
    return "\n".join(
        latex_table(
            f"{latex_escape(panel.heading + of)}.",
            sides,
            _heads([column.title for column in panel.columns]),
            [line for row in panel.rows for line in latex_lines(row)],
            notes=[latex_escape(note) for note in panel.notes],
            wide=True,
        )
    )


def _heads(titles: Sequence[str]) -> list[str]:
    """Write heads on two lines: names, and below them what stands in brackets."""
    split = [title.partition(" (") for title in titles]
    names = " & ".join(latex_title(name) for name, _, _ in split)
    units = " & ".join(latex_escape(f"({rest}") if rest else "" for _, _, rest in split)
    return [rf"{line} \\" for line in (names, units) if line.strip("& ")]
