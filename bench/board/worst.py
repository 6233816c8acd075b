"""The items of a run to listen to first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.board.leaderboard import higher_is_better
from bench.core.record import Record
from bench.errors import unknown_name
from bench.run.result import Run

__all__ = ["WorstItem", "worst_items"]


@dataclass(frozen=True)
class WorstItem:
    """One target of one run.

    Attributes:
        run: The run.
        record: The target's record.
        value: The score the items are sorted by; None where the target has none.
        estimate: The separated voice, where it was kept.
    """

    run: Run
    record: Record
    value: float | None
    estimate: Path | None


def worst_items(runs: Sequence[Run], count: int, score: str = "si_snr_i") -> list[WorstItem]:
    """Name the worst targets of every run: failed ones first, then the lowest scores.

    Args:
        runs: Finished runs.
        count: How many per run.
        score: Score id to sort by.

    Raises:
        UsageError: A score that a run does not have.
    """
    return [item for run in runs for item in _worst_of(run, count, score)]


def _worst_of(run: Run, count: int, score: str) -> list[WorstItem]:
    if score not in run.summary.aggregates:
        raise unknown_name("score", score, run.summary.aggregates)
    sign = 1.0 if higher_is_better(score) else -1.0
    items = [
        WorstItem(run, record, record.scores.get(score), _kept(run, record))
        for record in run.records
    ]
    return sorted(items, key=lambda item: _badness(item, sign))[:count]


def _badness(item: WorstItem, sign: float) -> tuple[bool, float, str, int]:
    value = sign * item.value if item.value is not None else 0.0
    return item.value is not None, value, item.record.mixture, item.record.target


def _kept(run: Run, record: Record) -> Path | None:
    if run.folder is None:
        return None
    path = run.folder / "estimates" / f"s{record.target}" / f"{record.mixture}.wav"
    return path if path.exists() else None
