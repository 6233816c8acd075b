"""`avss-bench merge`: join parts of runs, and folders of runs, from several machines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import JsonOption
from bench.core.jsonio import dumps_pretty

if TYPE_CHECKING:
    from bench.run.merging import Merged

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench merge machine-1/results machine-2/results --out results/merged"
    app.command("merge", epilog=f"Example: {example}")(merge)


def merge(
    folders: Annotated[
        list[Path], typer.Argument(help="Runs, finished or not, or folders of runs.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the joined runs; nothing is overwritten.")],
    json: JsonOption = False,
) -> None:
    """Join what several machines computed of the same runs, into one folder.

    Parts of one run (`avss-bench run ... --part 1/4`, or runs that were interrupted) become one
    run, byte for byte as one machine would have written it. What is given is only read.
    """
    from bench.run.merging import merge_runs

    merged = merge_runs(folders, out)
    if json:
        typer.echo(dumps_pretty([_plain(run) for run in merged]), nl=False)
    else:
        for run in merged:
            typer.echo(_sentence(run))
    if not all(run.finished for run in merged):
        sys.exit(1)


def _plain(run: Merged) -> dict[str, object]:
    return {
        "run": run.run,
        "folder": str(run.folder),
        "sources": [str(source) for source in run.sources],
        "records": run.records,
        "expected": run.expected,
        "settled": run.settled,
        "finished": run.finished,
    }


def _sentence(run: Merged) -> str:
    parts = f"from {len(run.sources)} folders" if len(run.sources) > 1 else "from one folder"
    settled = f", {run.settled} of them failed elsewhere" if run.settled else ""
    if run.finished:
        return f"{run.run}: finished, {run.records} targets {parts}{settled}; {run.folder}"
    expected = "an unknown number" if run.expected is None else run.expected
    return (
        f"{run.run}: {run.records} of {expected} targets {parts}{settled}; merge the other parts "
        f"too, or let `avss-bench run` with the same settings and --out {run.folder.parent} do the "
        "rest"
    )
