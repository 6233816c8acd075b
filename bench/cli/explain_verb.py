"""`avss-bench explain`: what a published figure is."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.options import JsonOption
from bench.core.jsonio import dumps_pretty

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("explain", epilog='Example: avss-bench explain "CTCNet SDRi LRS2 14.6"')(explain)


def explain(
    figure: Annotated[
        list[str],
        typer.Argument(help="Any of system, column, list, value and year, in any order."),
    ],
    json: JsonOption = False,
) -> None:
    """Say what a published figure is: source, definition, convention, contradictions."""
    from bench.board.explain import explain as explained
    from bench.separators import find_card, list_separators

    names = [find_card(separator).name for separator in list_separators()]
    answer = explained(" ".join(figure), systems=names)
    if json:
        typer.echo(dumps_pretty(answer.plain()), nl=False)
    else:
        typer.echo(answer.text())
