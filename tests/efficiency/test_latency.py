"""The protocol of latency, on a clock that tells invented times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from bench.core.environment import physical_cores
from bench.efficiency.device import BusyWatch, describe_device, fixed_arithmetic
from bench.efficiency.latency import Protocol, Run, Timing, cpu_clock, time_in_turns


class Quiet(BusyWatch):
    """Nobody else uses the machine."""

    def others(self) -> float:
        return 0.0


class Crowded(BusyWatch):
    """Somebody else uses a core and a half."""

    def others(self) -> float:
        return 1.5


def clock_of(times: dict[str, Iterator[float]], log: list[str]) -> Callable[..., Run]:
    """Return a clock for calls that return their name."""

    def clock(call: Callable[[], Any]) -> Run:
        name = call()
        log.append(name)
        seconds = next(times[name])
        return Run(seconds, 0.9 * seconds)

    return clock


def steady(value: float) -> Iterator[float]:
    while True:
        yield value


def measured(
    times: dict[str, Iterator[float]], log: list[str] | None = None, **options: Any
) -> dict[str, Timing]:
    calls = {name: (lambda name=name: name) for name in times}
    return time_in_turns(
        calls, clock=clock_of(times, log if log is not None else []), watch=Quiet, **options
    )


def falling(first: float, then: float, after: int) -> Iterator[float]:
    for _ in range(after):
        yield first
    yield from steady(then)


def test_systems_take_turns_after_their_warm_up() -> None:
    log: list[str] = []
    rules = Protocol(fewest=7, most=8, longest_s=1e9)
    rows = measured({"a": steady(1.0), "b": steady(2.0)}, log, protocol=rules)
    assert log[:7] == ["a"] * 7  # the first call and two windows of three
    assert log[14:] == ["a", "b"] * 8
    assert rows["a"].first_s == 1.0
    assert rows["a"].warm_up == 7
    assert rows["a"].settled


def test_at_least_seven_runs_then_until_a_minute_is_spent() -> None:
    rows = measured({"slow": steady(20.0), "fast": steady(0.1), "middle": steady(5.0)})
    assert len(rows["slow"].runs_s) == 7
    assert len(rows["middle"].runs_s) == 12
    assert len(rows["fast"].runs_s) == 50


def test_the_warm_up_goes_on_until_two_windows_agree() -> None:
    # The first call and one window are slow, so that a second and a third window are needed.
    row = measured({"a": falling(3.0, 1.0, after=4)})["a"]
    assert row.settled
    assert row.warm_up == 1 + 3 * 3
    assert row.first_s == 3.0
    drifting = (2.0 * 0.9**n for n in range(10_000))
    row = measured({"a": drifting}, protocol=Protocol(most=7))["a"]
    assert not row.settled
    assert row.warm_up == 1 + 6 * 3


def test_figures_of_a_row() -> None:
    runs = tuple(float(n) for n in range(1, 21))
    row = Timing(
        first_s=9.0,
        warm_up=7,
        settled=True,
        runs_s=runs,
        cpu_s=runs[:7],
        others=0.0,
        busy=False,
        session="s",
    )
    assert row.median_s == 10.5
    assert row.least_s == 1.0
    assert row.range_s == pytest.approx(9.5)
    assert row.p95_s == pytest.approx(19.05)
    assert row.cpu_median_s == 4.0
    assert row.noise == pytest.approx(9.5 / 10.5)
    assert row.model_copy(update={"runs_s": runs[:19]}).p95_s is None


def test_a_row_is_marked_where_others_work_or_runs_spread() -> None:
    calls = {"a": lambda: "a"}
    for watch, times, busy in (
        (Quiet, steady(1.0), False),
        (Crowded, steady(1.0), True),
        (Quiet, (float(n % 3 + 1) for n in range(1000)), True),
    ):
        rows = time_in_turns(calls, clock=clock_of({"a": times}, []), watch=watch)
        assert rows["a"].busy is busy


def test_one_that_fails_is_left_out_and_the_others_go_on() -> None:
    def fail() -> None:
        raise RuntimeError("too little memory")

    failures: list[tuple[str, str]] = []
    rows = time_in_turns(
        {"bad": fail, "good": lambda: None},
        protocol=Protocol(windows=1, fewest=1, most=1),
        watch=Quiet,
        failed=lambda name, error: failures.append((name, str(error))),
    )
    assert set(rows) == {"good"}
    assert failures == [("bad", "too little memory")]
    with pytest.raises(RuntimeError, match="too little memory"):
        time_in_turns({"bad": fail}, watch=Quiet)


def test_the_cpu_clock_sees_work() -> None:
    run = cpu_clock(lambda: torch.ones(300, 300) @ torch.ones(300, 300))
    assert run.wall_s > 0
    assert run.cpu_s >= 0


def test_arithmetic_is_fixed_and_restored() -> None:
    before = torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32
    with fixed_arithmetic(1):
        assert torch.get_num_threads() == 1
        assert not torch.backends.cuda.matmul.allow_tf32
        assert not torch.backends.cudnn.allow_tf32
    assert (torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32) == before


def test_a_device_has_a_key_without_a_host() -> None:
    device = describe_device("cpu")
    assert device.kind == "cpu"
    assert device.cores == physical_cores() >= 1
    assert device.key.endswith(f"torch-{torch.__version__.partition('+')[0]}")
    assert device.key == device.key.lower()
    assert " " not in device.key
    assert "/" not in device.key
    gpu = device.model_copy(update={"kind": "cuda", "name": "NVIDIA X 9", "driver": "550.1"})
    assert gpu.key.startswith("nvidia-x-9_driver-550.1_torch-")


def test_the_watch_counts_no_negative_cores() -> None:
    assert BusyWatch().others() >= 0
