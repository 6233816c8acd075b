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

from bench.core.hashing import hash_file
from bench.datasets import Dataset, list_datasets, load_dataset
from bench.datasets.choices import ListChoice, MouthChoice
from bench.datasets.registry import load_card
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
        problems: Why a folder could not be opened as a set, by "FOLDER as ID"; those that were
            only tried are not told where another set was found.
    """

    datasets: dict[str, Dataset]
    problems: dict[str, str]


def open_roots(
    given: Sequence[str],
    mouths: MouthChoice,
    *,
    lists: Sequence[Path] = (),
    unofficial: bool = False,
    download: bool = False,
) -> Roots:
    """Open every set that is named or found.

    Args:
        given: Folders, `ID=FOLDER`, or ids of sets that ship.
        mouths: Where mouth crops come from.
        lists: The authors' mixture lists, each taken for the set whose card pins its hash.
        unofficial: Accept other lists than the pinned ones where they lie in a folder.
        download: Fetch lists that are nowhere else.

    Raises:
        UsageError: An unknown id, or two folders of one set.
        DataError: A list that is no set's, or neither a folder nor an id.
    """
    pinned = _by_hash(lists)
    datasets: dict[str, Dataset] = {}
    problems: dict[str, str] = {}
    for text in given:
        ids, root = _parse(text)
        reasons: dict[str, str] = {}
        for id in ids:
            file = pinned.get(load_card(id, root).mixture_list.sha256)
            choice = ListChoice(file, unofficial, download)
            try:
                opened = load_dataset(id, root, mixture_list=choice, mouths=mouths)
            except BenchError as error:
                reasons[f"{root} as {id}"] = str(error)
                continue
            if id in datasets:
                raise UsageError(f"two copies of {id} were given; give one.")
            datasets[id] = opened
        if len(reasons) == len(ids):
            problems |= reasons
    return Roots(datasets, problems)


def _by_hash(lists: Sequence[Path]) -> dict[str, Path]:
    """Hash the given lists, and refuse one that is no set's."""
    known = {load_card(id).mixture_list.sha256 for id in list_datasets()}
    found: dict[str, Path] = {}
    for path in lists:
        if not path.is_file():
            raise DataError(f"there is no mixture list {path}; check the path.")
        sha256 = hash_file(path)
        if sha256 not in known:
            raise DataError(
                f"the mixture list {path} has the SHA-256 {sha256[:12]}…, which no data set pins"
                "; an unofficial list is read where it lies in a folder as mixtures.scp."
            )
        found[sha256] = path
    return found


def _parse(text: str) -> tuple[tuple[str, ...], Path | None]:
    """Return the ids to try, and the folder."""
    id, equals, folder = text.partition("=")
    if equals and not Path(text).exists():
        if id not in list_datasets():
            raise unknown_name("data set", id, list_datasets())
        return (id,), Path(folder)
    if text in list_datasets() and not Path(text).is_dir():
        return (text,), None
    path = Path(text)
    if not path.is_dir():
        raise DataError(
            f"{text} is neither a folder nor a data set that ships; give a folder, or ID=FOLDER."
        )
    manifest = read_manifest(path)
    return (SETS if manifest is None else (manifest.dataset,)), path


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
