"""Where results that depend on content alone are kept between runs.

`AVSS_BENCH_CACHE` names the folder; else it is `avss-bench` in the user's cache folder. Deleting or
damaging it costs time, never a result: every file begins with the SHA-256 of the rest.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from bench.core.files import write_bytes
from bench.errors import StorageError

__all__ = ["cache_folder", "keep", "recall"]

_DIGEST_BYTES = 32


def cache_folder() -> Path:
    """Return the folder of the cache; it may not exist yet."""
    if chosen := os.environ.get("AVSS_BENCH_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "avss-bench"


def recall(kind: str, key: str) -> bytes | None:
    """Return what was kept under a content hash; None if nothing was, or not these bytes."""
    try:
        kept = _place(kind, key).read_bytes()
    except OSError:
        return None
    digest, content = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
    return content if digest == hashlib.sha256(content).digest() else None


def keep(kind: str, key: str, content: bytes) -> None:
    """Keep bytes under a content hash; a cache that cannot be written is no cache, no error."""
    with contextlib.suppress(StorageError):
        write_bytes(_place(kind, key), hashlib.sha256(content).digest() + content)


def _place(kind: str, key: str) -> Path:
    return cache_folder() / kind / key[:2] / key
