"""Names of files that stand for mixtures and voices."""

from __future__ import annotations

from pathlib import Path

from bench.errors import DataError

__all__ = ["ESTIMATE_PATTERN", "check_file_name", "estimate_path"]

# Where a voice of a mixture lies in a folder of estimates, unless told otherwise.
ESTIMATE_PATTERN = "s{speaker}/{mixture}.wav"


def estimate_path(
    folder: Path, mixture: str, speaker: int, pattern: str = ESTIMATE_PATTERN
) -> Path:
    """Return where a voice of a mixture lies in a folder of estimates.

    Raises:
        DataError: The id of the mixture cannot name a file.

    >>> estimate_path(Path("estimates"), "m7", 2).as_posix()
    'estimates/s2/m7.wav'
    """
    return folder / pattern.format(mixture=check_file_name(mixture), speaker=speaker)


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
