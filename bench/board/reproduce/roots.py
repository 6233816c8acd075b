"""Which test sets the given folders hold, and which of them a checkpoint was trained for.

A folder is opened as the sets that figures were printed on, one after the other: what opens is
there, for opening holds the folder against the set's list. What a checkpoint was trained on does
not stand in its tensors: it is told, or guessed from the names of its folders and said to be so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.datasets import Dataset, list_datasets, load_dataset
from bench.datasets.choices import ListChoice, MouthChoice
from bench.datasets.trees.prepared import read_manifest
from bench.errors import BenchError, DataError, UsageError, unknown_name

__all__ = ["SETS", "Roots", "guess_training_set", "open_roots"]

# The test sets that the field's tables are about.
SETS = ("lrs2-2mix", "lrs3-2mix", "voxceleb2-2mix")

_SPELLINGS = {
    "lrs2-2mix": re.compile(r"lrs[-_ ]?2", re.IGNORECASE),
    "lrs3-2mix": re.compile(r"lrs[-_ ]?3", re.IGNORECASE),
    "voxceleb2-2mix": re.compile(r"vox(celeb)?[-_ ]?2?", re.IGNORECASE),
}


@dataclass(frozen=True)
class Roots:
    """What the given folders came to.

    Attributes:
        datasets: By id, in the order they were given.
        problems: Folders that no set could be opened from, and why; one sentence each.
    """

    datasets: dict[str, Dataset]
    problems: tuple[str, ...] = ()


def open_roots(given: Sequence[str], mixture_list: ListChoice, mouths: MouthChoice) -> Roots:
    """Open every set that is named or found.

    Args:
        given: Folders, `ID=FOLDER`, or ids of sets that ship.
        mixture_list: Which list, for sets whose list does not ship.
        mouths: Where mouth crops come from.

    Raises:
        UsageError: An unknown id, or two folders of one set.
    """
    datasets: dict[str, Dataset] = {}
    problems: list[str] = []
    for text in given:
        ids, root, named = _parse(text)
        reasons = {}
        for id in ids:
            try:
                opened = load_dataset(id, root, mixture_list=mixture_list, mouths=mouths)
            except BenchError as error:
                reasons[id] = str(error)
                continue
            if id in datasets:
                raise UsageError(f"two copies of {id} were given; give one.")
            datasets[id] = opened
        if named and reasons:
            problems += reasons.values()
        elif len(reasons) == len(ids):
            tried = "; ".join(f"not {id}, for {reason}" for id, reason in reasons.items())
            problems.append(f"{text} could not be recognised: {tried}")
    return Roots(datasets, tuple(problems))


def _parse(text: str) -> tuple[tuple[str, ...], Path | None, bool]:
    """Return the ids to try, the folder, and whether the user named the set."""
    id, equals, folder = text.partition("=")
    if equals and not Path(text).exists():
        if id not in list_datasets():
            raise unknown_name("data set", id, list_datasets())
        return (id,), Path(folder), True
    if text in list_datasets() and not Path(text).is_dir():
        return (text,), None, True
    path = Path(text)
    if not path.is_dir():
        raise DataError(
            f"{text} is neither a folder nor a data set that ships; give a folder, or ID=FOLDER."
        )
    manifest = read_manifest(path)
    return (SETS, path, False) if manifest is None else ((manifest.dataset,), path, True)


def guess_training_set(path: Path) -> str | None:
    """Read a set from the name of a file, or of the folder nearest to it that names one.

    >>> guess_training_set(Path("iianet/lrs3/best_model.pth"))
    'lrs3-2mix'
    """
    for part in reversed(path.parts):
        named = [id for id, spelling in _SPELLINGS.items() if spelling.search(part)]
        if named:
            return named[0] if len(named) == 1 else None
    return None
