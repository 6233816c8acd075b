"""Every item has its outcome, whatever becomes of the process that worked on it."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
import tasks

from bench.execute.outcome import Executor
from bench.execute.processes import Processes
from bench.execute.serial import Serial


@pytest.mark.parametrize("executor", [Serial(), Processes(1), Processes(2), Processes(9)])
def test_every_item_has_its_result(executor: Executor) -> None:
    outcomes = list(executor.run(tasks.make_square, range(5)))
    assert sorted((o.item, o.result) for o in outcomes) == [(k, k * k) for k in range(5)]
    assert all(o.crash is None for o in outcomes)


@pytest.mark.parametrize("executor", [Serial(), Processes(2)])
def test_no_items_start_nothing(executor: Executor) -> None:
    assert list(executor.run(tasks.make_nothing, [])) == []


def test_a_crash_costs_exactly_its_item() -> None:
    outcomes = {o.item: o for o in Processes(2).run(tasks.make_poisoned, range(10))}
    assert {k for k, o in outcomes.items() if o.crash} == {3, 7}
    assert outcomes[3].crash == "the worker process was ended by SIGSEGV, 2 times"
    assert all(outcomes[k].result == k * k for k in range(10) if k not in (3, 7))


def test_an_item_whose_worker_was_killed_from_outside_is_tried_again(tmp_path: Path) -> None:
    make_task = partial(tasks.make_unlucky, tmp_path / "marker")
    outcomes = list(Processes(2).run(make_task, range(4)))
    assert sorted(o.result for o in outcomes if o.result is not None) == [0, 1, 4, 9]


@pytest.mark.parametrize("executor", [Serial(), Processes(2)])
def test_an_exception_is_raised_here(executor: Executor) -> None:
    with pytest.raises(ValueError, match="no 1"):
        list(executor.run(tasks.make_raising, [1]))


@pytest.mark.parametrize("executor", [Serial(), Processes(1)])
def test_a_task_that_cannot_be_made_is_an_exception_not_a_crash(executor: Executor) -> None:
    with pytest.raises(RuntimeError, match="cannot be made"):
        list(executor.run(tasks.make_nothing, [1]))


def test_workers_end_with_the_run() -> None:
    running = Processes(2).run(tasks.make_process_id, range(4))
    first = next(running).result
    running.close()
    with pytest.raises(ProcessLookupError):
        os.kill(first or 0, 0)
