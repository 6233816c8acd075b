"""Finding submissions in folders, without following a link."""

from __future__ import annotations

from pathlib import Path

from bench.board.submissions.models import FILE_NAME
from bench.board.submissions.untrusted import read_bytes
from bench.core.hashing import hash_bytes
from bench.errors import DataError, UsageError

__all__ = ["read_hash", "stray_files", "submission_folders"]

_MOST = 10_000
# Lies in a folder of submissions, which may be empty.
_SCHEMA_NAME = "submission.schema.json"
_OF_COLLECTIONS = (_SCHEMA_NAME, "README.md")


def submission_folders(place: Path) -> list[Path]:
    """Return a folder that holds a submission, or the folders in one that holds several.

    A folder beside submissions that holds none is named too: something is wrong with it.

    Raises:
        UsageError: There is no such folder, or it is larger than any collection.
    """
    if not place.is_dir():
        raise UsageError(f"there is no folder {place}; `avss-bench submit` writes a submission.")
    inside = sorted(place.iterdir())
    if len(inside) > _MOST:
        raise UsageError(f"{place} holds more than {_MOST} files; name a folder of submissions.")
    if any(path.name == FILE_NAME for path in inside):
        return [place]
    folders = [path for path in inside if path.is_symlink() or path.is_dir()]
    several = any((path / FILE_NAME).is_file() for path in folders)
    return folders if several or (place / _SCHEMA_NAME).is_file() else [place]


def stray_files(place: Path) -> list[Path]:
    """Return what lies in a folder of submissions and belongs neither to one nor to the folder.

    A run that lay there would count as measured here.
    """
    folders = submission_folders(place)
    if folders == [place]:
        return []
    known = {*folders, *(place / name for name in _OF_COLLECTIONS)}
    return [path for path in sorted(place.iterdir()) if path not in known]


def read_hash(folder: Path) -> str | None:
    """Return the identity of the submission in a folder; None where it cannot be read."""
    try:
        return hash_bytes(read_bytes(folder, FILE_NAME))
    except DataError:
        return None
