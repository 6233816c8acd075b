"""One after the other, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from bench.execute.outcome import Outcome

__all__ = ["Serial"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class Serial:
    """Carry out tasks in this process; a crash of native code ends it."""

    def run(
        self, make_task: Callable[[], Callable[[Item], Result]], items: Sequence[Item]
    ) -> Iterator[Outcome[Item, Result]]:
        """Yield outcomes in the order of the items; see `Executor.run`."""
        if not items:
            return
        task = make_task()
        for item in items:
            yield Outcome(item, task(item))
