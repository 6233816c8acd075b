"""Arranging finished boards: which rows are shown, in which order, compared with which system."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.board.runs.rows import Anchor, Board, Row, ScoreCell, higher_is_better
from bench.board.runs.system_costs import join_costs
from bench.core.provenance import PROVENANCES
from bench.errors import unknown_name
from bench.run.result import Run

if TYPE_CHECKING:
    from bench.efficiency.profile import Profile

__all__ = ["SORTS", "against", "chosen_runs", "only_systems", "sorted_by"]

# Beside the ids of scores.
SORTS = ("rank", "system", "params", "macs", "latency")


def chosen_runs(
    runs: Sequence[Run], *, datasets: Sequence[str] = (), provenances: Sequence[str] = ()
) -> list[Run]:
    """Keep the runs on some data sets and of some provenances; nothing given = all.

    Raises:
        UsageError: A data set or a provenance that no run has.
    """
    _check("data set", datasets, {run.plan.dataset for run in runs})
    _check("provenance", provenances, {run.provenance for run in runs})
    return [
        run
        for run in runs
        if (not datasets or run.plan.dataset in datasets)
        and (not provenances or run.provenance in provenances)
    ]


def _check(kind: str, given: Sequence[str], known: Iterable[str]) -> None:
    names = sorted(known)
    for name in given:
        if name not in names:
            raise unknown_name(kind, name, names)


def only_systems(boards: Sequence[Board], names: Sequence[str]) -> list[Board]:
    """Show some systems alone; their ranks stay those of the whole board.

    Args:
        boards: As built.
        names: Ids of separators, names as tables print them, or ids of runs.

    Raises:
        UsageError: A system that is on no board.
    """
    rows = [row for board in boards for row in board.rows]
    for name in names:
        if not any(_is(row, name) for row in rows):
            raise unknown_name("system", name, _known(rows))
    shown = []
    for board in boards:
        kept = tuple(row for row in board.rows if any(_is(row, name) for name in names))
        left_out = len(board.rows) - len(kept)
        rows_are = "row is" if left_out == 1 else "rows are"
        said = f"{left_out} more {rows_are} not shown; ranks are those of the whole board."
        notes = (*board.notes, said) if left_out else board.notes
        if kept:
            shown.append(replace(board, rows=kept, notes=notes))
    return shown


def _known(rows: Iterable[Row]) -> list[str]:
    return sorted({row.separator for row in rows})


def _is(row: Row, name: str) -> bool:
    known = {row.separator, row.name, row.label, row.run.system.name}
    return name == row.run.id or name.lower() in {text.lower() for text in known}


def sorted_by(boards: Sequence[Board], column: str) -> list[Board]:
    """Sort the rows of boards, best or smallest first; what has no value comes last.

    Args:
        boards: As built: in the order of their ranks.
        column: One of `SORTS`, or the id of a score, shown or not.

    Raises:
        UsageError: Neither.
    """
    scores = sorted({s for b in boards for r in b.rows for s in r.run.summary.aggregates})
    if column not in (*SORTS, *scores):
        raise unknown_name("column", column, (*SORTS, *scores))
    if column == "rank":
        return list(boards)
    key = _KEYS.get(column) or _by_score(column)
    return [replace(b, rows=tuple(sorted(b.rows, key=lambda row: key(row, b)))) for b in boards]


_Key = Callable[[Row, Board], tuple[float, str]]


def _by_score(score: str) -> _Key:
    sign = -1.0 if higher_is_better(score) else 1.0

    def key(row: Row, board: Board) -> tuple[float, str]:
        aggregate = row.run.summary.aggregates.get(score)
        return _last_if_none(aggregate.mean if aggregate else None, sign), ""

    return key


def _last_if_none(value: float | None, sign: float = 1.0) -> float:
    return math.inf if value is None else sign * value


def _parameters(row: Row) -> float | None:
    return row.costs.parameters if row.costs else None


def _macs(row: Row) -> float | None:
    return row.costs.macs if row.costs else None


def _latency(row: Row, board: Board) -> float | None:
    """Return the latency on the first device of the board that has been measured."""
    key = next((column.key for column in board.devices if column.key), "")
    found = row.costs.on.get(key) if row.costs else None
    return found.latency_s if found else None


_KEYS: dict[str, _Key] = {
    "system": lambda row, board: (0.0, row.label.lower()),
    "params": lambda row, board: (_last_if_none(_parameters(row)), ""),
    "macs": lambda row, board: (_last_if_none(_macs(row)), ""),
    "latency": lambda row, board: (_last_if_none(_latency(row, board)), ""),
}


def against(boards: Sequence[Board], name: str, profiles: Sequence[Profile] = ()) -> list[Board]:
    """Give every row its differences and ratios to one system.

    Differences are of means; `avss-bench compare` has intervals over pairs.

    Args:
        boards: As built.
        name: Id of a separator, name as tables print it, or id of a run. Of several such rows the
            best one counts that is ranked and no variant, our own before submitted ones.
        profiles: Where the costs of a system that is on no row come from.

    Raises:
        UsageError: No row and no profile is of that system.
    """
    rows = [row for board in boards for row in board.rows]
    absent = _profiled(name, profiles)
    if absent is None and not any(_is(row, name) for row in rows):
        known = {profile.separator for profile in profiles}
        raise unknown_name("system", name, sorted(known.union(_known(rows))))
    return [_against(board, name, absent) for board in boards]


def _profiled(name: str, profiles: Sequence[Profile]) -> Anchor | None:
    """Return what is known of a system that need not be on a board, with its usual settings."""
    names = [
        p for p in profiles if name.lower() in {p.separator, p.name.lower()} and not p.settings
    ]
    return Anchor(names[0].name, join_costs(names)) if names else None


def _against(board: Board, name: str, absent: Anchor | None) -> Board:
    found = [row for row in board.rows if _is(row, name)]
    if not found:
        anchor = absent or Anchor(name, None)
        said = f"{anchor.label} has no row here, so there are no differences of scores to it."
        return replace(board, anchor=anchor, notes=(*board.notes, said))
    first = min(found, key=_likeness)
    rows = tuple(replace(row, cells=_differences(row, first)) for row in board.rows)
    said = (
        f"With a sign: difference of means to {first.label}; `avss-bench compare` has intervals "
        "over the same targets."
    )
    if len(found) > 1:
        said = f"{said} Of {len(found)} such rows the one of {first.run.id} is meant."
    notes = (*board.notes, said)
    return replace(board, rows=rows, anchor=Anchor(first.label, first.costs), notes=notes)


def _likeness(row: Row) -> tuple[bool, bool, int]:
    """Key that puts first what a name means: ranked, no variant, of the best provenance."""
    variant = row.name != row.run.system.name
    return bool(row.reason), variant, -PROVENANCES.index(row.run.provenance)


def _differences(row: Row, anchor: Row) -> dict[str, ScoreCell]:
    cells = {}
    for score, cell in row.cells.items():
        mean, base = cell.mean, anchor.cells[score].mean
        difference = None if mean is None or base is None else mean - base
        cells[score] = replace(cell, difference=difference)
    return cells
