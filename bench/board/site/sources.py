"""What a site is made from: runs, submissions, printed figures, profiles, cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.board.published import Figure, load_published
from bench.board.runs.collect import Unreadable, collect_profiles, collect_runs
from bench.board.submissions import Content, read_submission
from bench.board.submissions.efficiency import EfficiencyBlock
from bench.efficiency.profile import Profile
from bench.errors import BenchError, DataError
from bench.run.result import Run
from bench.separators.card import Card, known_cards

__all__ = ["Sources", "read_sources"]

_MARKS = ("run.json", "plan.json", "submission.json")


@dataclass(frozen=True)
class Sources:
    """Everything that a site shows.

    Attributes:
        runs: Own runs and those of submissions.
        submissions: What their authors say of the systems.
        figures: Printed figures.
        profiles: Costs, of any devices.
        cards: Of the systems that are here, by their names.
        claims: What submissions say that their systems cost, by the id of the run.
        left_out: What cannot be read.
        unfinished: Runs that were started and not finished.
        disturbed: Number of runs that were shown other mouths, and so left out.
    """

    runs: tuple[Run, ...] = ()
    submissions: tuple[Content, ...] = ()
    figures: tuple[Figure, ...] = ()
    profiles: tuple[Profile, ...] = ()
    cards: Mapping[str, Card] = field(default_factory=dict)
    claims: Mapping[str, tuple[EfficiencyBlock, ...]] = field(default_factory=dict)
    left_out: tuple[Unreadable, ...] = ()
    unfinished: tuple[Path, ...] = ()
    disturbed: int = 0


def read_sources(folders: Sequence[Path]) -> Sources:
    """Read folders of runs and submissions, and what ships with the project.

    Args:
        folders: Any number; an empty one, and none, give a site of published figures alone.

    Raises:
        DataError: A folder does not exist.
    """
    for folder in folders:
        if not folder.is_dir():
            raise DataError(f"there is no folder {folder}; give folders of runs or submissions.")
    holding = [folder for folder in folders if _holds_something(folder)]
    found = collect_runs(*holding)
    profiles, damaged = collect_profiles(folders)
    return Sources(
        runs=found.runs,
        submissions=tuple(_contents(holding)),
        figures=load_published(),
        profiles=tuple(profiles),
        cards={card.name: card for card in known_cards().values()},
        claims=found.claims,
        left_out=(*found.unreadable, *damaged),
        unfinished=found.unfinished,
        disturbed=found.disturbed,
    )


def _holds_something(folder: Path) -> bool:
    return any(next(folder.rglob(name), None) is not None for name in _MARKS)


def _contents(folders: Sequence[Path]) -> list[Content]:
    """Read what submissions say of themselves; damaged ones are named by `collect_runs`."""
    places = {path.parent.resolve() for f in folders for path in f.rglob("submission.json")}
    contents = []
    for place in sorted(places):
        try:
            contents.append(read_submission(place).content)
        except BenchError:
            continue
    return contents
