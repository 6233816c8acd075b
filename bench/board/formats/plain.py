"""A board for machines: JSON and CSV with full precision."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from typing import Any

from bench.board.formats.escapes import csv_escape
from bench.board.runs.rows import Anchor, Board, Row, ScoreCell
from bench.board.runs.system_costs import DeviceCost, SystemCosts
from bench.core.jsonio import dumps_pretty

__all__ = ["plain_rows", "to_csv", "to_json"]


def plain_rows(board: Board) -> list[dict[str, Any]]:
    """Return a board's rows with numbers instead of texts."""
    return [_plain_row(row, board) for row in board.rows]


def _plain_row(row: Row, board: Board) -> dict[str, Any]:
    return {
        "dataset": board.dataset,
        "rank": row.rank or None,
        "rank_low": row.ranks[0] if row.ranks else None,
        "rank_high": row.ranks[1] if row.ranks else None,
        "system": row.label,
        "separator": row.separator,
        "kind": row.run.plan.kind,
        "provenance": row.run.provenance,
        "run": row.run.id,
        "not_ranked": row.reason or None,
        "expected": row.run.expected,
        "failed": row.run.summary.failed,
        "scores": {score: _plain_cell(cell, board) for score, cell in row.cells.items()},
        "costs": _plain_costs(row, board.anchor),
    }


def _plain_cell(cell: ScoreCell, board: Board) -> dict[str, float | int | None]:
    interval = cell.interval
    known = interval is not None and math.isfinite(interval.low)
    plain = {
        "mean": cell.mean,
        "low": interval.low if interval and known else None,
        "high": interval.high if interval and known else None,
        "scored": cell.scored,
    }
    return {**plain, "difference": cell.difference} if board.anchor else plain


def _plain_costs(row: Row, anchor: Anchor | None) -> dict[str, Any] | None:
    """Return costs, and ratios where the board compares; None for what is no network."""
    if not row.has_costs:
        return None
    costs = row.costs or SystemCosts()
    base = (anchor.costs if anchor else None) or SystemCosts()
    devices = {}
    for key, cost in costs.on.items():
        amounts = _device_amounts(cost)
        other = base.on.get(key)
        ratios = _ratios(amounts, _device_amounts(other)) if other else {}
        marks = {
            "latency_of_everything": cost.whole,
            "latency_busy": cost.latency_busy,
            "real_time_factor_busy": cost.factor_busy,
        }
        devices[key] = {**amounts, **ratios, **marks}
    return {
        **_amounts(costs),
        **(_ratios(_amounts(costs), _amounts(base)) if anchor else {}),
        "macs_are_lower_bound": costs.lower_bound,
        "costs_are_claimed": costs.claimed,
        "devices": devices,
    }


def _amounts(costs: SystemCosts) -> dict[str, float | None]:
    return {
        "parameters": costs.parameters,
        "separator_parameters": costs.separator_parameters,
        "macs_per_second": costs.macs,
    }


def _device_amounts(cost: DeviceCost) -> dict[str, float | None]:
    return {
        "latency_s": cost.latency_s,
        "real_time_factor": cost.real_time_factor,
        "memory_bytes": cost.memory_bytes,
    }


def _ratios(own: dict[str, float | None], base: dict[str, float | None]) -> dict[str, float | None]:
    found = {}
    for name, value in own.items():
        to = base[name]
        found[f"{name}_ratio"] = value / to if value is not None and to else None
    return found


def to_json(boards: Sequence[Board]) -> str:
    """Write boards with full precision."""
    content = [
        {
            "dataset": board.dataset,
            "heading": board.heading,
            "against": board.anchor.label if board.anchor else None,
            "rows": plain_rows(board),
            "notes": [*board.notes, *board.cost_notes, *board.hints],
        }
        for board in boards
    ]
    return dumps_pretty({"schema": 1, "boards": content})


def to_csv(boards: Sequence[Board]) -> str:
    """Write boards as one table, a row per run, with full precision.

    Latency and memory of a device are in columns that end in "@" and its key.
    """
    flat = [_flat(row) for board in boards for row in plain_rows(board)]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return buffer.getvalue()


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    scores, costs = row.pop("scores"), row.pop("costs") or {}
    devices = costs.pop("devices", {})
    safe = {name: csv_escape(v) if isinstance(v, str) else v for name, v in row.items()}
    of_scores = {f"{s}_{part}": v for s, cell in scores.items() for part, v in cell.items()}
    of_devices = {f"{part}@{key}": v for key, cost in devices.items() for part, v in cost.items()}
    return {**safe, **of_scores, **costs, **of_devices}
