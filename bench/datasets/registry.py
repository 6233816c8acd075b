"""Finding and opening data sets by name.

A set is a folder with a card; the card names the adapter, a module of this package with a function
`open_corpus(folder: Path, card: Card, mixtures: MixtureList, mouths: MouthChoice) -> Corpus`. To
add a set, add a card and, for a new layout, a module: nothing here changes.

Installed packages add sets by entry points of the group `bench.datasets`: the name is the set's id,
the value a module beside whose file lies `<id>/card.toml`; a new layout brings its `open_corpus`.
"""

from __future__ import annotations

import importlib
from functools import partial
from pathlib import Path

from bench.core.plugins import load_plugin, plugin_folder, plugins
from bench.core.resources import shipped
from bench.datasets.cards import CARD_NAME, Card, read_card
from bench.datasets.choices import ListChoice, MouthChoice
from bench.datasets.corpus import Corpus
from bench.datasets.dataset import Dataset
from bench.datasets.list_files import open_list
from bench.datasets.lists import MixtureList
from bench.errors import DataError, UsageError, unknown_name

__all__ = ["PLUGINS", "card_folder", "list_datasets", "load_card", "load_dataset", "open_folder"]

# Entry points of this group name modules that add data sets.
PLUGINS = "bench.datasets"

_AS_SHIPPED = ListChoice()
_AS_FOUND = MouthChoice()


def list_datasets() -> list[str]:
    """Return the ids of all data sets of the project and of installed plug-ins, sorted.

    >>> "talking-heads-2mix" in list_datasets()
    True
    """
    return sorted(_folders())


def _folders() -> dict[str, Path]:
    """Where the card of each known set lies; a plug-in cannot take the place of a shipped one."""
    plugged = {name: plugin_folder(point) / name for name, point in plugins(PLUGINS).items()}
    ours = {path.parent.name: path.parent for path in shipped("datasets").glob(f"*/{CARD_NAME}")}
    return plugged | ours


def card_folder(id: str) -> Path:
    """Return the folder of a known set: its card, and its list where that ships.

    Raises:
        UsageError: No such data set.
    """
    folders = _folders()
    if id not in folders:
        raise unknown_name("data set", id, sorted(folders))
    return folders[id]


def load_card(id: str, root: Path | str | None = None) -> Card:
    """Return the card of a data set; arguments and errors as in `load_dataset`."""
    return read_card(_card_path(id, None if root is None else Path(root)))


def load_dataset(
    id: str,
    root: Path | str | None = None,
    *,
    mixture_list: ListChoice = _AS_SHIPPED,
    mouths: MouthChoice = _AS_FOUND,
) -> Dataset:
    """Open a data set; mixtures are made when they are asked for.

    Args:
        id: One of `list_datasets()`, or the id on a card that lies in `root`.
        root: Folder of the material: needed where a set does not ship its own. A folder with a card
            of its own (made by a tool, say) is a data set in itself.
        mixture_list: Which list, for sets whose list does not ship.
        mouths: Where mouth crops come from, for sets whose material does not ship.

    Raises:
        UsageError: No such data set, or it needs a root.
        DataError: The card, the list or the material is not what it should be.

    >>> mixture = load_dataset("talking-heads-2mix")[0]
    >>> mixture.mixture.shape, mixture.mouths[0].shape
    ((32000,), (50, 96, 96))
    """
    folder = None if root is None else Path(root)
    return _open(_card_path(id, folder), folder, mixture_list, mouths)


def open_folder(folder: Path, material: Path | None = None) -> Dataset:
    """Open the data set whose card lies in `folder`, wherever that is.

    Args:
        folder: Holds the card and the list.
        material: Folder of the material, if it is not where the card says.

    Raises:
        UsageError: As `load_dataset`.
        DataError: As `load_dataset`.
    """
    return _open(folder / CARD_NAME, material, _AS_SHIPPED, _AS_FOUND)


def _open(path: Path, root: Path | None, which: ListChoice, mouths: MouthChoice) -> Dataset:
    card = read_card(path)
    material = _material(card, path.parent, root)
    mixtures, marks = open_list(card, path.parent, root, which)
    corpus = _open_corpus(card, material, mixtures, mouths)
    return Dataset(
        card,
        mixtures,
        corpus,
        reopen=partial(load_dataset, card.id, root, mixture_list=which, mouths=mouths),
        root=root,
        marks=(*marks, *getattr(corpus, "marks", ())),
    )


def _card_path(id: str, root: Path | None) -> Path:
    """Find the card; a card in `root` cannot take the place of one that ships."""
    if root is not None and not root.is_dir():
        raise DataError(f"the folder {root} given for '{id}' does not exist; check the path.")
    folders = _folders()
    if id in folders:
        return folders[id] / CARD_NAME
    known = sorted(folders)
    if root is not None and (own := root / CARD_NAME).is_file():
        own_id = read_card(own).id
        if own_id == id:
            return own
        known.append(own_id)
    raise unknown_name("data set", id, known)


def _material(card: Card, folder: Path, root: Path | None) -> Path:
    if root is not None:
        return root
    if card.material is None:
        raise UsageError(
            f"the data set '{card.id}' does not ship its material ({card.licence});"
            " give the folder of your own copy with --root (root= in Python)."
        )
    return folder / card.material


def _open_corpus(card: Card, material: Path, mixtures: MixtureList, mouths: MouthChoice) -> Corpus:
    point = plugins(PLUGINS).get(card.id)
    adapter = load_plugin(point) if point else None
    if not hasattr(adapter, "open_corpus"):
        adapter = importlib.import_module(f"bench.datasets.{card.adapter}")
    corpus: Corpus = adapter.open_corpus(material, card, mixtures, mouths)  # type: ignore[union-attr]
    return corpus
