"""Where the mixture list of a set is taken from, and how it is held against its pin.

Lists of licensed corpora do not ship. In this order: the file that was given, the one beside the
card, the one that lies in the user's copy, the one that was fetched before, and, only if asked, the
authors' own address. Any list but the pinned one is refused, or marks every result.
"""

from __future__ import annotations

from pathlib import Path

from bench.core.cache import cache_folder
from bench.core.hashing import hash_file
from bench.datasets.cards import Card
from bench.datasets.choices import ListChoice
from bench.datasets.lists import MixtureList, read_list
from bench.errors import DataError, UsageError

__all__ = ["LIST_NAME", "find_list", "kept_list", "open_list"]

LIST_NAME = "mixtures.scp"


def open_list(
    card: Card, folder: Path, root: Path | None, choice: ListChoice
) -> tuple[MixtureList, tuple[str, ...]]:
    """Read the list of a set.

    Args:
        card: Of the set.
        folder: Where the card lies.
        root: The user's copy.
        choice: What the user wants.

    Returns:
        The list, and what every result on it must say.

    Raises:
        UsageError: There is no list; says where it is published.
        DataError: It is damaged, or not the pinned one and not declared unofficial.
    """
    path = find_list(card, folder, root, choice)
    mixtures = read_list(path, card.mixture_list.format)
    if mixtures.sha256 == card.mixture_list.sha256:
        return mixtures, ()
    short, pinned = mixtures.sha256[:12], card.mixture_list.sha256[:12]
    if not choice.unofficial:
        raise DataError(
            f"the mixture list {path} has the SHA-256 {short}… and {len(mixtures.lines)} mixtures,"
            f" but its card pins {pinned}… and {card.mixture_list.mixtures}; restore the original"
            " file, or say --list-unofficial, which marks every result."
        )
    mark = f"unofficial mixture list {short}… ({len(mixtures.lines)} mixtures)"
    return mixtures, (mark,)


def find_list(card: Card, folder: Path, root: Path | None, choice: ListChoice) -> Path:
    """Return where the list lies; fetches it if that was asked for.

    Raises:
        UsageError: It is nowhere.
        DataError: It cannot be fetched.
    """
    if choice.file is not None:
        return choice.file
    known = card.mixture_list
    if known.file is not None:
        return folder / known.file
    if root is not None and (root / LIST_NAME).is_file():
        return root / LIST_NAME
    beside = root / Path(known.url or "").name if root is not None and known.url else None
    if beside is not None and beside.is_file() and hash_file(beside) == known.sha256:
        return beside
    if (kept := kept_list(card)) is not None:
        return kept
    if choice.download and known.url is not None:
        return _fetch(card, known.url)
    raise UsageError(
        f"the mixture list of '{card.id}' does not ship; its authors publish it at {known.url}:"
        " give your copy with --list FILE, or fetch it with --download."
    )


def kept_list(card: Card) -> Path | None:
    """Return the list that was fetched before, if it still is the pinned one."""
    path = _place(card)
    return path if path.is_file() and hash_file(path) == card.mixture_list.sha256 else None


def _place(card: Card) -> Path:
    return cache_folder() / "lists" / f"{card.mixture_list.sha256}.scp"


def _fetch(card: Card, url: str) -> Path:
    import pooch
    from requests import RequestException

    place = _place(card)
    try:
        path = pooch.retrieve(
            url, f"sha256:{card.mixture_list.sha256}", fname=place.name, path=place.parent
        )
    except (RequestException, ValueError, OSError) as error:
        raise DataError(
            f"the mixture list of '{card.id}' could not be fetched from {url} ({error}); get it"
            " by other means and give it with --list FILE."
        ) from error
    return Path(path)
