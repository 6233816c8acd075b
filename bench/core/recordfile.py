"""Files of records: append-only while a run is under way, sorted and compressed when it is done.

The growing file may be cut anywhere by a crash: a torn last line is dropped and its mixture redone.
Any other line that cannot be read is an error that names file and line.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench.core.files import append_lines, gzip_bytes, read_gzip, read_whole_lines, write_bytes
from bench.core.record import Record, parse_record

__all__ = ["append_records", "read_growing", "read_records", "write_records"]


def append_records(path: Path, records: Iterable[Record]) -> None:
    """Append records in one write that reaches the disk."""
    append_lines(path, [record.line() for record in records])


def read_growing(path: Path) -> list[Record]:
    """Read a growing file after dropping a torn last line from it.

    Raises:
        DataError: A line other than a torn last one cannot be read.
    """
    return _parse(read_whole_lines(path), path) if path.exists() else []


def write_records(path: Path, records: Iterable[Record]) -> None:
    """Write a finished file: one line per record, gzip, the same bytes every time."""
    write_bytes(path, gzip_bytes("".join(f"{record.line()}\n" for record in records).encode()))


def read_records(path: Path) -> list[Record]:
    """Read a finished file.

    Raises:
        DataError: Absent, not gzip, truncated, or a line that cannot be read.
    """
    return _parse(read_gzip(path, f"delete {path.parent} and run again"), path)


def _parse(content: bytes, path: Path) -> list[Record]:
    lines = content.split(b"\n")[:-1]
    return [parse_record(line, f"{path}, line {n}") for n, line in enumerate(lines, 1)]
