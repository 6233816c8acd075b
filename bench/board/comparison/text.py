"""Printing a comparison: for a terminal of any width, as Markdown, LaTeX, or JSON."""

from __future__ import annotations

import math
import textwrap
from dataclasses import asdict
from typing import Any

from tabulate import tabulate

from bench.board.comparison.compare import RunComparison
from bench.board.comparison.tables import (
    Table,
    conclusion,
    conditions_table,
    mixtures_table,
    scores_table,
)
from bench.board.formats.drawing import draw_table
from bench.board.formats.escapes import latex_escape, markdown_escape, plain_text
from bench.board.formats.latex import latex_table
from bench.core.jsonio import dumps_pretty

__all__ = ["FORMATS", "to_json", "to_latex", "to_markdown", "to_terminal"]

FORMATS = ("terminal", "md", "latex", "json")

_WON = "won/tied/lost: mixtures in percent that A wins, its targets taken together."


def to_terminal(comparison: RunComparison, *, width: int) -> str:
    """Draw a comparison with box characters.

    Args:
        comparison: What to draw.
        width: Columns of the terminal.
    """
    tables = [scores_table(comparison), mixtures_table(comparison), conditions_table(comparison)]
    parts = [_heading(comparison, width), _wrapped(conclusion(comparison), width)]
    parts += [
        f"{_wrapped(table.title, width)}\n{_drawn(table.mapped(plain_text), width)}"
        for table in tables
        if table.rows
    ]
    parts.append("\n".join(_wrapped(note, width) for note in _notes(comparison)))
    return "\n\n".join(parts)


def _heading(comparison: RunComparison, width: int) -> str:
    """The two runs, and warnings before anything that could be misread."""
    plan = comparison.runs[0].plan
    lines = [
        f"{letter}: {label}, {run.id} ({run.provenance})"
        for letter, label, run in zip("AB", comparison.labels, comparison.runs, strict=True)
    ]
    lines.append(f"on {plan.dataset}, {comparison.data} data")
    lines += [f"Warning: {warning}" for warning in comparison.warnings]
    return "\n".join(_wrapped(line, width) for line in lines)


def _notes(comparison: RunComparison) -> list[str]:
    return [*comparison.notes, _WON]


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(plain_text(text), width, subsequent_indent="   "))


def _drawn(table: Table, width: int) -> str:
    words = [k < table.words for k in range(len(table.headers))]
    return draw_table(table.headers, table.rows, width=width, words=words, fixed=table.words)


def to_markdown(comparison: RunComparison, *, figure: str | None = None) -> str:
    """Write a comparison as Markdown.

    Args:
        comparison: What to write.
        figure: Path of a figure to show, relative to the file.
    """
    first, second = map(markdown_escape, comparison.labels)
    parts = [
        f"# {first} against {second}",
        "\n".join(
            f"- {letter}: {markdown_escape(label)}, `{plain_text(run.id)}` ({run.provenance})"
            for letter, label, run in zip("AB", comparison.labels, comparison.runs, strict=True)
        ),
        *[f"**Warning:** {markdown_escape(warning)}" for warning in comparison.warnings],
        markdown_escape(conclusion(comparison)),
    ]
    parts += [f"![{first} against {second}]({figure})"] if figure else []
    for table in (scores_table, mixtures_table, conditions_table):
        shown = table(comparison).mapped(markdown_escape)
        if shown.rows:
            parts += [f"## {shown.title}", _piped(shown)]
    parts.append("\n".join(f"- {markdown_escape(note)}" for note in _notes(comparison)))
    return "\n\n".join(parts) + "\n"


def _piped(table: Table) -> str:
    numbers = len(table.headers) - table.words
    sides = ["left"] * table.words + ["right"] * numbers
    return tabulate(table.rows, table.headers, "pipe", disable_numparse=True, colalign=sides)


def to_latex(comparison: RunComparison) -> str:
    """Write the table of scores as LaTeX that compiles with booktabs as it is."""
    table = scores_table(comparison).mapped(latex_escape)
    named = [f"{letter}: {label}." for letter, label in zip("AB", comparison.labels, strict=True)]
    warned = [f"Warning: {warning}" for warning in comparison.warnings]
    dataset = comparison.runs[0].plan.dataset
    caption = " ".join([f"{dataset}.", *named])
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            *latex_table(
                latex_escape(caption),
                "l" + "r" * (len(table.headers) - 1),
                [rf"{' & '.join(table.headers)} \\"],
                [rf"{' & '.join(row)} \\" for row in table.rows],
                notes=[latex_escape(note) for note in (*warned, *_notes(comparison))],
            ),
        ]
    )


def to_json(comparison: RunComparison) -> str:
    """Write a comparison with full precision; what does not exist is null."""
    runs = [
        {"run": run.id, "system": label, "kind": run.plan.kind, "provenance": run.provenance}
        for run, label in zip(comparison.runs, comparison.labels, strict=True)
    ]
    return dumps_pretty(
        {
            "schema": 1,
            "dataset": comparison.runs[0].plan.dataset,
            "data": comparison.data,
            "first": runs[0],
            "second": runs[1],
            "targets": comparison.targets,
            "conclusion": conclusion(comparison),
            "scores": [
                _plain(asdict(found)) | {"better": found.better} for found in comparison.scores
            ],
            "mixtures": [
                asdict(mixture) | {"difference": mixture.difference}
                for mixture in comparison.mixtures
            ],
            "conditions": [_plain(asdict(group)) for group in comparison.conditions],
            "warnings": list(comparison.warnings),
            "notes": list(comparison.notes),
        }
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Write numbers that do not exist as null, at any depth."""
    return {
        name: _plain(value)
        if isinstance(value, dict)
        else None
        if isinstance(value, float) and not math.isfinite(value)
        else value
        for name, value in values.items()
    }
