"""Every (system, set) pair that the files and the folders allow, run one after the other.

One cell that fails does not stop the others; every run is kept and resumed like any other, so the
whole can be interrupted and given again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.board.reproduce.files import FoundFile
from bench.board.reproduce.roots import SETS, guess_training_set
from bench.board.reproduce.systems import System
from bench.board.reproduce.verdicts import Comparison, compare_run
from bench.datasets import Dataset
from bench.errors import BenchError
from bench.metrics import DEFAULT_METRICS
from bench.run.engine import evaluate
from bench.run.result import Run
from bench.separators.card import Card, known_cards
from bench.separators.registry import load_separator

__all__ = ["METRICS", "Cell", "CellResult", "NotRun", "RunOptions", "plan_cells", "run_cells"]

# The seven usual ones, and what CTCNet's and RTFS-Net's code calls SDR.
METRICS = (*DEFAULT_METRICS, "snr_zero_mean")

AS_PUBLISHED = "as-published"

# Edge of the crops that the test sets come with; a larger input cannot be cut from them.
_STORED_CROP = 96

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Cell:
    """One system on one set.

    Attributes:
        system: With its files.
        dataset: Id of the set.
        mouth_input: How the crops are fed: as published where that is known and possible.
        notes: How system and set were found, one sentence each.
        cautions: What a difference may come from, one sentence each.
    """

    system: System
    dataset: str
    mouth_input: str
    notes: tuple[str, ...]
    cautions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name for people."""
        return f"{self.system.id} on {self.dataset}"


@dataclass(frozen=True)
class NotRun:
    """What was found and cannot run, and why.

    Attributes:
        what: A file, a folder, or a system.
        reason: One sentence.
    """

    what: str
    reason: str


@dataclass(frozen=True)
class CellResult:
    """What became of a cell.

    Attributes:
        cell: The cell.
        run: None where it failed.
        comparisons: One per printed column; empty where nothing is printed.
        error: Why it failed, one sentence; empty where it ran.
    """

    cell: Cell
    run: Run | None = None
    comparisons: tuple[Comparison, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class RunOptions:
    """How cells are run; see `bench.evaluate`."""

    out: Path
    metrics: Sequence[str] = METRICS
    limit: int | None = None
    workers: int = 1
    threads: int = 1
    device: str = "cpu"


def plan_cells(
    systems: Sequence[System],
    datasets: Sequence[str],
    folder: Path,
    told: Mapping[Path, str],
) -> tuple[list[Cell], list[NotRun]]:
    """Say which cells will run, and what will not.

    Args:
        systems: As assembled from the files.
        datasets: Ids of the sets at hand.
        folder: Of the checkpoints; its own name may say what they were trained on.
        told: Training set of a file, as the user gave it.
    """
    cells: list[Cell] = []
    left: list[NotRun] = []
    for system in systems:
        what = f"{system.checkpoint.path} as {system.id}"
        if system.problem:
            left.append(NotRun(what, system.problem))
            continue
        path = system.checkpoint.path
        guessed = guess_training_set(Path(folder.resolve().name) / path)
        trained = told.get(path) or guessed
        sets = [id for id in datasets if trained is None or id == trained or id not in SETS]
        if not sets:
            left.append(NotRun(what, f"it was trained for {trained}, which is not among the data"))
        how, cautions = _how_trained(path in told, trained)
        cells += [_cell(system, id, how, cautions) for id in sets]
    return cells, left


def _how_trained(told: bool, trained: str | None) -> tuple[str, tuple[str, ...]]:
    if told:
        return f"trained for {trained}: as told by --map", ()
    if trained is not None:
        caution = f"that it was trained for {trained} is a guess from its path"
        return caution, (caution,)
    caution = "neither its path nor --map says what it was trained for: weights of another set fail"
    return "trained for an unknown set", (caution,)


def _cell(system: System, dataset: str, how: str, cautions: tuple[str, ...]) -> Cell:
    card = known_cards()[system.id]
    mouth_input = _mouth_input(card)
    way = f"mouths are fed '{mouth_input}', as for the printed scores"
    fed = (way,) if mouth_input == AS_PUBLISHED else ()
    notes = (*system.notes, *system.doubts, how, *fed)
    return Cell(system, dataset, mouth_input, notes, (*system.doubts, *cautions, *fed))


def _mouth_input(card: Card) -> str:
    """Feed crops as the printed scores were made, where the stored crops are large enough."""
    way = card.mouth_inputs.get(AS_PUBLISHED)
    return AS_PUBLISHED if way is not None and way.size <= _STORED_CROP else "default"


def run_cells(
    cells: Sequence[Cell],
    datasets: Mapping[str, Dataset],
    folder: Path,
    options: RunOptions,
    progress: Callable[[Cell], Progress] | None = None,
) -> Iterator[CellResult]:
    """Run cells one after the other; each is given back as soon as it is done.

    Args:
        cells: What to run.
        datasets: By id.
        folder: Of the checkpoints.
        options: How to run.
        progress: Makes what is called with (mixtures done, mixtures in all) of a cell.
    """
    for cell in cells:
        try:
            run = _run(cell, datasets[cell.dataset], folder, options, progress)
        except (BenchError, RuntimeError, OSError) as error:  # out of memory is a RuntimeError
            yield CellResult(cell, error=str(error))
            continue
        yield CellResult(cell, run, tuple(compare_run(run)))


def _run(
    cell: Cell,
    dataset: Dataset,
    folder: Path,
    options: RunOptions,
    progress: Callable[[Cell], Progress] | None,
) -> Run:
    files: dict[str, Any] = {role: _path(f, folder) for role, f in cell.system.files.items()}
    settings = {} if cell.mouth_input == "default" else {"mouth_input": cell.mouth_input}
    separator = load_separator(cell.system.id, **files, settings=settings, device=options.device)
    if separator.mouth_input is not None:
        dataset.require_mouths()
    return evaluate(
        separator,
        dataset,
        out=options.out,
        metrics=options.metrics,
        limit=options.limit,
        workers=options.workers,
        threads=options.threads,
        progress=progress(cell) if progress else None,
    )


def _path(file: FoundFile, folder: Path) -> Path:
    return folder / file.path
