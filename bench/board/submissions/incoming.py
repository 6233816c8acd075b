"""What may not come in with a submission: verdicts that only the board gives, and strays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.board.submissions.findings import Finding, capped, shown
from bench.board.submissions.folders import read_hash, stray_files, submission_folders
from bench.board.submissions.reading import VERIFICATION
from bench.board.submissions.untrusted import read_bytes
from bench.board.submissions.validation import Report
from bench.errors import DataError

__all__ = ["incoming_findings", "known_submissions", "stray_reports"]


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


def stray_reports(place: Path) -> list[Report]:
    """Refuse what lies beside submissions; no report where nothing does."""
    problem = "lies beside submissions and is none; put it into the folder of one, or leave it out"
    found = [Finding(shown(path.name, quoted=False), problem) for path in stray_files(place)]
    return [Report(place, None, tuple(capped(found, ".")))] if found else []


def _verdict(folder: Path) -> bytes | None:
    if not (folder / VERIFICATION).exists():
        return None
    try:
        return read_bytes(folder, VERIFICATION)
    except DataError:
        return b""
