"""Finding runs in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.errors import DataError
from bench.run.result import Run

__all__ = ["Collection", "collect_runs"]


@dataclass(frozen=True)
class Collection:
    """What a folder of results holds.

    Attributes:
        runs: Finished runs, by folder name.
        unfinished: Folders of runs that were started and not finished.
    """

    runs: tuple[Run, ...]
    unfinished: tuple[Path, ...]


def collect_runs(folder: Path) -> Collection:
    """Read every run below a folder, the folder itself included.

    Raises:
        DataError: The folder does not exist or holds no run, or a finished run cannot be read.
    """
    if not folder.is_dir():
        raise DataError(
            f"there is no folder {folder}; `avss-bench run ... --out {folder}` fills it."
        )
    started = sorted(path.parent for path in folder.rglob("plan.json"))
    finished = {path.parent for path in folder.rglob("run.json")}
    if not started and not finished:
        raise DataError(f"{folder} holds no run; `avss-bench run ... --out {folder}` makes one.")
    runs = tuple(Run.load(path) for path in sorted(finished))
    return Collection(runs, tuple(path for path in started if path not in finished))
