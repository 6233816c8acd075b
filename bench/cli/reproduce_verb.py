"""`avss-bench reproduce`: printed figures, measured again from the published weight files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import (
    CropsOption,
    DeviceOption,
    JsonOption,
    LandmarksOption,
    MediapipeOption,
    MetricsOption,
    ThreadsOption,
    UnofficialOption,
    WorkersOption,
)
from bench.cli.progress import progress_bar
from bench.cli.terminal import table_width
from bench.core.jsonio import dumps_pretty
from bench.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from bench.board.reproduce.cells import Cell, CellResult, NotRun, RunOptions
    from bench.board.reproduce.files import FoundFile
    from bench.board.reproduce.roots import Roots

__all__ = ["register"]


CheckpointsOption = Annotated[Path, typer.Option(help="Folder of weight files, at any depth.")]
DataOption = Annotated[
    list[str],
    typer.Option(help="Folder of a test set, ID=FOLDER, or the id of a set that ships; repeat."),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", help="FILE=SET or FILE=SYSTEM where names mislead; repeat it."),
]
PlanOption = Annotated[
    bool, typer.Option("--plan", help="Only say what is recognised and would run.")
]
LimitOption = Annotated[
    int | None, typer.Option(help="A quick look at so many mixtures of each set.", min=1)
]
ListsOption = Annotated[
    list[Path] | None, typer.Option("--list", help="The authors' mixture list; repeat it.")
]
FetchOption = Annotated[
    bool, typer.Option("--download", help="Fetch mixture lists from their authors.")
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench reproduce --checkpoints weights --data LRS2 --data lrs3-2mix=LRS3"
    app.command("reproduce", epilog=f"Example: {example}")(reproduce)


def reproduce(
    checkpoints: CheckpointsOption,
    data: DataOption,
    out: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("results/reproduced"),
    told: MapOption = None,
    plan: PlanOption = False,
    limit: LimitOption = None,
    metrics: MetricsOption = None,
    lists: ListsOption = None,
    list_unofficial: UnofficialOption = False,
    download: FetchOption = False,
    crops: CropsOption = None,
    landmarks: LandmarksOption = None,
    mediapipe: MediapipeOption = None,
    workers: WorkersOption = 1,
    threads: ThreadsOption = 1,
    device: DeviceOption = "cpu",
    json: JsonOption = False,
) -> None:
    """Recognise weight files, run every system on its test set, and hold it against the papers.

    A figure is reproduced if it rounds to the printed one. Run it again and it goes on where it
    stopped.
    """
    from bench.board.reproduce.cells import METRICS, NotRun, RunOptions, plan_cells
    from bench.board.reproduce.files import look_through
    from bench.board.reproduce.roots import open_roots
    from bench.board.reproduce.systems import assemble_systems
    from bench.datasets.choices import MouthChoice
    from bench.metrics.registry import check_metrics
    from bench.separators.registry import check_device

    check_device(device)
    wanted = check_metrics(metrics or METRICS)
    files = look_through(checkpoints)
    systems, sets = _read_map(told or [], checkpoints, files)
    roots = open_roots(
        data,
        MouthChoice(crops, landmarks, mediapipe),
        lists=lists or [],
        unofficial=list_unofficial,
        download=download,
    )
    found = assemble_systems(files, systems)
    cells, idle = plan_cells(found, list(roots.datasets), checkpoints, sets)
    left = [
        *(NotRun(str(file.path), file.reason) for file in files if file.reason),
        *idle,
        *(NotRun(what, reason) for what, reason in roots.problems.items()),
    ]
    if plan:
        _print_plan(cells, files, left, json=json)
        return
    options = RunOptions(out, wanted, limit, workers, threads, device)
    results = _run_all(cells, roots, checkpoints, options, json=json)
    _print_results(results, files, left, json=json)
    failed = any(result.run is None or result.run.summary.failed for result in results)
    if failed or roots.problems or not results:
        sys.exit(1)


def _read_map(
    told: Sequence[str], folder: Path, files: Sequence[FoundFile]
) -> tuple[dict[Path, str], dict[Path, str]]:
    """Read `--map FILE=...`: which system a file is, and which set it was trained for."""
    from bench.board.reproduce.roots import SETS
    from bench.separators.registry import list_separators

    by_path = {file.path: file for file in files}
    systems: dict[Path, str] = {}
    sets: dict[Path, str] = {}
    for text in told:
        name, equals, value = text.rpartition("=")
        path = Path(name)
        path = path.relative_to(folder) if path.is_relative_to(folder) else path
        if not equals or path not in by_path:
            known = ", ".join(map(str, by_path))
            raise UsageError(f"--map {text}: FILE=SET or FILE=SYSTEM is expected, FILE of {known}.")
        if value in SETS:
            sets[path] = value
        elif by_path[path].fills(value, "checkpoint"):
            systems[path] = value
        elif value in list_separators():
            raise UsageError(f"--map {text}: the tensors of {path} are not those of {value}.")
        else:
            raise unknown_name("set or system", value, (*SETS, *list_separators()))
    return systems, sets


def _run_all(
    cells: Sequence[Cell], roots: Roots, folder: Path, options: RunOptions, *, json: bool
) -> list[CellResult]:
    from bench.board.reproduce.cells import run_cells

    results = []
    with ExitStack() as bars:

        def progress(cell: Cell) -> Callable[[int, int], None]:
            bars.close()
            return bars.enter_context(progress_bar(cell.name, shown=not json))

        for result in run_cells(cells, roots.datasets, folder, options, progress):
            bars.close()
            results.append(result)
    return results


def _print_plan(
    cells: Sequence[Cell], files: Sequence[FoundFile], left: Sequence[NotRun], *, json: bool
) -> None:
    from bench.board.reproduce.report import plain_report, plan_text

    if json:
        typer.echo(dumps_pretty(plain_report(cells, files, left)), nl=False)
    else:
        typer.echo(plan_text(cells, left, table_width()))


def _print_results(
    results: Sequence[CellResult], files: Sequence[FoundFile], left: Sequence[NotRun], *, json: bool
) -> None:
    from bench.board.reproduce.report import plain_report, result_text

    if json:
        typer.echo(dumps_pretty(plain_report(results, files, left)), nl=False)
    else:
        typer.echo(result_text(results, left, table_width()))
