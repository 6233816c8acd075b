"""`avss-bench list`: what there is to run, on what, and how it is scored."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import JsonOption
from bench.cli.terminal import table_width
from bench.core.jsonio import dumps_pretty
from bench.errors import unknown_name

if TYPE_CHECKING:
    from bench.separators.card import Card

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("list", epilog="Example: avss-bench list ctcnet")(list_known)


def list_known(
    name: Annotated[
        str | None, typer.Argument(help="Id of one separator, data set or metric: all about it.")
    ] = None,
    datasets: Annotated[bool, typer.Option("--datasets", help="Only data sets.")] = False,
    metrics: Annotated[bool, typer.Option("--metrics", help="Only metrics.")] = False,
    separators: Annotated[bool, typer.Option("--separators", help="Only separators.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="All about each.")] = False,
    json: JsonOption = False,
) -> None:
    """Show the separators, data sets and metrics that are known."""
    everything = _everything()
    if name is not None:
        known = {id: entry for entries in everything.values() for id, entry in entries.items()}
        if name not in known:
            raise unknown_name("name", name, known)
        typer.echo(dumps_pretty(known[name]) if json else _details(name, known[name]))
        return
    asked = {"separators": separators, "data sets": datasets, "metrics": metrics}
    chosen = {k: v for k, v in everything.items() if asked[k] or not any(asked.values())}
    if json:
        typer.echo(dumps_pretty(chosen), nl=False)
    elif verbose:
        entries = [pair for section in chosen.values() for pair in section.items()]
        typer.echo("\n\n".join(_details(id, entry) for id, entry in entries))
    else:
        typer.echo("\n\n".join(_section(title, entries) for title, entries in chosen.items()))


def _everything() -> dict[str, dict[str, dict[str, object]]]:
    from bench.datasets import list_datasets
    from bench.metrics import find_metric, list_metrics
    from bench.separators import find_card, list_separators

    return {
        "separators": {id: _separator(find_card(id)) for id in list_separators()},
        "data sets": {id: _dataset(id) for id in list_datasets()},
        "metrics": {id: dict(vars(find_metric(id))) for id in list_metrics()},
    }


def _dataset(id: str) -> dict[str, object]:
    """Card of a data set, and what is counted on its list where that is at hand."""
    from bench.datasets import load_card
    from bench.datasets.facts import counted_facts

    card = load_card(id)
    return {**card.model_dump(mode="json"), "counted": counted_facts(card)}


def _separator(card: Card) -> dict[str, object]:
    shown: dict[str, object] = card.model_dump(mode="json", exclude={"module"})
    if card.parameters:
        shown["parameters"] = {**card.parameters.model_dump(), "total": card.parameters.total}
    # How tensor names map is for the loader, not for a reader of this list.
    names = ("role", "name", "where", "url", "sha256")
    shown["files"] = [{n: getattr(file, n) for n in names} for file in card.files]
    return shown


def _section(title: str, entries: dict[str, dict[str, object]]) -> str:
    from tabulate import tabulate

    rows = [(id, *_row(entry)) for id, entry in entries.items()]
    first, second = (max(len(row[column]) for row in rows) + 2 for column in (0, 1))
    # Names give way to what they mean, down to a third of what ids leave.
    second = min(second, max(20, (table_width() - first) // 3))
    rest = max(30, table_width() - first - second)
    return tabulate(
        rows,
        [title, "", ""],
        "simple",
        disable_numparse=True,
        maxcolwidths=[None, second - 2, rest],
    )


def _row(entry: dict[str, object]) -> tuple[str, str]:
    if "kind" in entry:
        parameters = entry.get("parameters")
        count = parameters["total"] / 1e6 if isinstance(parameters, dict) else 0.0
        size = f"{count:.2f} M parameters" if count else ""
        return f"{entry['kind']}", "; ".join(text for text in (str(entry["summary"]), size) if text)
    if "definition" in entry:
        return str(entry["name"]), str(entry["definition"])
    return str(entry.get("name", "")), str(entry.get("summary", ""))


def _details(id: str, entry: dict[str, object]) -> str:
    """All about one entry, one fact per line."""
    lines = [id]
    for name, value in entry.items():
        if value not in (None, "", [], {}, ()) and name != "id":
            lines += _fact(name, value, 1)
    return "\n".join(_wrapped(line) for line in lines)


def _wrapped(line: str) -> str:
    """Break a line that is too long for the terminal; what goes on stands further in."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.fill(
        line,
        table_width(),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fact(name: str, value: object, depth: int) -> list[str]:
    indent = "  " * depth
    if isinstance(value, dict):
        inner = [line for n, v in value.items() if v is not None for line in _fact(n, v, depth + 1)]
        return [f"{indent}{name}:", *inner]
    if name == "facts" and isinstance(value, list):
        return [f"{indent}fact: {item['fact']} ({item['source']})" for item in value]
    if isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value):
        return [line for item in value for line in _fact(name, item, depth)]
    if isinstance(value, list | tuple):
        return [f"{indent}{name}: {', '.join(map(str, value))}"]
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a count
    return [f"{indent}{name}: {value}"]
