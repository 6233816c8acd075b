"""How far scores move when an estimate is disturbed: what the tolerances of verify rest on.

    python tests/benchmarks/bench_score_noise.py

Estimates of the oracle masks and the mixtures themselves, with white noise 80, 60 and 40 dB below
each; printed is the largest change of every score, beside its tolerance at that noise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from tabulate import tabulate

import bench
from bench.board.verification.tolerances import Tolerance, choose_tolerance
from bench.metrics import score

METRICS = ("si_snr", "snr", "sdr_bsseval512", "pesq_wb", "pesq_nb", "stoi", "estoi")
SYSTEMS = ("ideal-ratio-mask", "ideal-binary-mask", "mixture")
MIXTURES = 40
TOLERANCES = (
    choose_tolerance(devices={"cpu"}, identical=True),
    choose_tolerance(devices={"cuda"}, identical=True),
    choose_tolerance(devices={"cpu"}, identical=False),
)

Signal = NDArray[np.float32]


def estimates() -> Iterator[tuple[Signal, Signal]]:
    """Yield estimates with their references."""
    for mixture in bench.load_dataset("talking-heads-2mix").subset(MIXTURES):
        references = torch.from_numpy(mixture.references)[None]
        heard = torch.from_numpy(mixture.mixture)[None]
        mouths = torch.zeros(1, 2, 50, 88, 88)
        for name in SYSTEMS:
            separator = bench.load_separator(name)
            more = {"references": references} if separator.uses_references else {}
            voices = separator(heard, mouths, **more)[0].numpy()
            yield from zip(voices, mixture.references, strict=True)


def changes(tolerance: Tolerance) -> dict[str, list[tuple[float, float]]]:
    """Return every change by score: as a share of its tolerance there, and itself."""
    generator = np.random.default_rng(0)
    found: dict[str, list[tuple[float, float]]] = {metric: [] for metric in METRICS}
    for estimate, reference in estimates():
        noise = generator.standard_normal(len(estimate))
        noise *= tolerance.noise * np.linalg.norm(estimate) / np.linalg.norm(noise)
        noisy = (estimate + noise).astype(np.float32)
        before, after = (
            score(estimate=heard, reference=reference, metrics=METRICS).values
            for heard in (estimate, noisy)
        )
        for metric in METRICS:
            first, second = before[metric], after[metric]
            if first is not None and second is not None:
                change = second - first
                found[metric].append((abs(change) / tolerance.of(metric, first), change))
    return found


def main() -> None:
    torch.set_num_threads(1)
    rows = []
    for tolerance in TOLERANCES:
        for metric, found in changes(tolerance).items():
            share, change = max(found, key=lambda pair: pair[0])
            mean = float(np.mean([change for _, change in found]))
            of_mean = abs(mean) / tolerance.of_mean(metric)
            figures = (f"{change:+.5f}", f"{share:.2f}", f"{mean:+.5f}", f"{of_mean:.2f}")
            rows.append((tolerance.reason, metric, *figures))
    headers = ("noise of", "score", "largest", "of its tolerance", "mean", "of its tolerance")
    sys.stdout.write(tabulate(rows, headers, disable_numparse=True) + "\n")


if __name__ == "__main__":
    main()
