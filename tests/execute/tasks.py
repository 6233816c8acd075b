"""Tasks for worker processes; they must be importable there."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def make_square() -> Callable[[int], int]:
    return lambda number: number * number


def make_poisoned() -> Callable[[int], int]:
    """Squares, but 3 and 7 end the process."""

    def task(number: int) -> int:
        if number in (3, 7):
            os.kill(os.getpid(), signal.SIGSEGV)
        return number * number

    return task


def make_unlucky(marker: Path) -> Callable[[int], int]:
    """Squares, but the first process that meets a 2 is killed from outside."""

    def task(number: int) -> int:
        if number == 2 and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number * number

    return task


class TwoPartError(Exception):
    """Can be pickled, but not read again: its parts are not its arguments."""

    def __init__(self, part: str, other: str) -> None:
        super().__init__(f"{part} and {other}")


def raise_two_parts() -> None:
    raise TwoPartError("this", "that")


def make_two_parts() -> Callable[[int], None]:
    return lambda number: raise_two_parts()


def make_raising() -> Callable[[int], int]:
    def task(number: int) -> int:
        raise ValueError(f"no {number}")

    return task


def make_nothing() -> Callable[[int], int]:
    raise RuntimeError("the task cannot be made")


def make_process_id() -> Callable[[int], int]:
    return lambda number: os.getpid()


def make_deafness() -> Callable[[int], bool]:
    return lambda number: is_deaf()


def is_deaf() -> bool:
    """Whether Ctrl-C is kept from this process."""
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def chatter(word: str) -> str:
    """Print to the first output, as C code may."""
    os.write(1, b"printed\n")
    return word


def wait_and_repeat(word: str, folder: Path) -> str:
    """Say that the call has begun, and answer when a file called `go` is there."""
    (folder / "begun").touch()
    while not (folder / "go").exists():
        time.sleep(0.001)
    return word
