"""`avss-bench table --published`: the printed figures of the field, beside runs and submissions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.terminal import complain

if TYPE_CHECKING:
    from bench.run.result import Run

__all__ = ["published_table"]


def published_table(
    results: list[Path],
    *,
    strict: bool,
    format: str,
    list_id: str | None,
    against: str | None,
    sort: str | None,
    width: int,
    colour: bool,
) -> str:
    """Write the table of every mixture list that somebody printed figures on.

    Args:
        results: Folders of runs and submissions to stand beside the figures.
        strict: Rank only what is comparable; else as papers do.
        format: One of `bench.board.formats.FORMATS`.
        list_id: One list only.
        against: System that differences and ratios are to.
        sort: Column that sorts the rows; None = by rank.
        width: Columns of the terminal.
        colour: Whether the terminal shows bold and underlined text.

    Raises:
        UsageError: An unknown list, system, column or format; suggests the nearest.
        DataError: A folder holds no run.
    """
    from bench.board.published import load_published
    from bench.board.sota import build_sota
    from bench.board.sota.comparison import compared_with, of_list, sorted_by
    from bench.board.sota.printing import write_sota

    runs = _runs(results)
    tables = build_sota(load_published(), runs, strict=strict)
    systems = [row.system for table in tables for row in table.rows if row.cells]
    columns = [column.id for table in tables for column in table.columns]
    left_out = _left_out(runs, {table.list_id for table in tables})
    if list_id is not None:
        tables = of_list(tables, list_id)
    if against is not None:
        tables = [compared_with(table, against, systems) for table in tables]
    if sort is not None:
        tables = [sorted_by(table, sort, columns) for table in tables]
    text = write_sota(tables, format, width=width, colour=colour)
    if not left_out:
        return text
    if format == "terminal":
        return f"{text}\n\n{left_out}"
    complain(left_out)
    return text


def _runs(folders: list[Path]) -> tuple[Run, ...]:
    from bench.board.runs.collect import collect_runs

    return collect_runs(*folders).runs if folders else ()


def _left_out(runs: tuple[Run, ...], lists: set[str]) -> str:
    """Say which runs have no table of published figures."""
    others = sorted({run.plan.dataset for run in runs} - lists)
    if not others:
        return ""
    return f"Nobody printed figures on {', '.join(others)}: `avss-bench table` ranks those runs."
