"""`avss-bench compare`: is A better than B on the same mixtures?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import JsonOption
from bench.cli.terminal import table_width
from bench.core.files import write_bytes, write_text
from bench.errors import unknown_name

if TYPE_CHECKING:
    from bench.board.comparison.compare import RunComparison

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench compare ctcnet rtfsnet-4 --dataset lrs2-2mix --out results/compared"
    app.command("compare", epilog=f"Example: {example}")(compare)


def compare(
    first: Annotated[
        str,
        typer.Argument(metavar="A", help="Folder of a run or submission, or the name of a run."),
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="What A is compared with.")],
    results: Annotated[Path, typer.Option(help="Folder in which runs are found by name.")] = Path(
        "results/local"
    ),
    dataset: Annotated[
        str | None, typer.Option(help="Id of the data set, where a name has runs on several.")
    ] = None,
    metrics: Annotated[
        list[str] | None,
        typer.Option("--metrics", help="Score id as tables have it (si_snr_i); repeat it."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for compare.md, .json, .svg and .png.")
    ] = None,
    format: Annotated[str, typer.Option(help="terminal, md, latex or json.")] = "terminal",
    json: JsonOption = False,
) -> None:
    """Compare two runs on the same mixtures: differences, intervals, where they come from.

    The first of the metrics leads: the mixtures that differ most, the breakdown by conditions and
    the figure are its.
    """
    from bench.board.comparison.compare import compare_runs
    from bench.board.comparison.find import find_pair
    from bench.board.comparison.text import FORMATS

    format = "json" if json else format
    if format not in FORMATS:
        raise unknown_name("format", format, FORMATS)
    comparison = compare_runs(*find_pair(first, second, results, dataset), metrics)
    if out is not None:
        _write(comparison, out)
    text = _text(comparison, format)
    typer.echo(text, nl=not text.endswith("\n"))


def _text(comparison: RunComparison, format: str) -> str:
    from bench.board.comparison import text as compare_text

    if format == "terminal":
        return compare_text.to_terminal(comparison, width=table_width())
    written = {
        "json": compare_text.to_json,
        "latex": compare_text.to_latex,
        "md": compare_text.to_markdown,
    }
    return written[format](comparison)


def _write(comparison: RunComparison, out: Path) -> None:
    """Write everything that there is of a comparison."""
    from bench.board.comparison.figure import draw_comparison
    from bench.board.comparison.text import to_json, to_markdown

    write_bytes(out / "compare.svg", draw_comparison(comparison, "svg"))
    write_bytes(out / "compare.png", draw_comparison(comparison, "png"))
    write_text(out / "compare.json", to_json(comparison))
    write_text(out / "compare.md", to_markdown(comparison, figure="compare.svg"))
