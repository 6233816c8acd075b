"""`avss-bench site`: write the board as pages that open without a server and without network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import JsonOption
from bench.cli.terminal import complain
from bench.core.jsonio import dumps_pretty

__all__ = ["register"]

_DEFAULTS = (Path("results/local"), Path("submissions"))


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench site results/local submissions --out site"
    app.command("site", epilog=f"Example: {example}")(site)


def site(
    out: Annotated[Path, typer.Option(help="Folder of the site; an older site is replaced.")],
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of runs or submissions. Default: results/local and submissions, as far "
            "as they exist."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write a site of published figures, runs and submissions; open its index.html."""
    from bench.board.runs.collect import disturbed_note
    from bench.board.site import build_site

    chosen = folders or [folder for folder in _DEFAULTS if folder.is_dir()]
    made = build_site(chosen, out)
    index = out / "index.html"
    if json:
        content = {
            "index": str(index),
            "runs": [run.id for run in made.runs],
            "figures": len(made.figures),
            "left_out": {str(entry.folder): entry.reason for entry in made.left_out},
            "unfinished": [str(folder) for folder in made.unfinished],
            "disturbed": made.disturbed,
        }
        typer.echo(dumps_pretty(content), nl=False)
    else:
        figures, runs = len(made.figures), len(made.runs)
        typer.echo(f"{index}: {figures} published figures, {runs} runs")
    for folder in made.unfinished:
        complain(f"{folder} is unfinished and left out.")
    if made.disturbed:
        complain(disturbed_note(made.disturbed))
    for entry in made.left_out:
        complain(f"{entry.folder} is left out: {entry.reason}")
    if made.left_out:
        raise typer.Exit(1)
