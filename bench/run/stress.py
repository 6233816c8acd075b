"""The stress test of the field: how quality falls when picture and sound drift apart.

The audio-video offset from -9 to +9 frames is the study of the CaffNet paper (CVPR 2021); jittered
and dropped frames stand for cameras and networks as they are. Every point is a run of its own, kept
and resumed like any other, and never ranked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from bench.core.mixture import Mixture
from bench.run.engine import evaluate
from bench.run.mouth_modes import parse_mouth_mode
from bench.run.result import Run

__all__ = ["SWEEPS", "StressPoint", "stress"]

SWEEPS = {
    "shifted": tuple(range(-9, 10)),
    "jittered": (0, 0.5, 1, 2, 4),
    "dropped": (0, 0.1, 0.2, 0.4, 0.6, 0.8),
}


@dataclass(frozen=True)
class StressPoint:
    """What one disturbance did.

    Attributes:
        kind: "shifted", "jittered" or "dropped".
        amount: Frames, deviation in frames, or probability.
        run: The run.
    """

    kind: str
    amount: float
    run: Run

    @property
    def si_snr_i(self) -> float | None:
        """Mean improvement in dB."""
        return self.run.summary.aggregates["si_snr_i"].mean

    @property
    def nearer_to_interferer(self) -> float | None:
        """Share of targets whose estimate came out nearer to the other voice."""
        return self.run.summary.nearer_to_interferer


def stress(
    separator: torch.nn.Module,
    dataset: Sequence[Mixture],
    *,
    out: str | Path | None = None,
    kinds: Sequence[str] = tuple(SWEEPS),
    limit: int | None = 20,
    workers: int = 1,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[StressPoint]:
    """Sweep the disturbances of the mouths.

    Args:
        separator: As in `evaluate`.
        dataset: As in `evaluate`.
        out: Folder for the runs; None = memory only.
        kinds: Which sweeps of `SWEEPS`.
        limit: Number of mixtures, a fixed subset; None = all.
        workers: Processes.
        threads: Arithmetic threads in each.
        progress: Called with (points done, points in all).
    """
    modes = [f"{kind}:{amount}" for kind in kinds for amount in SWEEPS[kind]]
    points = []
    for done, mode in enumerate(modes):
        if progress:
            progress(done, len(modes))
        run = evaluate(
            separator,
            dataset,
            out=out,
            metrics=("si_snr",),
            limit=limit,
            mouths=mode,
            workers=workers,
            threads=threads,
        )
        read = parse_mouth_mode(mode)
        points.append(StressPoint(read.kind, read.amount, run))
    if progress:
        progress(len(modes), len(modes))
    return points
