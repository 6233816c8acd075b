"""`avss-bench score`: score three folders of equally named wav files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import JsonOption, MetricsOption, WorkersOption
from bench.cli.progress import progress_bar
from bench.cli.terminal import table_width
from bench.core.jsonio import dumps_pretty
from bench.errors import UsageError

if TYPE_CHECKING:
    from bench.run.folders.score import FolderScores

__all__ = ["register"]

EstimatesOption = Annotated[Path | None, typer.Option(help="Folder of separated voices.")]
ReferencesOption = Annotated[
    Path | None, typer.Option(help="Folder of clean targets, equally named.")
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "score", epilog="Example: avss-bench score --estimates est --references ref --mixtures mix"
    )(score)


def score(
    estimates: EstimatesOption = None,
    references: ReferencesOption = None,
    mixtures: Annotated[
        Path | None, typer.Option(help="Folder of mixtures, for improvements.")
    ] = None,
    metrics: MetricsOption = None,
    protocol: Annotated[
        str | None,
        typer.Option(
            help="standard, or whose code to imitate: ctcnet-2022, iianet-2024, rtfsnet-2024, "
            "visualvoice-2021."
        ),
    ] = None,
    all_protocols: Annotated[
        bool, typer.Option("--all-protocols", help="All of them, side by side.")
    ] = False,
    engine: Annotated[
        str, typer.Option(help="own, or reference: torchmetrics, pesq and pystoi instead.")
    ] = "own",
    released_csv: Annotated[
        Path | None,
        typer.Option(help="The metrics.csv of a released script, to be explained by column."),
    ] = None,
    workers: WorkersOption = 1,
    json: JsonOption = False,
) -> None:
    """Score your own files: no data set, no model, any system that runs elsewhere."""
    if all_protocols and protocol is not None:
        raise UsageError(f"--all-protocols includes {protocol}: give one of the two.")
    if released_csv is not None:
        _explain(released_csv, protocol, estimates, references, mixtures, workers, json=json)
        return
    if estimates is None or references is None:
        raise UsageError("score needs two folders: give --estimates and --references.")
    from bench.run.folders.score import score_folders
    from bench.run.folders.scoring_rule import STANDARD, every_protocol

    with progress_bar("score", shown=not json) as advance:
        scores = score_folders(
            estimates,
            references,
            mixtures,
            metrics=metrics,
            protocols=every_protocol() if all_protocols else (protocol or STANDARD,),
            engine=engine,
            workers=workers,
            progress=advance,
        )
    typer.echo(dumps_pretty(scores.plain()).rstrip() if json else _text(scores))
    if len(scores.items) > scores.count("ok"):
        sys.exit(1)


def _text(scores: FolderScores) -> str:
    from bench.board import folder_scores

    if len(scores.rule.protocols) > 1:
        return folder_scores.side_by_side(scores)
    return folder_scores.item_table(scores, table_width())


def _explain(
    path: Path,
    protocol: str | None,
    estimates: Path | None,
    references: Path | None,
    mixtures: Path | None,
    workers: int,
    *,
    json: bool,
) -> None:
    """Say what the columns of a released script's file are, and what the files say."""
    from bench.board import folder_scores
    from bench.run.folders.released_comparison import explain_released
    from bench.run.folders.released_csv import read_released
    from bench.run.folders.score import score_folders
    from bench.run.folders.scoring_rule import STANDARD

    table = read_released(path, protocol)
    scores = None
    if estimates is not None and references is not None:
        with progress_bar("score", shown=not json) as advance:
            scores = score_folders(
                estimates,
                references,
                mixtures,
                protocols=(STANDARD, table.protocol),
                workers=workers,
                progress=advance,
            )
    reports = explain_released(table, scores, references)
    if json:
        content = {
            "protocol": table.protocol,
            "rows": len(table.rows),
            "columns": [report.plain() for report in reports],
        }
        typer.echo(dumps_pretty(content), nl=False)
    else:
        typer.echo(folder_scores.released_text(table, reports))
