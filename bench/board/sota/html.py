"""Tables of the state of the art as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from bench.board.formats.escapes import html_escape
from bench.board.formats.html import html_page, html_section
from bench.board.sota.panel import read_at, sota_panel
from bench.board.sota.tables import SotaTable

__all__ = ["to_html"]


def to_html(tables: Sequence[SotaTable]) -> str:
    """Write tables as one page; every figure says its source and its definition when pointed at."""
    parts = [f"{html_section(sota_panel(table))}\n{_links(table)}" for table in tables]
    return html_page("published figures", "\n".join(parts))


def _links(table: SotaTable) -> str:
    items = "\n".join(
        f'<li><a href="{html_escape(url)}">{html_escape(source)}</a></li>'
        for source, url in read_at(table)
    )
    return f'<div class="notes">\n<p>Read at:</p>\n<ul>\n{items}\n</ul>\n</div>' if items else ""
