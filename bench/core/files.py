"""Files that are never half-written, torn or shared without being noticed."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gzip
import io
import os
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from bench.errors import DataError, StorageError, UsageError

__all__ = [
    "append_lines",
    "gzip_bytes",
    "hold",
    "read_gzip",
    "read_whole_lines",
    "storage_errors",
    "write_bytes",
    "write_media",
    "write_text",
]


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn a failed write into one sentence about `path`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            why = "the disk is full; free some space and give the same command again"
        else:
            why = f"{error.strerror or error}; choose a place that can be written"
        raise StorageError(f"cannot write {path}: {why} (what was complete is kept).") from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file: under a temporary name beside it first, then renamed into place.

    Raises:
        StorageError: The folder cannot be written or the disk is full; an older file is untouched.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_text(path: Path, content: str) -> None:
    """Write a whole UTF-8 text file, as `write_bytes` does."""
    write_bytes(path, content.encode())


def write_media(path: Path, content: bytes) -> None:
    """Write one of many large files: whole or not at all, but not forced to the disk at once.

    There is one writer; what a killed one leaves is overwritten by the next.

    Raises:
        StorageError: As `write_bytes`.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        temporary.write_bytes(content)
        temporary.replace(path)


def append_lines(path: Path, lines: list[str]) -> None:
    """Append lines in one write that has reached the disk when this returns.

    A crash can tear the end of the file; readers drop a torn last line.

    Raises:
        StorageError: The disk is full or the file cannot be written.
    """
    with storage_errors(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            content = memoryview("".join(f"{line}\n" for line in lines).encode())
            while content:
                content = content[os.write(descriptor, content) :]
            os.fsync(descriptor)
        except OSError as error:
            # Devices and pipes cannot be synchronised; that loses nothing.
            if error.errno != errno.EINVAL:
                raise
        finally:
            os.close(descriptor)


def read_whole_lines(path: Path) -> bytes:
    """Read a file that lines are appended to, after dropping a torn last line from it.

    Raises:
        StorageError: The torn line cannot be dropped.
    """
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with storage_errors(path), path.open("r+b") as stream:
            stream.truncate(len(whole))
    return whole


@contextlib.contextmanager
def hold(path: Path, busy: str) -> Iterator[None]:
    """Keep other processes away from what a file stands for; the lock goes with the process.

    Args:
        path: Made where it is not there yet.
        busy: What to say if another process holds it.

    Raises:
        UsageError: Another process holds it.
        StorageError: It cannot be written.
    """
    with contextlib.ExitStack() as stack:
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = stack.enter_context(path.open("ab"))  # some systems lock only for writers
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UsageError(busy) from error
        yield


def gzip_bytes(content: bytes) -> bytes:
    """Compress to the same bytes every time: no time stamp, no file name."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0) as stream:
        stream.write(content)
    return buffer.getvalue()


def read_gzip(path: Path, advice: str) -> bytes:
    """Read a compressed file.

    Args:
        path: Where it is.
        advice: What to do if it cannot be read.

    Raises:
        DataError: It is absent, not gzip, or truncated.
    """
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise DataError(f"{path} cannot be read ({why}): {advice}.") from error
