"""Several processes on this machine, each of which can die without taking more than its item along.

A shared pool loses everything queued when one worker dies. Here every worker has a pipe of its own:
when it dies, exactly the item it was working on is known. That item is tried once more in a fresh
worker, since a kill from outside is not the item's fault, and then given up. A worker that ends
before it has made its task is no item's fault: that is an error.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple, TypeVar

from bench.errors import WorkerError
from bench.execute.answers import answer, failure
from bench.execute.interrupts import deaf_to_interrupts
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

        Raises:
            WorkerError: A worker ended before it had made its task.
        """
        if not items:
            return
        crew = _Crew(pickle.dumps(make_task, protocol=pickle.HIGHEST_PROTOCOL), items)
        try:
            crew.start(min(self.workers, len(items)))
            yield from crew.outcomes()
        finally:
            crew.close()


class _Crew:
    """The workers of one run, and the items that none of them has begun."""

    def __init__(self, make_task: bytes, items: Sequence[Any]) -> None:
        self._make_task = make_task
        self._waiting = [_Turn(item, 1) for item in reversed(items)]
        self._workers: list[_Worker] = []

    def start(self, count: int) -> None:
        """Start all workers before the first is waited for."""
        for _ in range(count):
            self._workers.append(_Worker())
        for worker in self._workers:
            worker.prepare(self._make_task)

    def outcomes(self) -> Iterator[Outcome[Any, Any]]:
        while busy := {worker.pipe: worker for worker in self._workers if worker.busy}:
            ready = wait(list(busy))
            for worker in [worker for pipe, worker in busy.items() if pipe in ready]:
                outcome = self._hear(worker)
                if outcome is not None:
                    yield outcome

    def _hear(self, worker: _Worker) -> Outcome[Any, Any] | None:
        """Take what a worker says, and give it or its successor the next item."""
        turn, outcome = worker.turn, worker.receive()
        if outcome is not None and outcome.crash is not None and turn is not None:
            worker.close()
            self._workers.remove(worker)
            if turn.attempt < _ATTEMPTS:
                self._waiting.append(_Turn(turn.item, turn.attempt + 1))
                outcome = None
            if self._waiting:
                self._workers.append(successor := _Worker())
                successor.prepare(self._make_task)
        elif self._waiting:
            worker.begin(self._waiting.pop())
        return outcome

    def close(self) -> None:
        for worker in self._workers:
            worker.close()


class _Turn(NamedTuple):
    """An item and how often it will have been tried."""

    item: Any
    attempt: int


class _Worker:
    """One process and the pipe to it.

    Attributes:
        pipe: The parent's end.
        turn: What it works on; None until it is ready.
        busy: Whether it will say something.
    """

    def __init__(self) -> None:
        self.turn: _Turn | None = None
        self.busy = False
        self.pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
        resource_tracker.ensure_running()  # starting it later would let Ctrl-C through again
        try:
            with deaf_to_interrupts():
                self._process.start()
        except BaseException:
            self.pipe.close()
            raise
        finally:
            theirs.close()

    def prepare(self, make_task: bytes) -> None:
        """Let it make its task; it says when it is ready."""
        self._send(make_task)

    def begin(self, turn: _Turn) -> None:
        """Let it work on an item."""
        self.turn = turn
        self._send(pickle.dumps(turn.item, protocol=pickle.HIGHEST_PROTOCOL))

    def _send(self, content: bytes) -> None:
        self.busy = True
        with suppress(BrokenPipeError, ConnectionResetError):  # dead: `receive` says how it died
            self.pipe.send_bytes(content)

    def receive(self) -> Outcome[Any, Any] | None:
        """Return what became of the item, or None when it has become ready.

        An exception of the task is raised again here.

        Raises:
            WorkerError: It ended before it was ready.
        """
        self.busy = False
        try:
            result, error = pickle.loads(self.pipe.recv_bytes())
        except (EOFError, OSError):  # at the end of a message, and inside one
            self._process.join()
            how = _ending(self._process.exitcode or 0)
            if self.turn is None:
                raise WorkerError(
                    f"the worker processes cannot start (one {how}); a script that calls this "
                    "with workers needs `if __name__ == '__main__':` around its calls."
                ) from None
            crash = f"the worker process {how}, {_ATTEMPTS} times"
            return Outcome(self.turn.item, None, crash)
        if error is not None:
            raise error
        return None if self.turn is None else Outcome(self.turn.item, result)

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _ending(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"


def _serve(pipe: Connection) -> None:
    """Be a worker: make the task once, then answer item after item."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, ConnectionResetError, BrokenPipeError):  # the parent wants no more
        try:
            task = pickle.loads(pipe.recv_bytes())()
        except Exception as error:
            pipe.send_bytes(failure(error))
            return
        pipe.send_bytes(answer(lambda: None))
        while True:
            packed = pipe.recv_bytes()
            pipe.send_bytes(answer(partial(_call, task, packed)))


def _call(task: Callable[[Any], Any], packed: bytes) -> Any:
    return task(pickle.loads(packed))


def _end_with_parent() -> None:
    """Leave no orphan behind when the parent was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
