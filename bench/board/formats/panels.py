"""The two tables of a board, scores and costs, as texts that every format draws in its own way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.board.formats.texts import provenance_mark, score_decimals, score_text, score_title
from bench.board.runs.rows import Board, Row, ScoreCell
from bench.board.runs.system_costs import DeviceColumn, DeviceCost, SystemCosts
from bench.core.provenance import MEANINGS

__all__ = ["Cell", "Column", "Panel", "panels"]

NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a table; nothing is escaped yet.

    Attributes:
        text: The value.
        interval: "[13.9, 15.1]", or empty.
        change: Difference or ratio to the system that is compared with, or empty.
        place: 1 for the best of its column, 2 for the second, else 0.
        meaning: What the text stands for, where a format can say so beside it.
    """

    text: str
    interval: str = ""
    change: str = ""
    place: int = 0
    meaning: str = ""


@dataclass(frozen=True)
class Column:
    """Head of a column.

    Attributes:
        title: Pretty name.
        words: Whether it holds words, and no numbers.
    """

    title: str
    words: bool = False


@dataclass(frozen=True)
class Panel:
    """One table with what belongs to it.

    Attributes:
        name: "scores" or "costs".
        heading: Of the board, and what the table is of.
        columns: The first `fixed` of them name the row.
        rows: As many cells as columns.
        notes: Sentences below.
        hints: Sentences with commands, for readers who can run them.
        fixed: Number of columns that name the row.
    """

    name: str
    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]
    hints: tuple[str, ...] = ()
    fixed: int = 2


def panels(board: Board) -> list[Panel]:
    """Return the tables of a board: scores, and costs where those of any network are known."""
    costly = [row for row in board.rows if row.has_costs]
    if any(row.costs and row.costs.known for row in costly):
        return [_scores(board), _costs(board, costly)]
    return [replace(_scores(board), hints=board.hints)]


def _scores(board: Board) -> Panel:
    titles = [Column(score_title(score)) for score in board.scores]
    return Panel(
        "scores",
        board.heading,
        (Column("#"), Column("system", words=True), *titles, Column("scored"), Column("from")),
        tuple(_score_row(row, board) for row in board.rows),
        board.notes,
    )


def _score_row(row: Row, board: Board) -> tuple[Cell, ...]:
    provenance = row.run.provenance
    meaning = f"{provenance}: {MEANINGS[provenance]}"
    return (
        Cell(row.rank or "-", meaning="" if row.rank else f"not ranked: {row.reason}"),
        Cell(row.label),
        *(_score(row.cells[score], score) for score in board.scores),
        Cell(_scored(row)),
        Cell(provenance_mark(provenance), meaning=meaning),
    )


def _score(cell: ScoreCell, score: str) -> Cell:
    digits, interval = score_decimals(score), cell.interval
    known = interval is not None and math.isfinite(interval.low)
    bounds = f"[{interval.low:z.{digits}f}, {interval.high:z.{digits}f}]" if known else ""  # type: ignore[union-attr]
    change = "" if cell.difference is None else f"{cell.difference:+z.{digits}f}"
    return Cell(score_text(cell.mean, score), bounds, change, cell.place)


def _scored(row: Row) -> str:
    """Targets that have every score that was asked for, of those there should be."""
    asked = [c.scored for s, c in row.cells.items() if s.removesuffix("_i") in row.run.plan.metrics]
    return f"{min(asked, default=0)}/{row.run.expected}"


def _costs(board: Board, rows: Sequence[Row]) -> Panel:
    titles = ["system", "M par.", "M sep.", "G MAC/s"]
    for device in board.devices:
        parts = ("ms", "RTF", "MB") if device.key else ("ms",)
        titles += [f"{device.label} {part}" for part in parts]
    drawn = dict.fromkeys(_cost_row(row, board) for row in rows)  # equal rows once
    return Panel(
        "costs",
        f"{board.heading}: costs",
        tuple(Column(title, words=title == "system") for title in titles),
        tuple(drawn),
        board.cost_notes,
        board.hints,
        fixed=1,
    )


def _cost_row(row: Row, board: Board) -> tuple[Cell, ...]:
    own = row.costs or SystemCosts()
    base = board.anchor.costs if board.anchor else None
    base = base or SystemCosts()
    cells = [
        Cell(row.name),
        _cost(_scaled(own.parameters, 1e-6), _scaled(base.parameters, 1e-6)),
        _cost(_scaled(own.separator_parameters, 1e-6), _scaled(base.separator_parameters, 1e-6)),
        _cost(_scaled(own.macs, 1e-9), _scaled(base.macs, 1e-9), mark=_bound(own)),
    ]
    for device in board.devices:
        cells += _device_cells(device, own.on.get(device.key), base.on.get(device.key))
    return tuple(cells)


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _bound(costs: SystemCosts) -> str:
    return "≥ " if costs.lower_bound else ""


def _device_cells(
    device: DeviceColumn, own: DeviceCost | None, base: DeviceCost | None
) -> list[Cell]:
    if own is None:
        return [Cell("", meaning=NOT_MEASURED)] * (3 if device.key else 1)
    late = base.latency_s * 1e3 if base and base.whole == own.whole else None
    memory = _scaled(base.memory_bytes, 1e-6) if base else None
    factor = base.real_time_factor if base else None
    return [
        _cost(own.latency_s * 1e3, late, digits=1, tail=_busy(own.latency_busy)),
        _cost(own.real_time_factor, factor, tail=_busy(own.factor_busy)),
        _cost(_scaled(own.memory_bytes, 1e-6), memory, digits=0),
    ]


def _busy(told: bool) -> str:
    return " !" if told else ""


def _cost(
    value: float | None, base: float | None, *, digits: int = 2, mark: str = "", tail: str = ""
) -> Cell:
    if value is None:
        return Cell("", meaning=NOT_MEASURED)
    change = f"×{value / base:.2f}" if base else ""
    return Cell(f"{mark}{value:.{digits}f}{tail}", change=change)
