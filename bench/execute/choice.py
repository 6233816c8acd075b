"""Which way of carrying out tasks goes with a number of workers."""

from __future__ import annotations

from bench.execute.outcome import Executor
from bench.execute.processes import Processes
from bench.execute.serial import Serial

__all__ = ["choose_executor"]


def choose_executor(workers: int) -> Executor:
    """Return what carries out tasks: this process for one worker, processes of their own for more.

    Args:
        workers: Number of processes, at least 1.
    """
    return Serial() if workers == 1 else Processes(workers)
