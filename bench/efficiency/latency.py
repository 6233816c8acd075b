"""How long a separator takes: a protocol whose figures can be compared.

1. The first call of each system is timed apart: it includes what is set up once.
2. Warm-up rounds until the medians of two successive windows agree within 2 %.
3. Rounds in which the systems take turns (A B C, A B C, ...), so that a machine that gets slower or
   faster treats all alike: at least 7, then up to 50, or until a system has run for 60 s.
4. Reported: median, least, interquartile range, 95th percentile from 20 runs on; CPU time beside
   wall time; noise (the range over the median). A row is marked as busy where others used the
   machine, or the runs spread too far: it must not be quoted.

Inputs lie on the device before the clock starts. On a GPU the time is that between two events on
its stream; TF32 is off.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict

from bench.efficiency.device import BusyWatch

__all__ = ["Clock", "Protocol", "Run", "Timing", "cpu_clock", "cuda_clock", "time_in_turns"]


@dataclass(frozen=True)
class Run:
    """One call: wall time (or the GPU's) and the CPU time of this process, in seconds."""

    wall_s: float
    cpu_s: float


Clock = Callable[[Callable[[], Any]], Run]


@dataclass(frozen=True)
class Protocol:
    """When a measurement ends, and when it must not be believed.

    Attributes:
        agreement: Relative difference of two windows' medians that ends the warm-up.
        window: Calls in a window.
        windows: After so many the warm-up ends in any case, and the row says so.
        fewest: Runs that every system gets.
        most: Runs that no system exceeds.
        longest_s: No further run once a system has run so long.
        others: Cores used by others from which a row is marked as busy.
        spread: Noise from which it is.
    """

    agreement: float = 0.02
    window: int = 3
    windows: int = 6
    fewest: int = 7
    most: int = 50
    longest_s: float = 60.0
    others: float = 0.2
    spread: float = 0.1


class Timing(BaseModel):
    """The runs of one system.

    Attributes:
        first_s: The very first call.
        warm_up: Calls before the runs.
        settled: Whether the warm-up ended by agreement.
        runs_s: Wall time of every run, in the order of the rounds.
        cpu_s: CPU time of this process, likewise.
        others: Cores that other programs used meanwhile.
        busy: Whether the row must not be quoted.
        session: The same for systems that took turns, so that their runs pair up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_s: float
    warm_up: int
    settled: bool
    runs_s: tuple[float, ...]
    cpu_s: tuple[float, ...]
    others: float
    busy: bool
    session: str

    @property
    def median_s(self) -> float:
        """Of the wall times."""
        return statistics.median(self.runs_s)

    @property
    def cpu_median_s(self) -> float:
        """Of the CPU times."""
        return statistics.median(self.cpu_s)

    @property
    def least_s(self) -> float:
        """Shortest wall time."""
        return min(self.runs_s)

    @property
    def range_s(self) -> float:
        """Interquartile range."""
        return _range(self.runs_s)

    @property
    def p95_s(self) -> float | None:
        """95th percentile; None below 20 runs, where it would be the longest run."""
        return float(np.percentile(self.runs_s, 95)) if len(self.runs_s) >= 20 else None

    @property
    def noise(self) -> float:
        """Interquartile range over the median."""
        return self.range_s / self.median_s


def _range(times: tuple[float, ...] | list[float]) -> float:
    low, high = np.percentile(times, [25, 75])
    return float(high - low)


def cpu_clock(call: Callable[[], Any]) -> Run:
    """Time one call on the CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Run(time.perf_counter() - wall, time.process_time() - cpu)


def cuda_clock(call: Callable[[], Any]) -> Run:
    """Time one call on the current GPU, by events on its stream."""
    start = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
    end = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
    torch.cuda.synchronize()
    cpu = time.process_time()
    start.record()
    call()
    end.record()
    torch.cuda.synchronize()
    return Run(start.elapsed_time(end) / 1000, time.process_time() - cpu)


@dataclass
class _Subject:
    """A system while it is measured."""

    call: Callable[[], Any]
    first_s: float = 0.0
    warm_up: int = 0
    settled: bool = False
    runs: list[Run] = field(default_factory=list)

    def done(self, protocol: Protocol) -> bool:
        if len(self.runs) < protocol.fewest:
            return False
        spent = sum(run.wall_s for run in self.runs)
        return len(self.runs) >= protocol.most or spent >= protocol.longest_s


def time_in_turns(
    calls: Mapping[str, Callable[[], Any]],
    *,
    clock: Clock = cpu_clock,
    protocol: Protocol | None = None,
    session: str = "",
    watch: Callable[[], BusyWatch] = BusyWatch,
    failed: Callable[[str, Exception], None] | None = None,
) -> dict[str, Timing]:
    """Time several systems by the protocol of this module.

    Args:
        calls: What runs each system once, by name.
        clock: `cpu_clock` or `cuda_clock`.
        protocol: When to end; the one described above unless told otherwise.
        session: Name of this measurement, kept with the rows.
        watch: Tells what others do to the machine.
        failed: Called with the name and error of a system that fails at its first call, which is
            then left out; without it the error is raised.
    """
    rules = protocol or Protocol()
    subjects = {}
    for name, call in calls.items():
        subject = _Subject(call)
        try:
            _warm_up(subject, clock, rules)
        except Exception as error:
            if failed is None:
                raise
            failed(name, error)
        else:
            subjects[name] = subject
    busy = watch()
    while running := [s for s in subjects.values() if not s.done(rules)]:
        for subject in running:
            subject.runs.append(clock(subject.call))
    others = busy.others()
    return {name: _timing(s, others, rules, session) for name, s in subjects.items()}


def _warm_up(subject: _Subject, clock: Clock, rules: Protocol) -> None:
    subject.first_s = clock(subject.call).wall_s
    last = None
    for _ in range(rules.windows):
        times = [clock(subject.call).wall_s for _ in range(rules.window)]
        subject.warm_up += rules.window
        median = statistics.median(times)
        if last is not None and abs(median - last) <= rules.agreement * last:
            subject.settled = True
            return
        last = median


def _timing(subject: _Subject, others: float, rules: Protocol, session: str) -> Timing:
    walls = tuple(run.wall_s for run in subject.runs)
    noise = _range(walls) / statistics.median(walls)
    return Timing(
        first_s=subject.first_s,
        warm_up=1 + subject.warm_up,
        settled=subject.settled,
        runs_s=walls,
        cpu_s=tuple(run.cpu_s for run in subject.runs),
        others=round(others, 2),
        busy=others > rules.others or noise > rules.spread,
        session=session,
    )
