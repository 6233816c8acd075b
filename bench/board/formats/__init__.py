"""Printing a board: for a terminal, as Markdown, LaTeX, HTML, CSV, or JSON.

Best values are bold, second ones underlined. Everything that comes from a file or a user is escaped
for the format it goes into.
"""

from __future__ import annotations

from bench.board.formats.drawing import draw_table, drawn_width
from bench.board.formats.escapes import (
    csv_escape,
    html_escape,
    latex_escape,
    markdown_escape,
    plain_text,
)
from bench.board.formats.html import to_html
from bench.board.formats.latex import to_latex
from bench.board.formats.markdown import to_markdown
from bench.board.formats.plain import plain_rows, to_csv, to_json
from bench.board.formats.terminal import to_terminal
from bench.board.formats.texts import (
    provenance_legend,
    provenance_mark,
    score_decimals,
    score_text,
    score_title,
)

__all__ = [
    "FORMATS",
    "csv_escape",
    "draw_table",
    "drawn_width",
    "html_escape",
    "latex_escape",
    "markdown_escape",
    "plain_rows",
    "plain_text",
    "provenance_legend",
    "provenance_mark",
    "score_decimals",
    "score_text",
    "score_title",
    "to_csv",
    "to_html",
    "to_json",
    "to_latex",
    "to_markdown",
    "to_terminal",
]

FORMATS = ("terminal", "md", "latex", "csv", "json", "html")
