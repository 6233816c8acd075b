"""Putting a finished site in place: all of it or nothing, and never over somebody's own files.

A site names its files in `site.json`. A folder that holds anything else is not replaced.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.core.files import storage_errors, write_bytes
from bench.core.jsonio import dumps_pretty, loads
from bench.errors import DataError, UsageError

__all__ = ["check_folder", "write_site"]

_MARKER = "site.json"
_MAKER = "avss-bench site"
_SCHEMA = 1


def check_folder(folder: Path) -> None:
    """Make sure that a site may be written to a folder: absent, empty, or an older site of ours.

    Raises:
        UsageError: It is a file, or holds what no site of ours has written.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, but --out expects a folder; give another name.")
    if not folder.exists() or not any(folder.iterdir()):
        return
    known = _known_files(folder)
    if known is None:
        raise UsageError(
            f"{folder} holds something that is not a site of avss-bench, which would be lost; "
            "give a new folder as --out."
        )
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    strangers = sorted(present - known - {_MARKER})
    if strangers:
        raise UsageError(
            f"{folder} holds {strangers[0]}, which would be lost: move what avss-bench has not "
            "written away, or give a new folder as --out."
        )


def _known_files(folder: Path) -> set[str] | None:
    """Return the files that a site says it has; None where there is no site of ours."""
    path = folder / _MARKER
    try:
        content = loads(path.read_bytes(), str(path))
    except (OSError, DataError):
        return None
    if not isinstance(content, dict) or content.get("made_by") != _MAKER:
        return None
    files = content.get("files")
    return set(files) if isinstance(files, dict) else None


def write_site(files: Mapping[str, bytes], folder: Path) -> None:
    """Write all files to a new folder beside the old one, then exchange the two.

    Args:
        files: Contents by path below the folder.
        folder: Where the site goes.

    Raises:
        UsageError: As `check_folder`.
        StorageError: Something could not be written; an older site is untouched.
    """
    folder = folder.resolve()
    check_folder(folder)
    with storage_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for name, content in {**files, _MARKER: _marker(files)}.items():
            write_bytes(new / name, content)
        new.chmod(0o755)
        with storage_errors(folder):
            _exchange(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _marker(files: Mapping[str, bytes]) -> bytes:
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return dumps_pretty({"made_by": _MAKER, "schema": _SCHEMA, "files": hashes}).encode()


def _exchange(new: Path, folder: Path) -> None:
    """Rename the new folder into place, and bring the old one back if that fails."""
    if not folder.exists():
        new.rename(folder)
        return
    old = new.with_name(f"{new.name}.old")
    folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
