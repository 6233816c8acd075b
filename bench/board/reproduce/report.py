"""What a reproduction came to, for people and for machines."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from tabulate import tabulate

from bench.board.reproduce.cells import Cell, CellResult, NotRun
from bench.board.reproduce.files import FoundFile
from bench.board.reproduce.verdicts import Comparison
from bench.separators.card import known_cards

__all__ = ["plain_report", "plan_text", "result_text"]

_NOTHING = "-"


def plan_text(cells: Sequence[Cell], left: Sequence[NotRun], width: int) -> str:
    """Say which cells would run and what would not."""
    lines = [f"{len(cells)} cells:" if cells else "no cell can run"]
    for cell in cells:
        lines.append(f"  {cell.name}: {cell.system.checkpoint.path}")
        lines += [_wrapped(note, width, "    ") for note in cell.notes]
    return "\n".join([*lines, *_left_lines(left, width)])


def result_text(results: Sequence[CellResult], left: Sequence[NotRun], width: int) -> str:
    """Print the table of printed and reproduced figures, and what must be known beside it."""
    parts = [_table(results, width)] if results else []
    notes = [line for result in results for line in _note_lines(result, width)]
    return "\n".join([*parts, *notes, *_left_lines(left, width)])


def _table(results: Sequence[CellResult], width: int) -> str:
    """Make one table with intervals, or without, or, on a narrow terminal, one per cell."""
    headers = ("system", "set", "score", "published", "reproduced", "difference", "verdict")
    for ends in (True, False):
        rows = [row for result in results for row in _rows(result, ends=ends)]
        text = tabulate(rows, headers, "rounded_outline", disable_numparse=True)
        if len(text.partition("\n")[0]) <= width:
            return text
    return "\n".join(
        f"{rows[0][0]} on {rows[0][1]}\n"
        + tabulate([row[2:] for row in rows], headers[2:], "rounded_outline", disable_numparse=True)
        for rows in (_rows(result, ends=False) for result in results)
    )


def plain_report(
    found: Sequence[Cell] | Sequence[CellResult],
    files: Sequence[FoundFile],
    left: Sequence[NotRun],
) -> dict[str, Any]:
    """Return everything as JSON can hold it.

    Args:
        found: Cells of a plan, or what became of them.
        files: What was recognised.
        left: What cannot run.
    """
    return {
        "files": [_plain_file(file) for file in files],
        "cells": [
            _plain_result(item) if isinstance(item, CellResult) else _plain_cell(item)
            for item in found
        ],
        "not_run": [vars(item) for item in left],
    }


def _rows(result: CellResult, *, ends: bool) -> list[tuple[str, ...]]:
    first = (known_cards()[result.cell.system.id].name, result.cell.dataset)
    if result.run is None:
        return [(*first, _NOTHING, _NOTHING, _NOTHING, _NOTHING, "failed")]
    if result.comparisons:
        return [(*first, *_figures(comparison, ends=ends)) for comparison in result.comparisons]
    improved = result.run.summary.aggregates.get("si_snr_i")
    mean = _NOTHING if improved is None or improved.mean is None else f"{improved.mean:.2f}"
    return [(*first, "SI-SNRi", _NOTHING, mean, _NOTHING, "nothing published")]


def _figures(comparison: Comparison, *, ends: bool) -> tuple[str, ...]:
    measured, difference = comparison.measured, comparison.difference
    reproduced = _NOTHING if measured is None else f"{measured.mean:.2f}"
    if ends and measured is not None and not math.isnan(measured.low):
        reproduced += f" [{measured.low:.2f}, {measured.high:.2f}]"
    return (
        comparison.figure.metric,
        comparison.figure.value,
        reproduced,
        _NOTHING if difference is None else f"{difference:+.2f}",
        comparison.verdict,
    )


def _note_lines(result: CellResult, width: int) -> list[str]:
    """Everything that the table has no room for, under the name of the cell."""
    said = [f"failed: {result.error}"] if result.error else []
    said += _comparison_notes(result.comparisons)
    if any(comparison.verdict != "reproduced" for comparison in result.comparisons):
        said += result.cell.cautions
    if result.run is not None:
        said += [*result.run.system.notes, *result.run.summary.symptoms]
        if result.run.summary.failed:
            said.append(f"{result.run.summary.failed} targets failed")
    head = f"{result.cell.name} ({result.cell.system.checkpoint.path})"
    return [head, *(_wrapped(note, width, "  ") for note in dict.fromkeys(said))]


def _comparison_notes(comparisons: Sequence[Comparison]) -> list[str]:
    """Say why, once for all columns that it is true of."""
    columns: dict[str, list[str]] = {}
    for comparison in comparisons:
        figure = comparison.figure
        for why in comparison.why:
            columns.setdefault(f"{comparison.verdict}: {why}", []).append(figure.metric)
        for reason in comparison.reasons:
            columns.setdefault(f"known: {reason.reason} ({reason.source})", [])
        for other in comparison.also_printed:
            columns.setdefault(f"also printed: {other.value} ({other.source})", []).append(
                figure.metric
            )
    return [", ".join(names) + (" " if names else "") + text for text, names in columns.items()]


def _left_lines(left: Sequence[NotRun], width: int) -> list[str]:
    head = ["not run:"] if left else []
    return [*head, *(_wrapped(f"{item.what}: {item.reason}", width, "  ") for item in left)]


def _wrapped(text: str, width: int, indent: str) -> str:
    return textwrap.fill(text, width, initial_indent=f"{indent}- ", subsequent_indent=f"{indent}  ")


def _plain_file(file: FoundFile) -> dict[str, Any]:
    return {
        "path": str(file.path),
        "sha256": file.sha256,
        "fits": [vars(fit) for fit in file.fits],
        "recognised_by": file.recognised_by if file.fits else None,
        "reason": file.reason,
    }


def _plain_cell(cell: Cell) -> dict[str, Any]:
    return {
        "system": cell.system.id,
        "dataset": cell.dataset,
        "files": {role: str(file.path) for role, file in cell.system.files.items()},
        "ambiguous": list(cell.system.ambiguous),
        "mouth_input": cell.mouth_input,
        "notes": list(cell.notes),
    }


def _plain_result(result: CellResult) -> dict[str, Any]:
    run = result.run
    return _plain_cell(result.cell) | {
        "run": None if run is None else run.id,
        "folder": None if run is None else str(run.folder),
        "summary": None if run is None else run.summary.plain(),
        "error": result.error,
        "comparisons": [_plain_comparison(comparison) for comparison in result.comparisons],
    }


def _plain_comparison(comparison: Comparison) -> dict[str, Any]:
    measured, figure = comparison.measured, comparison.figure
    return {
        "metric": figure.metric,
        "published": figure.value,
        "source": figure.source,
        "source_url": figure.source_url,
        "score": comparison.score,
        "reproduced": None if measured is None else measured.mean,
        "low": _finite(measured.low if measured else math.nan),
        "high": _finite(measured.high if measured else math.nan),
        "difference": comparison.difference,
        "verdict": comparison.verdict,
        "why": list(comparison.why),
        "reasons": [{"reason": r.reason, "source": r.source} for r in comparison.reasons],
        "also_printed": [{"value": o.value, "source": o.source} for o in comparison.also_printed],
    }


def _finite(value: float) -> float | None:
    return None if math.isnan(value) else value
