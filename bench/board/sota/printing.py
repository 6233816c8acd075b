"""Writing tables of the state of the art in any format."""

from __future__ import annotations

from collections.abc import Sequence

from bench.board.formats import FORMATS
from bench.board.formats.markdown import markdown_section
from bench.board.sota import html, latex, plain
from bench.board.sota.panel import sota_panel
from bench.board.sota.tables import SotaTable
from bench.board.sota.terminal import to_terminal
from bench.errors import unknown_name

__all__ = ["write_sota"]


def write_sota(tables: Sequence[SotaTable], format: str, *, width: int, colour: bool) -> str:
    """Write tables.

    Args:
        tables: In the order to print.
        format: One of `bench.board.formats.FORMATS`.
        width: Columns of the terminal.
        colour: Whether the terminal shows bold and underlined text.

    Raises:
        UsageError: The format is unknown; suggests the nearest.
    """
    whole = {"csv": plain.to_csv, "json": plain.to_json, "html": html.to_html}
    if format in whole:
        return whole[format](tables)
    if format == "md":
        return "\n".join(markdown_section(sota_panel(table)) for table in tables)
    if format == "latex":
        return "\n".join(map(latex.to_latex, tables))
    if format == "terminal":
        return "\n\n".join(to_terminal(table, width=width, colour=colour) for table in tables)
    raise unknown_name("format", format, FORMATS)
