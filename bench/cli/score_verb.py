"""`avss-bench score`: score three folders of equally named wav files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import JsonOption, MetricsOption
from bench.cli.progress import progress_bar
from bench.core.jsonio import dumps_pretty

if TYPE_CHECKING:
    from bench.run.score import FolderScores

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "score", epilog="Example: avss-bench score --estimates est --references ref --mixtures mix"
    )(score)


def score(
    estimates: Annotated[Path, typer.Option(help="Folder of separated voices.")],
    references: Annotated[Path, typer.Option(help="Folder of clean targets, equally named.")],
    mixtures: Annotated[
        Path | None, typer.Option(help="Folder of mixtures, for improvements.")
    ] = None,
    metrics: MetricsOption = None,
    json: JsonOption = False,
) -> None:
    """Score your own files: no data set, no model, any system that runs elsewhere."""
    from bench.metrics import DEFAULT_METRICS
    from bench.run.score import score_folders

    with progress_bar("score", shown=not json) as advance:
        scores = score_folders(
            estimates,
            references,
            mixtures,
            metrics=metrics or DEFAULT_METRICS,
            progress=advance,
        )
    typer.echo(dumps_pretty(scores.plain()).rstrip() if json else _text(scores))
    if len(scores.items) > scores.count("ok"):
        sys.exit(1)


def _text(scores: FolderScores) -> str:
    """Draw a table of all items with their mean, then say what is missing and why."""
    from tabulate import tabulate

    from bench.board.formats import score_text, score_title
    from bench.board.leaderboard import shown_scores

    improved = any(name.endswith("_i") for name in scores.items[0].values)
    names = shown_scores(scores.metrics, improvements=improved)
    rows = [
        [item.id, *(score_text(item.values[name], name) for name in names)] for item in scores.items
    ]
    means = {name: entry["mean"] for name, entry in scores.summary["scores"].items()}
    rows.append(["mean", *(score_text(means[name], name) for name in names)])
    table = tabulate(
        rows, ["file", *map(score_title, names)], "rounded_outline", disable_numparse=True
    )
    counts = ", ".join(
        f"{scores.count(status)} {status}" for status in ("ok", "undefined", "failed")
    )
    problems = [f"{item.id}: {item.error}" for item in scores.items if item.error]
    return "\n".join([table, f"{scores.expected} references: {counts}", *problems])
