"""Files of records: append-only while a run is under way, sorted and compressed when it is done.

The growing file may be cut anywhere by a crash: a torn last line is dropped and its mixture redone.
Any other line that cannot be read is an error that names file and line.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path

from bench.core.files import append_lines, gzip_bytes, storage_errors, write_bytes
from bench.core.record import Record, parse_record
from bench.errors import DataError

__all__ = ["append_records", "read_growing", "read_records", "write_records"]


def append_records(path: Path, records: Iterable[Record]) -> None:
    """Append records in one write that reaches the disk."""
    append_lines(path, [record.line() for record in records])


def read_growing(path: Path) -> list[Record]:
    """Read a growing file after dropping a torn last line from it.

    Raises:
        DataError: A line other than a torn last one cannot be read.
    """
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with storage_errors(path), path.open("r+b") as stream:
            stream.truncate(len(whole))
    return _parse(whole, path)


def write_records(path: Path, records: Iterable[Record]) -> None:
    """Write a finished file: one line per record, gzip, the same bytes every time."""
    write_bytes(path, gzip_bytes("".join(f"{record.line()}\n" for record in records).encode()))


def read_records(path: Path) -> list[Record]:
    """Read a finished file.

    Raises:
        DataError: Absent, not gzip, truncated, or a line that cannot be read.
    """
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError as error:
        raise DataError(f"there is no {path}; a finished run has one.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path} is not a complete gzip file ({error}); delete {path.parent} and run again."
        ) from error
    return _parse(content, path)


def _parse(content: bytes, path: Path) -> list[Record]:
    lines = content.split(b"\n")[:-1]
    return [parse_record(line, f"{path}, line {n}") for n, line in enumerate(lines, 1)]
