"""A function elsewhere: its results, its errors, and its deaths."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bench.execute.guest import Guest, GuestDiedError

HERE = str(Path(__file__).parent)


def test_results_and_errors_come_back() -> None:
    guest = Guest("operator:truediv")
    assert guest(6, 3) == 2
    with pytest.raises(ZeroDivisionError):
        guest(1, 0)
    assert guest(1, 2) == 0.5
    guest.close()


def test_a_death_costs_one_call() -> None:
    guest = Guest("os:_exit")
    with pytest.raises(GuestDiedError, match="exited with 3"):
        guest(3)
    with pytest.raises(GuestDiedError, match="exited with 4"):
        guest(4)


def test_a_signal_is_named() -> None:
    with pytest.raises(GuestDiedError, match="was ended by SIGABRT"):
        Guest("os:abort")()


def test_what_the_function_prints_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    guest = Guest("tasks:chatter")
    assert guest("hello") == "hello"
    guest.close()


def test_a_guest_never_gets_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    guest = Guest("tasks:is_deaf")
    assert guest() is True
    guest.close()


def test_named_arguments_are_passed_on() -> None:
    guest = Guest("builtins:int")
    assert guest("ff", base=16) == 255
    guest.close()


def test_a_script_without_a_main_guard_may_have_a_guest(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from bench.execute.guest import Guest\nprint(Guest('operator:add')(1, 2))\n")
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, env=os.environ
    )
    assert (done.stdout, done.stderr) == ("3\n", "")


def test_an_interrupted_call_leaves_no_answer_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(HERE)
    guest = Guest("tasks:wait_and_repeat")

    def interrupt() -> None:
        while not (tmp_path / "begun").exists():
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        guest("first", tmp_path)
    (tmp_path / "go").touch()
    assert guest("second", tmp_path) == "second"
    guest.close()


def test_what_cannot_be_pickled_is_an_error_of_its_call_alone() -> None:
    guest = Guest("bench.errors:unknown_name")
    with pytest.raises(AttributeError, match="local"):
        guest(lambda: None, "given", ["known"])
    assert "given" in str(guest("kind", "given", ["known"]))
    guest.close()


def test_exceptions_that_do_not_survive_pickling_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(HERE)
    guest = Guest("tasks:raise_two_parts")
    with pytest.raises(RuntimeError, match="TwoPartError: this and that"):
        guest()
    guest.close()
