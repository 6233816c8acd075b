"""Where results and the cache are written, and how much room there is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.core.cache import cache_folder
from bench.run.doctor.finding import Finding

__all__ = ["examine_storage"]

_GROUP = "storage"
# Records of a whole set are a few megabytes; estimates of one are a gigabyte.
_LITTLE = 1e9


def examine_storage(results: Path) -> Iterator[Finding]:
    """Look at the folders that are written to."""
    cache = cache_folder()
    yield _folder("results", results, "give another folder with --out", needed=True)
    kept = _size(cache)
    said = f"{kept / 1e6:.0f} MB; deleting it costs only time" if kept else "empty"
    yield _folder("cache", cache, "name another folder in AVSS_BENCH_CACHE", said=said)


def _folder(name: str, folder: Path, mend: str, *, said: str = "", needed: bool = False) -> Finding:
    """Whether a folder, which may not exist yet, can be written, and how much room it has."""
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except OSError as error:
        found = f"{folder} cannot be written ({error.strerror})"
        return Finding(_GROUP, name, "broken", found, mend, needed=needed)
    found = "; ".join(filter(None, (str(folder), said, f"{free / 1e9:.1f} GB are free")))
    if free < _LITTLE:
        mend = f"make room, or {mend}"
        return Finding(_GROUP, name, "broken", f"{found}, which is little", mend, needed=needed)
    return Finding(_GROUP, name, "ok", found, needed=needed)


def _size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            total += path.stat().st_size if path.is_file() else 0
    return total
