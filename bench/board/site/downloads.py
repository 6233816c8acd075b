"""The page of downloads: everything that the site shows, for machines."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence

from bench.board.costs.tables import plain_rows
from bench.board.formats.plain import to_csv, to_json
from bench.board.published import Figure
from bench.board.runs.rows import Board
from bench.board.site.models import Cell, Column, Page, Row, Section, Table
from bench.board.sota.plain import to_csv as sota_to_csv
from bench.board.sota.plain import to_json as sota_to_json
from bench.board.sota.tables import SotaTable
from bench.core.jsonio import dumps_pretty
from bench.efficiency.profile import Profile

__all__ = ["PATH", "data_files", "downloads_page"]

PATH = "data.html"
_WHAT = {
    "data/boards.csv": "What was scored: one row per run or submission, full precision.",
    "data/boards.json": "The same with intervals, costs and notes.",
    "data/state-of-the-art.csv": "Tables of printed and measured figures, one row per system.",
    "data/state-of-the-art.json": "The same with every source, definition and contradiction.",
    "data/published.csv": "Every printed figure, one row each, with its source.",
    "data/profiles.json": "Costs, latency and memory, with every single run.",
}


def data_files(
    published: Sequence[SotaTable],
    boards: Sequence[Board],
    figures: Sequence[Figure],
    profiles: Sequence[Profile],
) -> dict[str, bytes]:
    """Return the files by path."""
    content = {
        "data/boards.csv": to_csv(boards),
        "data/boards.json": to_json(boards),
        "data/state-of-the-art.csv": sota_to_csv(published),
        "data/state-of-the-art.json": sota_to_json(published),
        "data/published.csv": _figures_csv(figures),
        "data/profiles.json": dumps_pretty(plain_rows(profiles, against="ctcnet")),
    }
    return {path: text.encode() for path, text in content.items()}


def _figures_csv(figures: Sequence[Figure]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(Figure.model_fields), lineterminator="\n")
    writer.writeheader()
    writer.writerows(figure.model_dump() for figure in figures)
    return buffer.getvalue()


def downloads_page(files: Mapping[str, bytes]) -> Page:
    """Make the page.

    Args:
        files: Contents by path; those of the paper kit are named there.
    """
    columns = (
        Column("file", numeric=False),
        Column("what it holds", numeric=False),
        Column("kB"),
        Column("SHA-256", numeric=False),
    )
    rows = tuple(
        Row(
            (
                Cell(path.removeprefix("data/"), href=path),
                Cell(what),
                Cell(f"{len(files[path]) / 1000:.1f}", len(files[path]) / 1000),
                Cell(hashlib.sha256(files[path]).hexdigest()[:16]),
            )
        )
        for path, what in _WHAT.items()
    )
    table = Table("files", "All numbers of this site as files.", columns, rows, plain=True)
    lead = ("Everything that is shown here, with full precision. Nothing but numbers and names.",)
    return Page(PATH, "Data", lead, (Section("downloads", "Downloads", tables=(table,)),), PATH)
