"""Options that several verbs share, so that they read alike everywhere."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from bench.errors import UsageError

__all__ = ["JsonOption", "MetricsOption", "WorkersOption", "parse_settings"]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
MetricsOption = Annotated[
    list[str] | None,
    typer.Option("--metrics", help="Metric id; repeat it for several. Default: the seven usual."),
]
WorkersOption = Annotated[
    int,
    typer.Option(help="Processes. Does not change the result.", min=1),
]


def parse_settings(pairs: list[str]) -> dict[str, bool | int | float | str]:
    """Read `--set name=value` pairs; numbers and true/false become what they look like.

    Raises:
        UsageError: A pair without "=".
    """
    settings: dict[str, bool | int | float | str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise UsageError(f"--set {pair} was given, but NAME=VALUE is expected.")
        settings[name] = _typed(value)
    return settings


def _typed(value: str) -> bool | int | float | str:
    if value in ("true", "false"):
        return value == "true"
    if re.fullmatch(r"[+-]?\d+", value):
        return int(value)
    try:
        return float(value)
    except ValueError:
        return value
