"""Searching a user's folders: archives are unpacked a little differently everywhere.

Nothing is searched deeper than five levels, and no store of thousands of videos is walked through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

__all__ = ["find_named", "find_starts", "holds"]

_DEPTH = 5
# A folder with so many folders is a store of videos, not a level of an archive.
_STORE = 3000
_SHOWN = 6


def find_starts(root: Path, tops: Collection[str], skipped: Collection[str] = ()) -> Iterator[Path]:
    """Find the folders that hold any of the wanted folders, nearest to the root first.

    Args:
        root: Where to begin; it may be such a folder itself.
        tops: Names of the wanted folders; none of them is searched.
        skipped: Names of folders that are not searched either.
    """
    level = [root]
    for _ in range(_DEPTH):
        below: list[Path] = []
        for folder in level:
            children = _folders(folder)
            if any(child.name in tops for child in children):
                yield folder
            elif len(children) < _STORE:
                below += [child for child in children if child.name not in skipped]
        level = below


def find_named(root: Path, names: Collection[str], skipped: Collection[str] = ()) -> Path | None:
    """Return the first folder of one of these names at or below a root, or None."""
    if root.name in names:
        return root
    for start in find_starts(root, names, skipped):
        return next(child for child in _folders(start) if child.name in names)
    return None


def holds(folder: Path) -> str:
    """Say in a few words what a folder holds."""
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if not names:
        return "nothing"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"'{name}'" for name in names[:_SHOWN]) + more


def _folders(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError:  # a folder that may not be read holds nothing for us
        return []
    return [path for path in inside if not path.name.startswith(".") and path.is_dir()]
