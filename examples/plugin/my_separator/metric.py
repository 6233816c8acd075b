"""A metric of your own: `METRIC` says what it is, `compute` computes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.metrics import Metric

METRIC = Metric(
    id="my_metric",
    name="MyMetric",
    definition="correlation of estimate and reference",
    undefined="silent or constant estimate or reference",
    unit="",
    lowest=-1.0,
    highest=1.0,
)


def compute(
    *, estimate: NDArray[np.float64], reference: NDArray[np.float64], sample_rate: int
) -> float:
    """Return the score of one target, `(samples,)` each; nan where it does not exist."""
    if np.ptp(estimate) == 0 or np.ptp(reference) == 0:
        return float("nan")
    return float(np.corrcoef(estimate, reference)[0, 1])
