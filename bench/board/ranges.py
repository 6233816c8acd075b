"""What a score can be at all: no estimate, however good or bad, is outside."""

from __future__ import annotations

import math

from bench.metrics import Metric, find_metric
from bench.run.result import Run

__all__ = ["HIGHEST_DB", "impossible_score", "outside_range"]

HIGHEST_DB = 120.0  # beyond 16-bit audio by far
_SLACK = 1e-6


def outside_range(value: float, metric: Metric) -> str | None:
    """Say which end of a metric's range a value is beyond; None where it is inside."""
    lowest, highest = _range(metric)
    if value < lowest - _SLACK:
        return f"no value is below {lowest:g}"
    if value > highest + _SLACK:
        return f"no value is above {highest:g}"
    return None


def _range(metric: Metric) -> tuple[float, float]:
    bound = HIGHEST_DB if metric.unit == "dB" else math.inf
    lowest = -bound if metric.lowest is None else metric.lowest
    return lowest, bound if metric.highest is None else metric.highest


def impossible_score(run: Run) -> str:
    """Name a score of a run that nothing can have; empty if there is none."""
    for metric in map(find_metric, run.plan.metrics):
        lowest, highest = _range(metric)
        for record in run.records:
            value, gain = record.scores.get(metric.id), record.scores.get(f"{metric.id}_i")
            target = f"target {record.target} of {record.mixture}"
            if value is not None and (bounds := outside_range(value, metric)):
                return f"the {metric.id} of {target} is {value:g}, but {bounds}"
            if gain is not None and abs(gain) > highest - lowest + _SLACK:
                return f"the {metric.id}_i of {target} is {gain:g}, which is no improvement"
    return ""
