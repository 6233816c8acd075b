"""The items of a run to listen to first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.board.runs.rows import Row, higher_is_better
from bench.core.record import Record
from bench.errors import unknown_name
from bench.run.result import Run

__all__ = ["WorstItem", "worst_items", "worst_rows", "worst_text"]


@dataclass(frozen=True)
class WorstItem:
    """One target of one run.

    Attributes:
        run: The run.
        record: The target's record.
        value: The score the items are sorted by; None where the target has none.
        estimate: The separated voice, where it was kept.
        as_bad: Number of targets of the run that are just as bad and were not named; 0 except for
            the last one of a run.
    """

    run: Run
    record: Record
    value: float | None
    estimate: Path | None
    as_bad: int = 0


def worst_items(runs: Sequence[Run], count: int, score: str = "si_snr_i") -> list[WorstItem]:
    """Name the worst targets of every run: failed ones first, then the lowest scores.

    Among equal ones the order is that of their names. Runs without the score are left out.

    Args:
        runs: Finished runs.
        count: How many per run.
        score: Score id to sort by.

    Raises:
        UsageError: A score that no run has.
    """
    having = [run for run in runs if score in run.summary.aggregates]
    if runs and not having:
        known = {name for run in runs for name in run.summary.aggregates}
        raise unknown_name("score", score, sorted(known))
    return [item for run in having for item in _worst_of(run, count, score)]


def _worst_of(run: Run, count: int, score: str) -> list[WorstItem]:
    sign = 1.0 if higher_is_better(score) else -1.0

    def badness(record: Record) -> tuple[bool, float]:
        value = record.scores.get(score)
        return value is not None, sign * value if value is not None else 0.0

    records = sorted(run.records, key=lambda record: (*badness(record), record.key))
    last = badness(records[count - 1]) if count < len(records) else None
    more = sum(badness(record) == last for record in records[count:])
    return [
        WorstItem(
            run,
            record,
            record.scores.get(score),
            _kept(run, record),
            more if number == count else 0,
        )
        for number, record in enumerate(records[:count], 1)
    ]


def _kept(run: Run, record: Record) -> Path | None:
    if run.folder is None:
        return None
    path = run.folder / "estimates" / f"s{record.target}" / f"{record.mixture}.wav"
    return path if path.exists() else None


def worst_text(items: Sequence[WorstItem], score: str, *, width: int) -> str:
    """Draw the items as a table; what is too long for it goes on below."""
    from bench.board.formats import draw_table, plain_text, score_text, score_title

    labels = [plain_text(Row(item.run, {}).label) for item in items]
    rows = [
        [
            label,
            plain_text(f"{item.record.mixture}/s{item.record.target}"),
            score_text(item.value, score),
            plain_text(str(item.estimate or item.record.error or "")),
        ]
        for label, item in zip(labels, items, strict=True)
    ]
    titles = ["system", "target", score_title(score), "estimate or reason"]
    columns = 4 if any(row[3] for row in rows) else 3
    table = draw_table(
        titles[:columns],
        [row[:columns] for row in rows],
        width=width,
        words=[True, True, False, True][:columns],
    )
    notes = [
        f"{label}: further targets just as bad as its last one ({score_text(item.value, score)}): "
        f"{item.as_bad}; a larger --worst names them."
        for label, item in zip(labels, items, strict=True)
        if item.as_bad
    ]
    return "\n".join([table, *notes])


def worst_rows(items: Sequence[WorstItem], score: str) -> list[dict[str, object]]:
    """Return the items as JSON can hold them."""
    return [
        {
            "run": item.run.id,
            "mixture": item.record.mixture,
            "target": item.record.target,
            score: item.value,
            "status": item.record.status,
            "error": item.record.error,
            "estimate": str(item.estimate) if item.estimate else None,
            "as_bad": item.as_bad,
        }
        for item in items
    ]
