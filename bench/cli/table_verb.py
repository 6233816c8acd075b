"""`avss-bench table`: print the board of a folder of runs."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import JsonOption
from bench.core.files import write_text
from bench.core.jsonio import dumps_pretty
from bench.errors import unknown_name

if TYPE_CHECKING:
    from bench.board.leaderboard import Board
    from bench.board.worst import WorstItem

__all__ = ["register"]

# Where the output is no terminal, there is room.
_WIDE = 160


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("table", epilog="Example: avss-bench table results/local --format latex")(table)


def table(
    results: Annotated[Path, typer.Argument(help="Folder of runs.")] = Path("results/local"),
    format: Annotated[str, typer.Option(help="terminal, md, csv, latex or json.")] = "terminal",
    out: Annotated[Path | None, typer.Option(help="Write to this file instead.")] = None,
    scores: Annotated[
        list[str] | None, typer.Option("--score", help="Score id of a column; repeat it.")
    ] = None,
    worst: Annotated[
        int | None, typer.Option(help="Name the N worst targets of every run.", min=1)
    ] = None,
    by: Annotated[str, typer.Option(help="Score that --worst sorts by.")] = "si_snr_i",
    json: JsonOption = False,
) -> None:
    """Rank the complete runs below a folder, one board per data set."""
    from bench.board.collect import collect_runs
    from bench.board.formats import FORMATS
    from bench.board.leaderboard import build_boards
    from bench.board.worst import worst_items

    format = "json" if json else format
    if format not in FORMATS:
        raise unknown_name("format", format, FORMATS)
    found = collect_runs(results)
    for folder in found.unfinished:
        typer.echo(f"avss-bench: {folder} is unfinished and left out.", err=True)
    if worst is not None:
        text = _worst_text(worst_items(found.runs, worst, by), by, json=format == "json")
    else:
        text = _text(build_boards(found.runs, scores), format, to_file=out is not None)
    if out is None:
        typer.echo(text, nl=not text.endswith("\n"))
    else:
        write_text(out, text if text.endswith("\n") else f"{text}\n")


def _text(boards: list[Board], format: str, *, to_file: bool) -> str:
    from bench.board import formats

    if format == "csv":
        return formats.to_csv(boards)
    if format == "json":
        return formats.to_json(boards)
    if format == "md":
        return "\n".join(map(formats.to_markdown, boards))
    if format == "latex":
        return "\n".join(map(formats.to_latex, boards))
    colour = sys.stdout.isatty() and not to_file
    width = shutil.get_terminal_size((_WIDE, 24)).columns
    return "\n\n".join(formats.to_terminal(b, width=width, colour=colour) for b in boards)


def _worst_text(items: list[WorstItem], score: str, *, json: bool) -> str:
    from tabulate import tabulate

    from bench.board.formats import score_title

    if json:
        return dumps_pretty([_plain(item, score) for item in items])
    rows = [
        (
            item.run.system.name,
            f"{item.record.mixture}/s{item.record.target}",
            f"{item.value:.2f}" if item.value is not None else "-",
            str(item.estimate or item.record.error or ""),
        )
        for item in items
    ]
    headers = ["system", "target", score_title(score), "estimate or reason"]
    return tabulate(rows, headers, "rounded_outline", disable_numparse=True)


def _plain(item: WorstItem, score: str) -> dict[str, object]:
    return {
        "run": item.run.id,
        "mixture": item.record.mixture,
        "target": item.record.target,
        score: item.value,
        "status": item.record.status,
        "error": item.record.error,
        "estimate": str(item.estimate) if item.estimate else None,
    }
