"""Files from strangers: opened without following links, read within limits.

Nothing outside the folder is ever touched, nothing is unpacked to disk, and a compressed file is
read in pieces that stop at the limit, so that a small file cannot fill the memory.
"""

from __future__ import annotations

import os
import re
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path

from bench.board.submissions.findings import Finding, shown
from bench.errors import DataError

__all__ = [
    "FINGERPRINT",
    "LIMITS",
    "RECORDS",
    "WORDS",
    "Limit",
    "list_folder",
    "read_bytes",
    "unzip",
]

RECORDS = "records.jsonl.gz"
WORDS = "words.jsonl.gz"
# Below a folder that is called by the beginning of the fingerprint's own hash.
FINGERPRINT = re.compile(r"data/[0-9a-f]{12}/fingerprint\.json\.gz\Z")

_MEBIBYTE = 2**20
_MOST_ENTRIES = 200
_PIECE = 2**18


@dataclass(frozen=True)
class Limit:
    """How large a file may be.

    Attributes:
        stored: Bytes on disk.
        unpacked: Bytes after decompression.
        lines: Of its content.
    """

    stored: int
    unpacked: int
    lines: int = 0


LIMITS = {
    "submission.json": Limit(2 * _MEBIBYTE, 2 * _MEBIBYTE),
    "verification.json": Limit(2 * _MEBIBYTE, 2 * _MEBIBYTE),
    RECORDS: Limit(32 * _MEBIBYTE, 128 * _MEBIBYTE, 100_000),
    WORDS: Limit(32 * _MEBIBYTE, 128 * _MEBIBYTE, 100_000),
    "fingerprint.json.gz": Limit(8 * _MEBIBYTE, 32 * _MEBIBYTE),
}


def list_folder(folder: Path) -> tuple[list[str], list[Finding]]:
    """Name the files of a submission, two levels below `data` included, and what must not be there.

    Raises:
        DataError: There is no such folder.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}; `avss-bench submit` writes one.")
    files: list[str] = []
    findings: list[Finding] = []
    waiting, seen = [""], 0
    while waiting:
        below = waiting.pop()
        with os.scandir(folder / below) as entries:
            for entry in entries:
                seen += 1
                if seen > _MOST_ENTRIES:
                    too_many = f"more than {_MOST_ENTRIES} files lie here; remove what is foreign"
                    return files, [*findings, Finding(".", too_many)]
                path = f"{below}{entry.name}"
                if entry.is_dir(follow_symlinks=False) and _may_hold_files(path):
                    waiting.append(f"{path}/")
                elif problem := _foreign(entry, path):
                    findings.append(Finding(shown(path, quoted=False), problem))
                else:
                    files.append(path)
    return sorted(files), sorted(findings, key=lambda finding: finding.place)


def _may_hold_files(path: str) -> bool:
    return re.fullmatch(r"data(/[0-9a-f]{12})?", path) is not None


def _foreign(entry: os.DirEntry[str], path: str) -> str | None:
    if entry.is_symlink():
        return "a symbolic link; only plain files are read"
    if not entry.is_file(follow_symlinks=False):
        return "neither a plain file nor a folder of a submission; remove it"
    if path not in LIMITS and not FINGERPRINT.match(path):
        return "not a file of a submission; remove it"
    return None


def read_bytes(folder: Path, name: str) -> bytes:
    """Read a file of the folder as it lies there.

    Raises:
        DataError: It is absent, no plain file, or larger than its limit.
    """
    most = _limit(name).stored
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        with os.fdopen(os.open(folder / name, flags), "rb") as stream:
            state = os.fstat(stream.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise DataError(f"{name} is not a plain file.")
            content = stream.read(most + 1)
    except FileNotFoundError as error:
        raise DataError(f"there is no {name}; `avss-bench submit` writes it.") from error
    except OSError as error:
        raise DataError(f"{name} cannot be read ({error.strerror}).") from error
    if len(content) > most:
        raise DataError(f"{name} is larger than {most} bytes, the limit for such a file.")
    return content


def unzip(content: bytes, name: str) -> bytes:
    """Decompress one gzip member, in pieces, up to the limit of the file.

    Raises:
        DataError: Not gzip, truncated, followed by something else, or too large inside.
    """
    most = _limit(name).unpacked
    unpacker = zlib.decompressobj(wbits=31)
    pieces, size, rest = [], 0, content
    try:
        while not unpacker.eof:
            piece = unpacker.decompress(rest, _PIECE)
            rest = unpacker.unconsumed_tail
            if not piece and not rest:
                break
            size += len(piece)
            if size > most:
                raise DataError(f"{name} holds more than {most} bytes unpacked, the limit.")
            pieces.append(piece)
    except zlib.error as error:
        raise DataError(f"{name} is not a gzip file ({error}).") from error
    if not unpacker.eof:
        raise DataError(f"{name} ends in the middle: it is not a whole gzip file.")
    if unpacker.unused_data:
        raise DataError(f"{name} goes on after its end; one gzip stream is expected.")
    return b"".join(pieces)


def _limit(name: str) -> Limit:
    return LIMITS[name.rpartition("/")[2]]
