"""Fetching published weight files; nothing is fetched unless it was asked for.

Files are kept in the cache. One with a known SHA-256 is pinned to it; what arrives in the place of
one without is checked for being a web page before anything else looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.core.cache import cache_folder
from bench.errors import DataError, UsageError
from bench.separators.card import WeightFile
from bench.separators.registry import find_card

__all__ = ["fetch_files", "kept_file"]


def fetch_files(separator: str, missing: Sequence[str]) -> dict[str, Path]:
    """Fetch the published weight files of a system.

    Args:
        separator: Id of the system.
        missing: Roles that no local file was given for.

    Returns:
        The local file of each role.

    Raises:
        UsageError: The authors publish a file where no program can fetch it; says where.
        DataError: The download failed, or is not the published file.
    """
    wanted = [file for file in find_card(separator).files if file.role in missing]
    return {file.role: _fetch(separator, file) for file in wanted}


def kept_file(separator: str, file: WeightFile) -> Path | None:
    """Return a file that was fetched before; None if it was not."""
    path = _folder(separator) / file.name
    return path if path.is_file() else None


def _folder(separator: str) -> Path:
    return cache_folder() / "weights" / separator


def _fetch(separator: str, file: WeightFile) -> Path:
    if file.url is None:
        raise UsageError(
            f"{file.name} of {separator} cannot be fetched by a program: get it from {file.where} "
            f"and give it as --{file.role.replace('_', '-')}."
        )
    import pooch
    from requests import RequestException

    from bench.separators.checkpoints import refuse_web_page

    pin = f"sha256:{file.sha256}" if file.sha256 else None
    try:
        path = Path(
            pooch.retrieve(file.url, known_hash=pin, fname=file.name, path=_folder(separator))
        )
    except (RequestException, ValueError, OSError) as error:
        raise DataError(
            f"{file.url} could not be fetched as {file.name} of {separator}: {error}"
        ) from error
    try:
        refuse_web_page(path)
    except DataError:
        path.unlink()
        raise
    return path
