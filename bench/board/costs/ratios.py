"""How much longer one system takes than another, run by run of those that took turns."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from bench.efficiency.latency import Timing
from bench.efficiency.profile import Measured

__all__ = ["Ratio", "alike", "paired_ratio", "row_ratio", "shown"]

_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Ratio:
    """A ratio with a 95 % interval.

    Attributes:
        value: Median of the ratios of paired runs.
        low: Lower end of the interval.
        high: Upper end.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def paired_ratio(timing: Timing, other: Timing) -> Ratio | None:
    """Compare two systems that took turns, run by run.

    The interval of the median comes from order statistics: it assumes nothing about how times
    spread, and what slows the machine for a while slows both.

    Returns:
        None for rows that were not measured together.
    """
    if timing.session != other.session:
        return None
    ratios = sorted(a / b for a, b in zip(timing.runs_s, other.runs_s, strict=False))
    below = _order(len(ratios))
    return Ratio(statistics.median(ratios), ratios[below], ratios[-1 - below])


def _order(number: int) -> int:
    """Return how many of the sorted values may be left out at each end of the interval."""
    from scipy.stats import binom

    cut = int(binom.ppf((1 - _CONFIDENCE) / 2, number, 0.5))
    return max(0, cut - 1) if binom.cdf(cut, number, 0.5) > (1 - _CONFIDENCE) / 2 else cut


def shown(row: Measured) -> Timing:
    """Return the separator for one target where it can be timed apart, else everything."""
    return row.latency.get("target") or row.latency["everything"]


def row_ratio(row: Measured, base: Measured) -> Ratio | None:
    """Compare what two systems do alike."""
    return paired_ratio(*alike(row, base))


def alike(row: Measured, base: Measured) -> tuple[Timing, Timing]:
    """Return what two systems do alike: one target, or both where one of them knows no other."""
    if "target" in row.latency and "target" in base.latency:
        return row.latency["target"], base.latency["target"]
    return row.latency["everything"], base.latency["everything"]
