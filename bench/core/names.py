"""Ids that become names of files."""

from __future__ import annotations

from bench.errors import DataError

__all__ = ["check_file_name"]


def check_file_name(name: str) -> str:
    """Return a name that stays in the folder it is put in.

    Raises:
        DataError: It is empty, `.` or `..`, or holds a path separator or a zero byte.
    """
    if name in ("", ".", "..") or any(sign in name for sign in "/\\\0"):
        raise DataError(
            f"the id {name!r} cannot name a file; give ids without path separators, and not '..'."
        )
    return name
