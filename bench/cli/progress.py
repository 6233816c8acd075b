"""A progress bar on the error stream, so that what is printed can be piped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["progress_bar", "progress_bars"]


Advance = Callable[[int, int], None]


@contextmanager
def progress_bars(*whats: str, shown: bool = True) -> Iterator[list[Advance]]:
    """Show how far several things are, one line each, drawn when it begins.

    Args:
        whats: One or two words before each bar.
        shown: False keeps quiet.

    Yields:
        For each a function to call with (done, in all).
    """
    columns = (
        TextColumn("{task.description}", markup=False),  # a stranger's name may look like markup
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    bars = Progress(*columns, console=Console(stderr=True), disable=not shown)
    try:
        yield [_line(bars, what) for what in whats]
    finally:
        if bars.live.is_started:  # stopping what never began prints an empty line
            bars.stop()


def _line(bars: Progress, what: str) -> Advance:
    tasks: list[TaskID] = []

    def advance(done: int, total: int) -> None:
        if not tasks:  # nothing is drawn before something has begun
            bars.start()
            tasks.append(bars.add_task(what, total=total))
        bars.update(tasks[0], completed=done, total=total)

    return advance


@contextmanager
def progress_bar(what: str, *, shown: bool = True) -> Iterator[Advance]:
    """Show how far one thing is; see `progress_bars`."""
    with progress_bars(what, shown=shown) as (advance,):
        yield advance
