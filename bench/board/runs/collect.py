"""Finding runs, submissions and profiles in folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from bench.board.ranges import impossible_score
from bench.core.plan import Plan
from bench.core.provenance import PROVENANCES
from bench.core.resources import shipped
from bench.errors import BenchError, DataError
from bench.metrics import list_metrics
from bench.run.result import Run, SystemFacts

if TYPE_CHECKING:
    from bench.board.submissions.efficiency import EfficiencyBlock
    from bench.efficiency.profile import Profile

__all__ = [
    "Collection",
    "Unreadable",
    "checked_run",
    "collect_profiles",
    "collect_runs",
    "disturbed_note",
]

_PROFILES = "results/profiles"
_PLAN = TypeAdapter(Plan)
_SYSTEM = TypeAdapter(SystemFacts)
_NAME = TypeAdapter(str)
# A run that was started, a run that is finished, a submission.
_MARKS = ("plan.json", "run.json", "submission.json")
# Beside or below these lies what strangers handed in, whatever it calls itself.
_OF_STRANGERS = ("submission.json", "submission.schema.json")
_NOT_MEASURED = (
    "a run among submissions, which may be anybody's; lay what you measured yourself elsewhere."
)


@dataclass(frozen=True)
class Unreadable:
    """Something that was left out.

    Attributes:
        folder: Where it lies.
        reason: What is wrong with it, one sentence.
    """

    folder: Path
    reason: str


@dataclass(frozen=True)
class Collection:
    """What folders of results hold.

    Attributes:
        runs: Finished runs and submissions, by folder name.
        unfinished: Folders of runs that were started and not finished.
        unreadable: Runs and submissions that are damaged, and so left out.
        claims: What submissions say that their systems cost, by the id of the run.
        disturbed: Number of runs that were shown other mouths, and so left out.
    """

    runs: tuple[Run, ...]
    unfinished: tuple[Path, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    claims: Mapping[str, tuple[EfficiencyBlock, ...]] = field(default_factory=dict)
    disturbed: int = 0


def collect_runs(*folders: Path) -> Collection:
    """Read every run and submission below some folders, the folders themselves included.

    One that is damaged is left out and named. Of the same records found twice (a run and the
    submission made from it) only those of the better provenance are kept. Runs that were shown
    other mouths, of which a stress test makes dozens, are kept only where there are no others.

    Raises:
        DataError: A folder does not exist, or holds neither a run nor a submission.
    """
    started: list[Path] = []
    finished: dict[Path, Callable[[Path], _Found]] = {}
    foreign: list[Path] = []
    for folder in folders:
        begun, ended, submitted = (_holding(folder, name) for name in _MARKS)
        if not (begun or ended or submitted):
            raise DataError(
                f"{folder} holds no run; `avss-bench run ... --out {folder}` makes one."
            )
        started += begun
        foreign += [place for place in ended if _handed_in(place, folder)]
        own = [place for place in ended if place not in foreign]
        finished |= dict.fromkeys(own, _own) | dict.fromkeys(submitted, _submitted)
    runs: list[Run] = []
    unreadable = [Unreadable(p, _NOT_MEASURED) for p in _unique(foreign) if p not in finished]
    claims: dict[str, tuple[EfficiencyBlock, ...]] = {}
    for place in _unique(finished):
        try:
            found = finished[place](place)
            runs += [checked_run(run) for run in found.runs]
        except BenchError as error:
            unreadable.append(Unreadable(place, str(error)))
            continue
        for run in found.runs if found.blocks else ():
            # Of two submissions that call a run alike, one has made that up.
            claims[run.id] = () if run.id in claims else found.blocks
    unfinished = [place for place in _unique(started) if place not in finished]
    once = _without_copies(runs)
    kept = [run for run in once if run.plan.mouths == "as-is"] or once
    disturbed = len(once) - len(kept)
    return Collection(tuple(kept), tuple(unfinished), tuple(unreadable), claims, disturbed)


def disturbed_note(count: int) -> str:
    """Say how many runs were left out since their mouths were disturbed, and what shows them."""
    runs = "1 run" if count == 1 else f"{count} runs"
    are = "is" if count == 1 else "are"
    return (
        f"{runs} with disturbed mouths {are} left out; `avss-bench stress` shows such runs, as "
        "does a folder that holds no others."
    )


@dataclass(frozen=True)
class _Found:
    """What one folder holds."""

    runs: Sequence[Run]
    blocks: tuple[EfficiencyBlock, ...] = ()


def _holding(folder: Path, name: str) -> list[Path]:
    """Return the folders below a folder, itself included, that hold a file of this name."""
    if not folder.is_dir():
        if folder.exists():
            raise DataError(f"{folder} is no folder; give the folder of a run or of several.")
        raise DataError(
            f"there is no folder {folder}; `avss-bench run ... --out {folder}` fills it."
        )
    return [path.parent for path in folder.rglob(name)]


def _handed_in(place: Path, folder: Path) -> bool:
    """Whether a run lies in or beside a submission: then nobody here has measured it."""
    around = [place, *place.parents]
    within = around[: around.index(folder) + 1]
    return any((each / name).exists() for each in within for name in _OF_STRANGERS)


def _unique(places: Iterable[Path]) -> list[Path]:
    """Sort places; one that was reached in two ways is named once."""
    unique = {place.resolve(): place for place in sorted(places, reverse=True)}
    return sorted(unique.values())


def _own(folder: Path) -> _Found:
    return _Found([Run.load(folder)])


def _submitted(folder: Path) -> _Found:
    from bench.board.submissions import read_submission
    from bench.board.verification.kept import provenances

    submission = read_submission(folder)
    marks = provenances(submission)
    runs = [replace(run, provenance=marks[run.id]) for run in submission.to_runs()]
    return _Found(runs, submission.content.efficiency)


def checked_run(run: Run) -> Run:
    """Return a run that a board of this version can be made from.

    Raises:
        DataError: An entry of its plan has a wrong type, or a metric or a score cannot be.
    """
    try:
        _PLAN.validate_python(vars(run.plan))
        _SYSTEM.validate_python(vars(run.system))
        _NAME.validate_python(run.plan.separator.get("separator"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "separator"
        raise DataError(
            f"its plan or system has a wrong '{place}': {first['msg']}; run it again elsewhere."
        ) from error
    unknown = sorted(set(run.plan.metrics) - set(list_metrics()))
    if unknown:
        raise DataError(
            f"{run.id} was scored with {', '.join(unknown)}, which this version does not know; "
            "update avss-bench or score it again."
        )
    if wrong := impossible_score(run) or _miscounted(run):
        raise DataError(f"{run.id} cannot be: {wrong}; run it again elsewhere.")
    return run


def _miscounted(run: Run) -> str:
    if len(run.records) <= run.expected:
        return ""
    return f"it holds {len(run.records)} targets, but was to score {run.expected}"


def _without_copies(runs: Sequence[Run]) -> list[Run]:
    """Keep one of equal records: that of the best provenance, the first among these."""
    kept: list[Run] = []
    for run in sorted(runs, key=lambda run: -PROVENANCES.index(run.provenance)):
        if not any(other.id == run.id and _same_scores(other, run) for other in kept):
            kept.append(run)
    return [run for run in runs if any(run is other for other in kept)]


def _same_scores(first: Run, second: Run) -> bool:
    """Whether two runs hold the same scores of the same targets."""
    scores = [{record.key: record.scores for record in run.records} for run in (first, second)]
    return scores[0] == scores[1]


def collect_profiles(folders: Sequence[Path]) -> tuple[list[Profile], list[Unreadable]]:
    """Read the profiles in `profiles` below some folders, then those that ship with the project.

    Returns:
        The profiles, and the folders that were left out since one of their files is damaged.
    """
    from bench.efficiency.profile import read_profiles

    profiles, unreadable = [], []
    for folder in (*(folder / "profiles" for folder in folders), shipped(_PROFILES)):
        try:
            profiles += read_profiles(folder)
        except DataError as error:
            unreadable.append(Unreadable(folder, str(error)))
    return profiles, unreadable
