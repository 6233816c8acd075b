"""Tables of what was scored: runs and submissions of one board, with intervals and costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench.board.formats.texts import score_text, score_title
from bench.board.runs.rows import Board, ScoreCell, higher_is_better
from bench.board.runs.rows import Row as BoardRow
from bench.board.runs.system_costs import DeviceColumn, SystemCosts
from bench.board.site.definitions import FROM_COLUMN, metric_address
from bench.board.site.models import Cell, Column, Row, Table
from bench.board.site.names import board_name
from bench.core.provenance import MEANINGS

__all__ = ["scored_notes", "scored_table"]


def scored_table(board: Board, id: str, paths: Mapping[str, str]) -> Table:
    """Make the table of what was scored on a set, with intervals.

    Args:
        board: Its rows, best first.
        id: Of the board, as `board_ids` gives it.
        paths: Of the systems' pages, by name.
    """
    devices = [device for device in board.devices if device.key]
    shown = devices if any(row.costs for row in board.rows) else None
    columns = (
        Column("#", descending=False, tip="Best and worst rank that the data allow."),
        Column("system", numeric=False),
        *(
            Column(
                score_title(score),
                "quality",
                descending=higher_is_better(score),
                href=metric_address(score),
            )
            for score in board.scores
        ),
        Column("scored", "quality", tip="Targets that have every score shown."),
        *(() if shown is None else _COST_COLUMNS),
        *(column for device in shown or () for column in _device_columns(device)),
        FROM_COLUMN,
    )
    rows = tuple(_row(row, board, shown, paths) for row in board.rows)
    return Table(
        f"{id}-scored",
        f"Scored by this benchmark on {board_name(board)}; 95 % intervals over test items.",
        columns,
        rows,
        header=1,
        filters=("from", "rank", "kind"),
        folded=tuple(device.label for device in shown or ()),
    )


_COST_COLUMNS = (
    Column("par. (M)", "cost", descending=False, tip="All parameters that inference needs."),
    Column("G MAC/s", "cost", descending=False, tip="Per second of audio, both voices, encoders."),
)


def _device_columns(device: DeviceColumn) -> tuple[Column, ...]:
    said = f"{device.description}; one target of 1 s, one thread."
    return (
        Column("ms", device.label, descending=False, tip=said),
        Column("real time", device.label, descending=False, tip="Seconds of work per second."),
        Column("MB", device.label, descending=False, tip="Peak memory that the system adds."),
    )


def _row(
    row: BoardRow,
    board: Board,
    devices: Sequence[DeviceColumn] | None,
    paths: Mapping[str, str],
) -> Row:
    run, path = row.run, paths.get(row.run.system.name, "")
    low = row.ranks[0] if row.ranks else None
    asked = [c.scored for s, c in row.cells.items() if s.removesuffix("_i") in run.plan.metrics]
    scored = min(asked, default=0)
    cells = (
        Cell(row.rank, None if low is None else float(low)),
        Cell(row.label, href=path, below=row.reason, mark=run.provenance),
        *(_score_cell(row.cells[score], score) for score in board.scores),
        Cell(f"{scored}/{run.expected}", scored / run.expected if run.expected else None),
        *(() if devices is None else _cost_cells(row.costs or SystemCosts(), devices)),
        Cell(run.provenance, tip=f"{MEANINGS[run.provenance]}."),
    )
    facets = {
        "from": run.provenance,
        "rank": "ranked" if row.rank else "not ranked",
        "kind": run.plan.kind,
    }
    return Row(cells, facets, quiet=not row.rank)


def _score_cell(cell: ScoreCell, score: str) -> Cell:
    interval = cell.interval
    if interval is None:
        return Cell("", tip="No target has this score.")
    bounds = [score_text(end, score) for end in (interval.low, interval.high) if interval.known]
    return Cell(
        score_text(interval.mean, score),
        interval.mean,
        f"[{', '.join(bounds)}]" if bounds else "",
        place=cell.place,
    )


def _cost_cells(costs: SystemCosts, devices: Sequence[DeviceColumn]) -> Iterable[Cell]:
    parameters = None if costs.parameters is None else costs.parameters / 1e6
    macs = None if costs.macs is None else costs.macs / 1e9
    said = ("as submitted",) if costs.claimed else ()
    yield Cell("" if parameters is None else f"{parameters:.2f}", parameters, flags=said)
    least = "≥ " if costs.lower_bound else ""
    yield Cell("" if macs is None else f"{least}{macs:.2f}", macs)
    for device in devices:
        cost = costs.on.get(device.key)
        if cost is None:
            yield from (Cell(""), Cell(""), Cell(""))
            continue
        late, factor = cost.latency_s * 1000, cost.real_time_factor
        yield Cell(f"{late:.1f}", late, flags=_busy(cost.latency_busy))
        yield Cell(f"{factor:.2f}", factor, flags=_busy(cost.factor_busy))
        memory = None if cost.memory_bytes is None else cost.memory_bytes / 1e6
        yield Cell("" if memory is None else f"{memory:.0f}", memory)


def _busy(told: bool) -> tuple[str, ...]:
    """Mark a time that must not be quoted."""
    return ("busy",) if told else ()


def scored_notes(board: Board) -> tuple[str, ...]:
    """Say what belongs below the table of a board."""
    return (*board.notes, *board.cost_notes, *board.hints)
