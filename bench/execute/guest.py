"""One function in a process of its own, for compiled code that may end the process it runs in.

The process is a fresh interpreter that imports nothing but the function: unlike a worker of
`multiprocessing` it does not run the caller's script again, so any script may have a guest. It ends
with its owner, and is started again when it is called after a crash.
"""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Any

from bench.execute.answers import answer
from bench.execute.interrupts import deaf_to_interrupts

__all__ = ["Guest", "GuestDiedError"]


class GuestDiedError(Exception):
    """The process ended while it was working; the message says how, as one phrase."""


class Guest:
    """Calls a function elsewhere.

    Args:
        function: "module:name" of a function whose arguments and results can be pickled.
    """

    def __init__(self, function: str) -> None:
        self._function = function
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        self._one_at_a_time = threading.Lock()

    def __call__(self, *arguments: object, **named: object) -> Any:
        """Call the function; its own exceptions are raised here.

        Raises:
            GuestDiedError: The process ended.
        """
        with self._one_at_a_time:
            if self._owner != os.getpid():  # a fork may not share the pipes of its parent
                self._process, self._owner = None, os.getpid()
            try:
                result, error = self._exchange((arguments, named))
            except BaseException:
                # Whatever is still in the pipe would be taken for the answer to the next call.
                self.close()
                raise
        if error is not None:
            raise error
        return result

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    if stream is not None:
                        stream.close()

    def __del__(self) -> None:
        self.close()

    def _exchange(self, call: tuple[object, object]) -> Any:
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        packed = pickle.dumps(call, protocol=pickle.HIGHEST_PROTOCOL)
        try:
            process.stdin.write(packed)
            process.stdin.flush()
            return pickle.load(process.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            raise GuestDiedError(_ending(process)) from None

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the interpreter with the caller's search path."""
        places = [place or str(Path.cwd()) for place in sys.path]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
        with deaf_to_interrupts():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.execute.guest", self._function],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
            )
        return self._process


def _ending(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"


def serve(function: str, calls: IO[bytes], answers: IO[bytes]) -> None:
    """Answer call after call until there are no more."""
    module, _, name = function.partition(":")
    called = getattr(importlib.import_module(module), name)
    while True:
        try:
            arguments, named = pickle.load(calls)
        except EOFError:
            return
        answers.write(answer(partial(called, *arguments, **named)))
        answers.flush()


def _main() -> None:
    """Be the guest: answers go out by the first output, anything printed by the second."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.argv[1], sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main()
