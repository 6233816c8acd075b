"""Several processes on this machine, each of which can die without taking more than its item along.

A shared pool loses everything queued when one worker dies. Here every worker has a pipe of its own:
when it dies, exactly the item it was working on is known. That item is tried once more in a fresh
worker, since a kill from outside is not the item's fault, and then given up.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from bench.execute.outcome import Outcome

__all__ = ["Processes"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_ATTEMPTS = 2
_SPAWN = multiprocessing.get_context("spawn")


class Processes:
    """Carry out tasks in a fixed number of worker processes."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(
        self, make_task: Callable[[], Callable[[Item], Result]], items: Sequence[Item]
    ) -> Iterator[Outcome[Item, Result]]:
        """Yield outcomes as they come; see `Executor.run`.

        An exception of the task itself is raised here, as it would be in this process.
        """
        idle = [_Worker(make_task) for _ in range(min(self.workers, len(items)))]
        waiting = [(item, 1) for item in reversed(items)]
        busy: dict[Connection, tuple[_Worker, Item, int]] = {}
        try:
            while waiting or busy:
                while waiting and idle:
                    worker, (item, attempt) = idle.pop(), waiting.pop()
                    worker.send(item)
                    busy[worker.pipe] = (worker, item, attempt)
                ready = wait(list(busy))
                for pipe in [pipe for pipe in busy if pipe in ready]:
                    worker, item, attempt = busy.pop(pipe)
                    outcome = worker.receive(item)
                    if outcome.crash is not None:
                        worker.close()
                        worker = _Worker(make_task)
                    idle.append(worker)
                    if outcome.crash is not None and attempt < _ATTEMPTS:
                        waiting.append((item, attempt + 1))
                    else:
                        yield outcome
        finally:
            for worker in [*idle, *(worker for worker, _, _ in busy.values())]:
                worker.close()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, make_task: Callable[[], Callable[[Any], Any]]) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(make_task, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, item: Any) -> None:
        try:
            self.pipe.send(item)
        except BrokenPipeError:
            return  # it died already; `receive` says how

    def receive(self, item: Any) -> Outcome[Any, Any]:
        """Read what became of the item; an exception of the task is raised again here."""
        try:
            result, error = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            return Outcome(item, None, _ending(self._process.exitcode or 0))
        if error is not None:
            raise error
        return Outcome(item, result)

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _ending(code: int) -> str:
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"
    return f"the worker process {how}, {_ATTEMPTS} times"


def _serve(make_task: Callable[[], Callable[[Any], Any]], pipe: Connection) -> None:
    """Be a worker: make the task once, then answer item after item."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    task: Callable[[Any], Any] | None = None
    while True:
        item = pipe.recv()
        result, failure = None, None
        try:
            task = task or make_task()
            result = task(item)
        except Exception as error:
            failure = error
        pipe.send((result, failure))


def _end_with_parent() -> None:
    """Leave no orphan behind when the parent was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
