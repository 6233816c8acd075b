"""From recognised files to systems that can run: which variant, and which files go together.

Tensors settle what they can. After them, in this order: what the user says (`--map`), what was
saved with the tensors, the name of the file, which is a hint and stated as one. Variants that none
of these tells apart are all tried, and each says that it is ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.board.reproduce.files import FoundFile
from bench.separators.card import Card, WeightFile, known_cards

__all__ = ["System", "assemble_systems"]

MAIN = "checkpoint"

# A file's saved arguments name settings of both branches alike; the audio branch is meant.
_OTHER_BRANCH = "video"


@dataclass(frozen=True)
class System:
    """One checkpoint as one system, with the files that go with it.

    Attributes:
        id: Of the system.
        checkpoint: The separator's file.
        files: All files by role.
        ambiguous: Other systems that the checkpoint may be as well.
        notes: How it was recognised and paired, one sentence each.
        doubts: What of it is a guess, one sentence each.
        problem: Why it cannot run; empty where it can.
    """

    id: str
    checkpoint: FoundFile
    files: Mapping[str, FoundFile] = field(default_factory=dict)
    ambiguous: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    problem: str = ""


def assemble_systems(files: Sequence[FoundFile], told: Mapping[Path, str]) -> list[System]:
    """Make every system that the files allow.

    Args:
        files: All files of the folder.
        told: Id of the system of a file, as the user gave it.
    """
    return [
        system
        for file in files
        if any(fit.role == MAIN for fit in file.fits)
        for system in _systems_of(file, files, told.get(file.path))
    ]


def _systems_of(file: FoundFile, files: Sequence[FoundFile], told: str | None) -> Iterator[System]:
    ids, how, guess = _variants(file, told)
    for id in ids:
        others = tuple(other for other in ids if other != id)
        doubts = [guess] if guess else []
        if others:
            doubts.append(f"ambiguous: its tensors are those of {', '.join(others)} too")
        chosen: dict[str, FoundFile] = {MAIN: file}
        notes, problem = [how], ""
        for wanted in known_cards()[id].files:
            if wanted.role == MAIN or problem:
                continue
            partner, said = _partner(file, wanted, id, files)
            if partner is None:
                problem = said
            else:
                chosen[wanted.role] = partner
                notes.append(said)
        yield System(id, file, chosen, others, tuple(notes), tuple(doubts), problem)


def _variants(file: FoundFile, told: str | None) -> tuple[list[str], str, str]:
    """Say which systems a checkpoint may be, how that is known, and what of it is a guess."""
    ids = [fit.separator for fit in file.fits if fit.role == MAIN]
    if told is not None:
        return [told], "which system it is: as told by --map", ""
    cards = {id: known_cards()[id] for id in ids}
    published = [id for id in ids if cards[id].kind == "published"]
    ids = published or ids  # what no author published is not the first guess
    how = f"recognised by {file.recognised_by}"
    if len(ids) == 1:
        return ids, how, ""
    agreeing = [id for id in ids if _agrees(cards[id], [cards[other] for other in ids], file)]
    if len(agreeing) == 1:
        return agreeing, f"{how} and the arguments saved with them", ""
    hinted = _named_in(file.path, ids)
    if hinted is not None:
        return [hinted], how, f"which variant it is is guessed from the name {file.path}"
    return ids, how, ""


def _agrees(card: Card, alike: Sequence[Card], file: FoundFile) -> bool:
    """Whether saved arguments speak for this variant in every setting that the variants differ in.

    A file that says nothing about such a setting speaks for none of them.
    """
    differing = [name for name in card.settings if len({c.settings.get(name) for c in alike}) > 1]
    saved = {name: _saved(name, file.arguments) for name in differing}
    return all(value == card.settings[name] for name, value in saved.items())


def _saved(setting: str, arguments: Mapping[str, bool | int | float | str]) -> object:
    """Return the one value that was saved under the name of a setting; None without one."""
    values = {
        value
        for path, value in arguments.items()
        if path.rpartition(".")[2] == setting and _OTHER_BRANCH not in path
    }
    return values.pop() if len(values) == 1 else None


def _named_in(path: Path, ids: Sequence[str]) -> str | None:
    """Return the longest id that the path spells, whatever its punctuation and case."""
    spelled = _letters(str(path))
    named = [id for id in ids if _letters(id) in spelled]
    return max(named, key=len) if named else None


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _partner(
    main: FoundFile, wanted: WeightFile, id: str, files: Sequence[FoundFile]
) -> tuple[FoundFile | None, str]:
    """Find the file of another role that goes with a checkpoint.

    Encoders of equal tensors and other weights separate nothing, so a file that is known to be
    another system's is never taken.

    Returns:
        The file and how it was chosen; or None and why there is none.
    """
    if main.fills(id, wanted.role):
        return main, f"{wanted.role}: in the same file"
    fitting = [file for file in files if file.fills(id, wanted.role)]
    pool = [file for file in fitting if not file.names or wanted.name in file.names]
    for rule, kept in (
        ("by its published SHA-256", [f for f in pool if wanted.name in f.pinned]),
        ("by its name", [f for f in pool if wanted.name in f.names]),
        ("the one nearest in the folders", _nearest(main.path, pool)),
    ):
        if len({file.sha256 for file in kept}) == 1:
            return kept[0], f"{wanted.role}: {kept[0].path}, chosen {rule}"
    if pool:
        return None, (
            f"{len(pool)} files may be its {wanted.role} ({', '.join(str(f.path) for f in pool)}); "
            f"name the right one {wanted.name}"
        )
    strangers = ", ".join(f"{f.path} is {' or '.join(sorted(f.names))}" for f in fitting)
    return None, f"it needs {wanted.name} as {wanted.role}" + (
        f"; {strangers}, whose weights are another system's" if strangers else ""
    )


def _nearest(path: Path, pool: Sequence[FoundFile]) -> list[FoundFile]:
    """Keep the files that share most folders with a path."""

    def shared(file: FoundFile) -> int:
        pairs = zip(path.parts[:-1], file.path.parts[:-1], strict=False)
        return next((n for n, (a, b) in enumerate(pairs) if a != b), _shorter(path, file.path))

    most = max(map(shared, pool), default=0)
    return [file for file in pool if shared(file) == most]


def _shorter(first: Path, second: Path) -> int:
    return min(len(first.parts), len(second.parts)) - 1
