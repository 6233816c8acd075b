"""What a board consists of: rows of runs, cells of scores, costs, and the sentences below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bench.board.runs.system_costs import DeviceColumn, SystemCosts, has_costs
from bench.metrics import find_metric
from bench.run.result import Run
from bench.stats.bootstrap import Interval

__all__ = [
    "RANKED_BY",
    "Anchor",
    "Board",
    "Row",
    "ScoreCell",
    "group_of",
    "higher_is_better",
    "mixtures_text",
    "told_apart",
]

RANKED_BY = "si_snr_i"

_ID_END = 12


@dataclass(frozen=True)
class ScoreCell:
    """One score of one row.

    Attributes:
        interval: Mean and 95 % interval; None where no target has the score.
        scored: Number of targets that have it.
        expected: Number of targets there should be.
        place: 1 for the best, 2 for the second of its group, else 0.
        difference: Mean less that of the system that the board compares with; None without one.
    """

    interval: Interval | None
    scored: int
    expected: int
    place: int = 0
    difference: float | None = None

    @property
    def mean(self) -> float | None:
        """Of all targets that have the score."""
        return self.interval.mean if self.interval else None


@dataclass(frozen=True)
class Row:
    """One run on a board.

    Attributes:
        run: The run.
        cells: By score id.
        ranks: Best and worst rank that the data allow; None where the row is not ranked.
        reason: Why it is not ranked; empty where it is.
        costs: What the system costs; None where that is unknown, or means nothing.
        mark: What tells the row from another one of the same name and provenance; else empty.
    """

    run: Run
    cells: Mapping[str, ScoreCell]
    ranks: tuple[int, int] | None = None
    reason: str = ""
    costs: SystemCosts | None = None
    mark: str = ""

    @property
    def rank(self) -> str:
        """As tables print it: "1", "1-2", "O1" for an oracle; empty where it is not ranked."""
        if self.ranks is None:
            return ""
        low, high = self.ranks
        return group_of(self.run) + (f"{low}" if low == high else f"{low}-{high}")

    @property
    def separator(self) -> str:
        """Id of the separator."""
        return str(self.run.plan.separator["separator"])

    @property
    def settings(self) -> Mapping[str, object]:
        """Hyper-parameters that differ from the published ones."""
        settings = self.run.plan.separator.get("settings")
        return settings if isinstance(settings, dict) else {}

    @property
    def has_costs(self) -> bool:
        """Whether the row is a network, whose parameters and MACs mean something."""
        return has_costs(self.run)

    @property
    def label(self) -> str:
        """The name, with what tells the row from others of that name."""
        return f"{self.name} [{self.mark}]" if self.mark else self.name

    @property
    def name(self) -> str:
        """Name of the system, with what makes it a variant and how it came about."""
        plan = self.run.plan
        marks = [f"{name}={value}" for name, value in self.settings.items()]
        if plan.separator.get("mouth_input", "default") != "default":
            marks.append(f"mouths {plan.separator['mouth_input']}")
        if plan.mouths != "as-is":
            marks.append(f"mouths {plan.mouths}")
        if plan.limit is not None:
            marks.append(mixtures_text(plan.limit))
        if plan.kind == "re-implementation":
            marks.append("re-implementation")
        return f"{self.run.system.name} ({', '.join(marks)})" if marks else self.run.system.name


@dataclass(frozen=True)
class Anchor:
    """The system that a board compares with.

    Attributes:
        label: As tables call it.
        costs: What it costs, where that is known.
    """

    label: str
    costs: SystemCosts | None


@dataclass(frozen=True)
class Board:
    """All rows that may be compared.

    Attributes:
        dataset: Id of the data set.
        scores: Score ids, in the order of the columns.
        rows: Best first.
        notes: Sentences that belong below the scores; the first one explains the intervals.
        distinction: What tells the board from another one of the same data set; else empty.
        devices: Columns of latency and memory, one group per device.
        cost_notes: Sentences that belong below the costs.
        hints: Sentences with commands that fill what is empty.
        anchor: What differences and ratios are to; None = there are none.
    """

    dataset: str
    scores: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    distinction: str = ""
    devices: tuple[DeviceColumn, ...] = ()
    cost_notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    anchor: Anchor | None = None

    @property
    def heading(self) -> str:
        """Data set, and what tells the board from others of that set."""
        return f"{self.dataset} ({self.distinction})" if self.distinction else self.dataset


def told_apart(rows: Sequence[Row]) -> list[Row]:
    """Mark rows of one name and provenance by the ends of their runs' ids."""
    names = Counter((row.name, row.run.provenance) for row in rows)
    ids = Counter(row.run.id for row in rows)
    copies: Counter[str] = Counter()
    told = []
    for row in rows:
        mark = row.run.id[-_ID_END:]
        if ids[row.run.id] > 1:
            copies[row.run.id] += 1
            mark = f"{mark}, copy {copies[row.run.id]}"
        twins = names[row.name, row.run.provenance] > 1
        told.append(replace(row, mark=mark) if twins else row)
    return told


def group_of(run: Run) -> str:
    """Rows of one group are ranked together: "O" for oracles, "" for all others."""
    return "O" if run.plan.kind == "oracle" else ""


def mixtures_text(count: int | None) -> str:
    """Write a number of mixtures: "1 mixture", "20 mixtures"."""
    return f"{count} mixture" if count == 1 else f"{count} mixtures"


def higher_is_better(score: str) -> bool:
    """Whether a larger value of a score is the better one."""
    return find_metric(score.removesuffix("_i")).higher_is_better
