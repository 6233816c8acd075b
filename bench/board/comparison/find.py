"""Finding the two runs that somebody means: folders of runs or submissions, or names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

from bench.board.runs.collect import collect_runs
from bench.core.record import RecordKey
from bench.errors import DataError, UsageError, unknown_name
from bench.run.result import Run

__all__ = ["find_pair"]

_MOST_LISTED = 6


def find_pair(
    first: str, second: str, results: Path, dataset: str | None = None
) -> tuple[Run, Run]:
    """Find the runs that two names stand for.

    A name is the folder of a run or of a submission, or else the id of a run below `results`, of
    its separator, or the name of its system. What stands for several runs is enough where only one
    pair is of one data set.

    Args:
        first: Of the first run.
        second: Of the second.
        results: Folder of runs.
        dataset: Id of the data set, where several are possible.

    Raises:
        UsageError: A name is unknown or stands for several runs, or both stand for the same one.
        DataError: A folder holds no run, or it cannot be read.
    """
    found = [_on(dataset, name, _candidates(name, results)) for name in (first, second)]
    pairs = [(a, b) for a, b in product(found[0], found[1]) if a.plan.dataset == b.plan.dataset]
    pairs = pairs or list(product(found[0], found[1]))
    if len(pairs) > 1:
        name, runs = max(zip((first, second), found, strict=True), key=lambda f: len(f[1]))
        sets = Counter(a.plan.dataset for a, b in pairs if a.plan.dataset == b.plan.dataset)
        further = ", or --dataset" if len(sets) > 1 and 1 in sets.values() else ""
        raise UsageError(
            f"'{name}' stands for {len(runs)} runs, but one is expected: give one of"
            f" {_listed(runs)}, or a folder{further}."
        )
    (pair,) = pairs
    if pair[0].id == pair[1].id and _scores(pair[0]) == _scores(pair[1]):
        raise UsageError(f"both are the same records of {pair[0].id}; give two different runs.")
    return pair


def _scores(run: Run) -> dict[RecordKey, Mapping[str, float | None]]:
    return {record.key: record.scores for record in run.records}


def _on(dataset: str | None, name: str, runs: Sequence[Run]) -> list[Run]:
    """Keep the runs on a data set."""
    kept = [run for run in runs if dataset in (None, run.plan.dataset)]
    if not kept:
        raise unknown_name(f"data set of '{name}'", str(dataset), {r.plan.dataset for r in runs})
    return kept


def _candidates(name: str, results: Path) -> Sequence[Run]:
    folder = Path(name)
    if folder.is_dir():
        return _in_folder(folder)
    if not results.is_dir():
        raise UsageError(
            f"'{name}' is no folder, and there is no folder {results} to look for a run of that"
            " name; give the folder of a run, or name the folder of all runs with --results."
        )
    runs = collect_runs(results).runs
    for names in (_ids, _names):
        same = [run for run in runs if name.lower() in names(run)]
        if same:
            return same
    known = [run.id if "_" in name else str(run.plan.separator["separator"]) for run in runs]
    raise unknown_name("run", name, dict.fromkeys(known))


def _in_folder(folder: Path) -> Sequence[Run]:
    """Read a run, a submission, or what a folder of results holds."""
    found = collect_runs(folder)
    if not found.runs:
        reasons = [unreadable.reason for unreadable in found.unreadable]
        unfinished = f"the run in {folder} is not finished; give its `avss-bench run` again."
        raise DataError(*(reasons or [unfinished])[:1])
    return found.runs


def _ids(run: Run) -> set[str]:
    return {run.id.lower()}


def _names(run: Run) -> set[str]:
    return {str(run.plan.separator["separator"]).lower(), run.system.name.lower()}


def _listed(runs: Sequence[Run]) -> str:
    names = [f"{run.id} (in {run.folder})" if run.folder else run.id for run in runs]
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more
