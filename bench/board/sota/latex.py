"""A table of the state of the art in LaTeX: compiles with booktabs, definitions as footnotes."""

from __future__ import annotations

from bench.board.formats.escapes import latex_escape, plain_text
from bench.board.formats.latex import latex_lines, latex_title
from bench.board.sota.panel import sota_panel
from bench.board.sota.tables import SotaTable

__all__ = ["to_latex"]


def to_latex(table: SotaTable) -> str:
    """Write a table for a page of two columns; sources and links stand in comments."""
    panel = sota_panel(table)
    sides = "".join("l" if column.words else "r" for column in panel.columns)
    notes = [latex_escape(note) for note in panel.notes]
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            *(f"% {line}" for line in _sources(table)),
            r"\begin{table*}[t]",
            r"\centering",
            rf"\caption{{{latex_escape(panel.heading)}.}}",
            r"\scriptsize",
            r"\setlength{\tabcolsep}{2.5pt}",
            rf"\begin{{tabular}}{{{sides}}}",
            r"\toprule",
            " & ".join(latex_title(column.title) for column in panel.columns) + r" \\",
            r"\midrule",
            *(line for row in panel.rows for line in latex_lines(row)),
            r"\bottomrule",
            r"\end{tabular}",
            "",
            r"\begin{minipage}{\textwidth}",
            r"\smallskip",
            r"\raggedright",
            *(rf"{note}\par" for note in notes),
            r"\end{minipage}",
            r"\end{table*}",
            "",
        ]
    )


def _sources(table: SotaTable) -> list[str]:
    """List where the figures were read, one line per address."""
    found: dict[str, str] = {}
    for row in table.rows:
        for cell in row.cells.values():
            if cell.source_url:
                found.setdefault(cell.source_url, cell.source.partition(";")[0])
    return [plain_text(f"{source}: {url}") for url, source in found.items()]
