"""What must be said below the costs of a board, and the commands that fill what is empty."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench.board.runs.rows import Board, Row
from bench.board.runs.system_costs import COST_SECONDS, COST_THREADS, DeviceColumn
from bench.core.plugins import plugins
from bench.separators.card import PLUGINS

__all__ = ["with_cost_notes"]

_COUNTS = (
    "par.: parameters of everything that inference needs; sep.: of the separation network alone; "
    "G MAC/s: multiply-accumulates per second of audio, both voices, encoders included."
)
_TIMES = (
    f"ms: median latency of the separation network for one target of {COST_SECONDS:g} s, with "
    f"{COST_THREADS} thread on a processor; RTF: seconds of work for both voices, encoders "
    "included, per second of audio; MB: peak memory that the system adds."
)


def with_cost_notes(board: Board, out: Path) -> Board:
    """Add what must be said of the costs.

    Args:
        board: With its costs joined.
        out: Folder that missing profiles should be written to.
    """
    rows = [row for row in board.rows if row.has_costs]
    if not rows:
        return board
    hints = tuple(_hints(board, rows, out))
    if not any(row.costs and row.costs.known for row in rows):
        return replace(board, hints=hints)
    notes = [_COUNTS]
    if any(row.costs and row.costs.lower_bound for row in rows):
        notes.append("≥: the cost of some operator is unknown.")
    claimed = sorted({row.name for row in rows if row.costs and row.costs.claimed})
    if claimed:
        notes.append(f"As submitted, not counted here: the costs of {', '.join(claimed)}.")
    notes += [_TIMES] if any(device.key for device in board.devices) else []
    for device in board.devices:
        notes += [f"{device.label}: {device.description}."] if device.key else []
        notes += _cautions(rows, device)
    if board.anchor is not None:
        notes.append(
            f"With ×: ratio to {board.anchor.label}; `avss-bench profile --against` has intervals."
        )
    return replace(board, cost_notes=tuple(notes), hints=hints)


def _cautions(rows: Sequence[Row], device: DeviceColumn) -> Iterator[str]:
    measured = [(row.name, row.costs.on[device.key]) for row in rows if _measured(row, device)]  # type: ignore[union-attr]
    if any(cost.busy for _, cost in measured):
        yield (
            f"!: on {device.label} the machine was too busy, or too unsteady, to measure; do not "
            "quote these figures."
        )
    whole = sorted({label for label, cost in measured if cost.whole})
    if whole:
        yield f"{', '.join(whole)}: ms is that of everything, for both voices."


def _measured(row: Row, device: DeviceColumn) -> bool:
    return row.costs is not None and device.key in row.costs.on


def _hints(board: Board, rows: Sequence[Row], out: Path) -> Iterator[str]:
    """Yield the commands that fill empty cells: one per device and set of settings."""
    installed = plugins(PLUGINS)
    for device in board.devices:
        missing: dict[str, list[str]] = {}
        for row in rows:
            counted = row.costs is not None and row.costs.macs is not None
            if not _measured(row, device) or (device.kind == "cpu" and not counted):
                file = row.run.plan.kind == "own" and row.separator not in installed
                # What strangers named must not become commands of whoever copies the line.
                name = "FILE.py:FUNCTION" if file else shlex.quote(row.separator)
                names = missing.setdefault(_settings(row), [])
                names += [name] if name not in names else []
        for settings, names in missing.items():
            where = "--device cuda" if device.kind == "cuda" else f"--threads {COST_THREADS}"
            yield (
                f"{device.label}: not measured yet; avss-bench profile "
                f"{' '.join(names)}{settings} --against ctcnet --seconds {COST_SECONDS:g} {where} "
                f"--out {shlex.quote(str(out))}"
            )


def _settings(row: Row) -> str:
    return "".join(
        f" --set {shlex.quote(f'{name}={value}')}" for name, value in row.settings.items()
    )
