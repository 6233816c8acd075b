"""Print how many scores of PESQ our transforms leave as they are, bit by bit, and what they save.

Voices of the embedded set are scored by the `pesq` package alone and with the transforms of
`bench/metrics/fourier.c`, in a process each: estimates of oracle masks, noisy and leaked ones, and
the mixtures themselves, wide-band and narrow-band in turn.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tabulate
from scipy import signal

from bench.datasets import load_dataset
from bench.execute.guest import Guest
from bench.metrics.fourier import assess_pesq_faster, why_pesq_is_alone
from bench.metrics.perceptual import assess_pesq

RATE = 16000
KINDS = ("oracle mask", "noisy", "leaked", "mixture")
Scored = tuple[float, str, float]
Item = tuple[np.ndarray, np.ndarray, int, str]


def alone(*item: object) -> Scored:
    """Score by the package alone; the CPU seconds come along."""
    start = time.thread_time()
    return (*assess_pesq(*item), time.thread_time() - start)


def faster(*item: object) -> Scored:
    """Score with our transforms."""
    start = time.thread_time()
    return (*assess_pesq_faster(*item), time.thread_time() - start)


def why() -> str:
    """Why our transforms do not serve that process."""
    return why_pesq_is_alone()[0]


def items(count: int) -> Iterator[tuple[str, Item]]:
    """Make that many items; chance decides about voices, places, lengths and levels."""
    rng = np.random.default_rng(0)
    data = load_dataset("talking-heads-2mix-full")
    for number in range(count):
        mixture = data.mix(int(rng.integers(len(data))))[1].references / 32768
        target, interferer = mixture[:: rng.choice([1, -1])]
        samples = min(target.size, int(rng.uniform(1, 6) * RATE))
        start = int(rng.integers(target.size - samples + 1))
        target, interferer = target[start : start + samples], interferer[start : start + samples]
        kind = KINDS[number // 2 % len(KINDS)]
        estimate = damaged(kind, target, interferer, rng)
        yield kind, (estimate, target, RATE, ("wb", "nb")[number % 2])


def damaged(
    kind: str, target: np.ndarray, interferer: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Make an estimate of one kind."""
    if kind == "mixture":
        return target + interferer
    if kind == "leaked":
        return target + rng.uniform(0.02, 0.7) * interferer
    if kind == "noisy":
        level = rng.uniform(0.02, 1) * target.std()
        return target + level * rng.standard_normal(target.size)
    length = int(rng.choice([256, 512, 1024]))
    _, _, spectra = signal.stft([target, interferer], nperseg=length)
    mask = abs(spectra[0]) / (abs(spectra).sum(axis=0) + 1e-9)
    mask = mask if rng.random() < 0.5 else mask > 0.5
    _, estimate = signal.istft(mask * spectra.sum(axis=0), nperseg=length)
    return estimate[: target.size]


def main() -> None:
    """Score everything both ways and print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    options = parser.parse_args()
    if reason := Guest("bench_pesq_equal:why")():
        raise SystemExit(f"Our transforms do not serve here: {reason}.")
    guests = [Guest("bench_pesq_equal:alone"), Guest("bench_pesq_equal:faster")]
    found: dict[tuple[str, str], list[tuple[Scored, Scored]]] = {}
    with ThreadPoolExecutor(2) as both:
        for kind, item in items(options.items):
            one, other = both.map(lambda guest, item=item: guest(*item), guests)
            found.setdefault((kind, item[3]), []).append((one, other))
    found["all", "both"] = [pair for pairs in found.values() for pair in pairs]
    rows = [(*name, *row(pairs)) for name, pairs in found.items()]
    headers = ("estimates", "mode", "items", "no score", "equal bits", "largest difference", "CPU")
    print(tabulate.tabulate(rows, headers, floatfmt=("", "", "", "", "", ".3g", ".2f")))


def row(pairs: list[tuple[Scored, Scored]]) -> tuple[int, int, int, float, float]:
    """Count and compare."""
    values = np.array([(one[0], other[0]) for one, other in pairs])
    equal = [
        first.tobytes() == second.tobytes() and one[1] == other[1]
        for (first, second), (one, other) in zip(values, pairs, strict=True)
    ]
    alone_s, faster_s = (sum(pair[side][2] for pair in pairs) for side in (0, 1))
    none = int(np.isnan(values).any(axis=1).sum())
    apart = np.nanmax(abs(values[:, 0] - values[:, 1]))
    return len(pairs), none, sum(equal), float(apart), faster_s / alone_s


if __name__ == "__main__":
    main()
