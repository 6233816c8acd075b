"""Scores of the unprocessed mixture: they depend on the data alone, so they are computed once.

Kept on disk by the content of both signals and the versions of everything that computes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bench.core.cache import keep, recall
from bench.core.environment import package_versions
from bench.core.hashing import hash_array, hash_settings
from bench.core.jsonio import dumps, loads
from bench.metrics import metric_versions, score
from bench.run.guarded import guarded_pesq

__all__ = ["mixture_scores"]

Signal = NDArray[np.float32] | NDArray[np.float64]


def mixture_scores(
    mixture: Signal,
    reference: Signal,
    interferer: Signal | None,
    metrics: Sequence[str],
    sample_rate: int,
) -> Mapping[str, float | None]:
    """Score the mixture as if it were the estimate of `reference`.

    Args:
        mixture: `(samples,)`.
        reference: `(samples,)`.
        interferer: `(samples,)`, the other voice; None where no metric needs it.
        metrics: Ids of the metrics.
        sample_rate: In hertz.
    """
    address = hash_settings(
        {
            "mixture": hash_array(mixture),
            "reference": hash_array(reference),
            "interferer": None if interferer is None else hash_array(interferer),
            "metrics": metric_versions(metrics),
            "sample_rate": sample_rate,
            "packages": package_versions(),
        }
    )
    if kept := recall("mixture-scores", address):
        known: dict[str, float | None] = loads(kept, "a cached score")
        return known
    scores = score(
        estimate=mixture,
        reference=reference,
        metrics=metrics,
        sample_rate=sample_rate,
        interferer=interferer,
        pesq=guarded_pesq,
    )
    # What is missing may have been lost by accident (a crash): it is computed again next time.
    if scores.status == "ok":
        keep("mixture-scores", address, dumps(scores.values).encode())
    return scores.values
