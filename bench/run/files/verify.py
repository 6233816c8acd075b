"""Checking every mixture of a copy of a test set, in as many processes as wanted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bench.datasets.checks import (
    Gathered,
    MixtureReport,
    Verification,
    conclude,
    report_mixture,
)
from bench.datasets.dataset import Dataset
from bench.datasets.fingerprint import pack_mixed
from bench.errors import DataError
from bench.execute.choice import choose_executor

__all__ = ["verify"]

Progress = Callable[[int, int], None]


def verify(dataset: Dataset, workers: int = 1, progress: Progress | None = None) -> Verification:
    """Measure every mixture of a copy and check it.

    Args:
        dataset: The copy.
        workers: Number of processes; it does not change the result.
        progress: Called with (mixtures done, mixtures in all).

    Raises:
        DataError: A mixture cannot be made or read.
    """
    total = len(dataset)
    executor = choose_executor(workers)
    gathered = Gathered(dataset)
    if progress:
        progress(0, total)
    for outcome in executor.run(partial(_make_task, dataset), range(total)):
        if outcome.result is None:
            raise DataError(f"mixture {dataset.ids[outcome.item]}: {outcome.crash}.")
        gathered.add(outcome.item, *outcome.result)
        if progress:
            progress(gathered.count, total)
    return conclude(dataset, gathered)


def _make_task(dataset: Dataset) -> Callable[[int], tuple[MixtureReport, bytes]]:
    def task(position: int) -> tuple[MixtureReport, bytes]:
        line, mixed = dataset.mix(position)
        return report_mixture(line, mixed, dataset.card), pack_mixed(line.name, mixed)

    return task
