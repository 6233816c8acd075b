"""Every item has its outcome, whatever becomes of the process that worked on it."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import tasks

from bench.errors import WorkerError
from bench.execute import processes
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


def test_workers_never_get_ctrl_c_and_we_still_do() -> None:
    assert [outcome.result for outcome in Processes(2).run(tasks.make_deafness, [1, 2])] == [
        True
    ] * 2
    assert not tasks.is_deaf()


def test_a_worker_that_dies_before_it_is_ready_is_one_error() -> None:
    with pytest.raises(WorkerError, match=r"cannot start \(one exited with 3\); a script that"):
        list(Processes(2).run(partial(os._exit, 3), range(4)))


def test_a_script_without_a_main_guard_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import functools\n"
        "from bench.errors import WorkerError\n"
        "from bench.execute.processes import Processes\n"
        "try:\n"
        "    print(list(Processes(1).run(functools.partial(abs, -1), [1])))\n"
        "except WorkerError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert "cannot start (one exited with 1)" in done.stdout
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("make_task", "said"),
    [
        (tasks.make_raising, "no 1"),
        (tasks.make_nothing, "cannot be made"),
        (tasks.make_two_parts, "TwoPartError: this and that"),
    ],
)
def test_a_task_that_raises_leaves_no_process_behind(
    make_task: Callable[[], Callable[[int], object]], said: str
) -> None:
    with pytest.raises((ValueError, RuntimeError), match=said):
        list(Processes(3).run(make_task, [1, 1, 1]))
    assert multiprocessing.active_children() == []


def test_workers_that_were_started_before_one_that_cannot_be_are_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start, left = processes._SPAWN.Process.start, [True, True]

    def start_two(process: multiprocessing.process.BaseProcess) -> None:
        if not left:
            raise OSError("no more processes")
        left.pop()
        start(process)

    monkeypatch.setattr(processes._SPAWN.Process, "start", start_two)
    with pytest.raises(OSError, match="no more processes"):
        list(Processes(3).run(tasks.make_square, range(3)))
    assert multiprocessing.active_children() == []


def test_a_task_with_more_tensors_than_there_are_file_descriptors(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import functools, resource, torch\n"
        "from bench.execute.processes import Processes\n"
        "def make(tensors):\n"
        "    return functools.partial(pick, tensors)\n"
        "def pick(tensors, position):\n"
        "    return tensors[position]\n"
        "if __name__ == '__main__':\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "    tensors = [torch.full((2,), float(k)) for k in range(300)]\n"
        "    run = Processes(1).run(functools.partial(make, tensors), range(300))\n"
        "    print(sum(outcome.result.sum().item() for outcome in list(run)))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("89700.0\n", "")
