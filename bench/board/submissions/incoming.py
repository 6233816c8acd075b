"""What a submission may not bring along when it comes in: verdicts that only the board gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.board.submissions.findings import Finding
from bench.board.submissions.folders import read_hash, submission_folders
from bench.board.submissions.reading import VERIFICATION
from bench.board.submissions.untrusted import read_bytes
from bench.errors import DataError

__all__ = ["incoming_findings", "known_submissions"]


def known_submissions(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the submissions that a board has already, by the hash of their description."""
    found = {}
    for place in folders:
        for folder in submission_folders(place):
            if (sha256 := read_hash(folder)) is not None:
                found[sha256] = folder
    return found


def incoming_findings(folder: Path, known: Mapping[str, Path]) -> list[Finding]:
    """Refuse the verdict of a verification that the board does not have beside the same bytes."""
    old = known.get(read_hash(folder) or "")
    if _verdict(folder) == (_verdict(old) if old else None):
        return []
    problem = "is not what the board has: only the board writes it; leave it as it was, or out"
    return [Finding(VERIFICATION, problem)]


def _verdict(folder: Path) -> bytes | None:
    if not (folder / VERIFICATION).exists():
        return None
    try:
        return read_bytes(folder, VERIFICATION)
    except DataError:
        return b""
