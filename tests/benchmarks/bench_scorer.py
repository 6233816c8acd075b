"""Print how fast the scorer is against the libraries it agrees with, as ratios.

Run it with one thread (`OMP_NUM_THREADS=1 python tests/benchmarks/bench_scorer.py`). Every round
times all of them side by side on the same 2-s signals, so that a busy machine slows all alike;
what counts is the ratio of the medians of CPU time. Our PESQ is what runs and folders of estimates
use, in a guest process whose time is counted; the peer is the plain package. Then folders of such
signals are scored by one worker process and by two in turn, counted from the first scored file to
the last.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import fast_bss_eval
import numpy as np
import pesq
import pystoi
import soundfile
import tabulate
import torch
from torchmetrics.functional.audio import scale_invariant_signal_noise_ratio

from bench import metrics
from bench.run.folders.score import score_folders
from bench.run.guarded import guarded_pesq

RATE = 16000
IDS = ("si_snr", "sdr_bsseval512", "pesq_wb", "stoi")
Signal = np.ndarray
Scorer = Callable[[Signal, Signal], object]


def signals(count: int) -> list[tuple[Signal, Signal, Signal]]:
    """Make (estimate, reference, mixture) of noises that swell and fade like syllables."""
    rng = np.random.default_rng(0)
    time_s = np.arange(2 * RATE) / RATE
    made = []
    for _ in range(count):
        swell = np.abs(
            np.sin(np.pi * rng.uniform(2, 4, (2, 1)) * time_s + rng.uniform(0, 3, (2, 1)))
        )
        noise = rng.standard_normal((2, 2 * RATE))
        smooth = np.apply_along_axis(np.convolve, 1, noise, np.hanning(16), mode="same")
        target, interferer = 0.02 * smooth * swell
        made.append((target + 0.1 * interferer, target, target + interferer))
    return made


def peers() -> dict[str, Scorer]:
    """The fastest exact library of each metric, called as its users call it."""
    return {
        "si_snr": lambda e, r: scale_invariant_signal_noise_ratio(
            torch.from_numpy(e), torch.from_numpy(r)
        ),
        "sdr_bsseval512": fast_bss_eval.numpy.sdr_loss,
        "pesq_wb": lambda e, r: pesq.pesq(RATE, r, e, "wb"),
        "stoi": lambda e, r: pystoi.stoi(r, e, RATE),
    }


def ours() -> dict[str, Scorer]:
    """The same of this package."""
    return {
        "si_snr": lambda e, r: metrics.si_snr(estimate=e, reference=r),
        "sdr_bsseval512": lambda e, r: metrics.sdr_bsseval512(estimate=e, reference=r),
        "pesq_wb": lambda e, r: guarded_pesq(e, r, RATE, "wb"),
        "stoi": lambda e, r: metrics.stoi(estimate=e, reference=r),
    }


def timed(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median CPU milliseconds of each call, all of them side by side in every round."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    clocks = [time.CLOCK_THREAD_CPUTIME_ID, *guest_clocks()]
    for _ in range(rounds):
        for name, call in calls.items():
            start = sum(map(time.clock_gettime, clocks))
            call()
            found[name].append(1000 * (sum(map(time.clock_gettime, clocks)) - start))
    return {name: median(times) for name, times in found.items()}


def guest_clocks() -> list[int]:
    """Clocks of the CPU time of the processes that this thread has started (Linux)."""
    clocks = []
    for process in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        clock = ctypes.c_int()
        ctypes.CDLL(None).clock_getcpuclockid(int(process), ctypes.byref(clock))
        clocks.append(clock.value)
    return clocks


def throughput(files: int, rounds: int) -> dict[int, tuple[float, float]]:
    """Files per second and CPU milliseconds per file, with one and two workers, the best of each.

    On a busy machine only the latter means anything: equal CPU time per file is what twice the
    workers need to be twice as fast.
    """
    best = {1: (0.0, float("inf")), 2: (0.0, float("inf"))}
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / role for role in ("estimates", "references", "mixtures")]
        for folder in folders:
            folder.mkdir()
        made = signals(16)
        for number in range(files):
            for folder, samples in zip(folders, made[number % 16], strict=True):
                soundfile.write(folder / f"{number}.wav", samples, RATE)
        for _ in range(rounds):
            for workers, (most, least) in list(best.items()):
                speed, cost = measured(folders, workers)
                best[workers] = (max(most, speed), min(least, cost))
    return best


def measured(folders: list[Path], workers: int) -> tuple[float, float]:
    """Score folders; files per second and CPU milliseconds per file once all have begun."""
    marks: list[tuple[int, float, float]] = []

    def note(done: int, total: int) -> None:
        if done in (2 * workers, total):
            marks.append((done, time.perf_counter(), family_cpu_s()))

    with tempfile.TemporaryDirectory() as fresh:  # no scores of mixtures that are known already
        os.environ["AVSS_BENCH_CACHE"] = fresh
        score_folders(*folders, metrics=IDS, workers=workers, progress=note)
    (before, start, idle), (after, end, busy) = marks
    return (after - before) / (end - start), 1000 * (busy - idle) / (after - before)


def family_cpu_s() -> float:
    """CPU seconds of this process and all that descend from it (Linux)."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
            used[int(entry.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf(
                "SC_CLK_TCK"
            )
    family, total = [os.getpid()], 0.0
    while family:
        process = family.pop()
        family += children.get(process, [])
        total += used.get(process, 0.0)
    return total


def main() -> None:
    """Time everything and print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--items", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--files", type=int, default=200, help="for the worker processes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in (*IDS, "all, score()")}
    for estimate, reference, mixture in signals(options.items):
        asked = {"reference": reference, "metrics": IDS, "pesq": guarded_pesq}
        known = metrics.score(estimate=mixture, **asked).values
        calls: dict[str, Callable[[], object]] = {}
        for side, scorers in (("ours", ours()), ("peer", peers())):
            for name, scorer in scorers.items():
                calls[f"{side} {name}"] = lambda s=scorer, e=estimate, r=reference: s(e, r)
        calls["ours all, score()"] = lambda e=estimate, m=mixture, k=known, asked=asked: (
            metrics.score(estimate=e, mixture=m, mixture_scores=k, **asked)
        )
        found = timed(calls, options.rounds)
        found["peer all, score()"] = sum(found[f"peer {name}"] for name in IDS)
        for name, pairs in rows.items():
            pairs.append((found[f"ours {name}"], found[f"peer {name}"]))
    table = []
    for name, pairs in rows.items():
        own, other = (median(column) for column in zip(*pairs, strict=True))
        table.append((name, own, other, own / other))
    print(tabulate.tabulate(table, ("CPU ms per 2 s", "ours", "peer", "ratio"), floatfmt=".3f"))
    found = throughput(options.files, rounds=3)
    table = [(workers, *figures) for workers, figures in found.items()]
    print()
    print(tabulate.tabulate(table, ("workers", "files/s", "CPU ms/file"), floatfmt=".1f"))
    (one, cost), (two, cost_of_two) = found.values()
    print(f"two over one: {two / one:.2f} by the clock, {2 * cost / cost_of_two:.2f} by CPU time")


if __name__ == "__main__":
    main()
