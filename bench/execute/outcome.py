"""What became of one task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

__all__ = ["Executor", "Outcome"]

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Outcome(Generic[Item, Result]):
    """One item with its result, or with the reason why it has none.

    Attributes:
        item: What the task was given.
        result: What the task returned; None if it crashed.
        crash: How the process ended, one phrase; None if it did not.
    """

    item: Item
    result: Result | None
    crash: str | None = None


class Executor(Protocol):
    """One way to carry out tasks."""

    def run(
        self, make_task: Callable[[], Callable[[Item], Result]], items: Sequence[Item]
    ) -> Iterator[Outcome[Item, Result]]:
        """Carry out a task for every item.

        Args:
            make_task: Called once in each process; returns the task. Must be picklable where
                other processes are used.
            items: What the task is called with.
        """
        ...
