"""`avss-bench doctor`: what this machine has of what runs need, and how to mend the rest."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import JsonOption, MediapipeOption
from bench.cli.terminal import table_width
from bench.core.jsonio import dumps_pretty

if TYPE_CHECKING:
    from bench.run.doctor import Finding

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("doctor", epilog="Example: avss-bench doctor --root LRS2 --root LRS3")(doctor)


def doctor(
    root: Annotated[
        list[Path] | None, typer.Option(help="Your copy of a licensed corpus; repeat it.")
    ] = None,
    mediapipe: MediapipeOption = None,
    results: Annotated[Path, typer.Option(help="Folder that runs are written to.")] = Path(
        "results/local"
    ),
    json: JsonOption = False,
) -> None:
    """Look at packages, devices, data sets, model files and room; say what to mend.

    Nothing is fetched or changed. The exit code is 1 where something is wrong that no run can do
    without, or with a --root that was given.
    """
    from bench.run.doctor import doctor as examine

    findings = examine(roots=root or (), mediapipe=mediapipe, results=results)
    if json:
        content = {
            "works": not any(finding.stops for finding in findings),
            "findings": [finding.plain() for finding in findings],
        }
        typer.echo(dumps_pretty(content), nl=False)
    else:
        typer.echo(_text(findings, table_width()))
    if any(finding.stops for finding in findings):
        sys.exit(1)


def _text(findings: Sequence[Finding], width: int) -> str:
    """Return the findings in their groups, and a last line that says what they come to."""
    indent = " " * (len("missing ") + max(len(finding.name) for finding in findings) + 2)
    parts = [
        "\n".join([title, *(_line(finding, indent, width) for finding in group)])
        for title, group in groupby(findings, lambda finding: finding.group)
    ]
    return "\n\n".join([*parts, _conclusion(findings)])


def _line(finding: Finding, indent: str, width: int) -> str:
    """State, name, what is there and what to do; long texts go on below themselves."""
    begin = f"{finding.state:<8}{finding.name}".ljust(len(indent))
    said = "; ".join(filter(None, (finding.found, finding.mend)))
    room = max(width, len(indent) + 30)
    lines = textwrap.wrap(said, room - len(indent), break_on_hyphens=False)
    return f"\n{indent}".join([f"{begin}{lines[0]}", *lines[1:]])


def _conclusion(findings: Sequence[Finding]) -> str:
    stopping = [finding.name for finding in findings if finding.stops]
    if stopping:
        return f"to be mended first: {', '.join(stopping)}"
    absent = sum(finding.state != "ok" for finding in findings)
    return f"everything needed is here; {absent} optional things are missing or broken"
