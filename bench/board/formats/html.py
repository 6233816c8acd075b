"""A board as one HTML page that needs nothing else: no scripts, no network, light and dark."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bench.board.formats.escapes import html_escape
from bench.board.formats.panels import NOT_MEASURED, Cell, Column, Panel, panels
from bench.board.runs.rows import Board

__all__ = ["html_page", "html_section", "to_html"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 76rem;
  padding: 0 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { font-weight: bold; padding: .5rem 0; text-align: left; }
th, td { border-bottom: 1px solid #8886; padding: .3rem .6rem; text-align: right;
  vertical-align: top; }
th.words, td.words { text-align: left; }
tbody th { font-weight: normal; }
thead th { border-bottom-width: 2px; }
td { white-space: nowrap; }
small { display: block; opacity: .8; }
.absent { font-style: italic; font-size: .85rem; opacity: .8; }
.notes { font-size: .9rem; max-width: 60rem; }
"""
_PLACES = {1: "strong", 2: "u"}


def to_html(boards: Sequence[Board]) -> str:
    """Write boards as one page."""
    tables = "\n".join(html_section(panel) for board in boards for panel in panels(board))
    sets = ", ".join(dict.fromkeys(board.dataset for board in boards))
    return html_page(sets or "no board", tables or "<p>There is no board.</p>")


def html_page(title: str, body: str) -> str:
    """Wrap HTML into a page that needs nothing else."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>avss-bench: {html_escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def html_section(panel: Panel) -> str:
    """Write one table with the sentences below it."""
    heads = "".join(
        f'<th scope="col"{_class("words" if column.words else "")}>{html_escape(column.title)}</th>'
        for column in panel.columns
    )
    rows = "\n".join(f"<tr>{_row(row, panel.columns)}</tr>" for row in panel.rows)
    notes = "\n".join(f"<li>{html_escape(note)}</li>" for note in (*panel.notes, *panel.hints))
    return (
        f'<section>\n<div class="scroll" role="region" aria-label="{html_escape(panel.heading)}" '
        'tabindex="0">\n<table>\n'
        f"<caption>{html_escape(panel.heading)}</caption>\n<thead>\n<tr>{heads}</tr>\n</thead>\n"
        f'<tbody>\n{rows}\n</tbody>\n</table>\n</div>\n<ul class="notes">\n{notes}\n</ul>\n'
        "</section>"
    )


def _row(cells: Sequence[Cell], columns: Sequence[Column]) -> str:
    return "".join(
        f'<th scope="row" class="words">{_content(cell)}</th>'
        if column.words
        else f"<td>{_content(cell)}</td>"
        for cell, column in zip(cells, columns, strict=True)
    )


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _content(cell: Cell) -> str:
    if cell.meaning == NOT_MEASURED:
        return f'<span class="absent">{NOT_MEASURED}</span>'
    text = html_escape(_minus(cell.text))
    if cell.place in _PLACES:
        text = f"<{_PLACES[cell.place]}>{text}</{_PLACES[cell.place]}>"
    if cell.meaning:
        text = f'<abbr title="{html_escape(cell.meaning)}">{text}</abbr>'
    below = (cell.interval, cell.change)
    return text + "".join(f"<small>{html_escape(_minus(part))}</small>" for part in below if part)


def _minus(text: str) -> str:
    """Write negative numbers with a minus, at which no line ends."""
    return re.sub(r"(?<![\w-])-(?=\d)", "\N{MINUS SIGN}", text)
