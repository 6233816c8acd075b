"""Identity by content: SHA-256 of files, arrays and settings."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.core.jsonio import dumps

__all__ = ["hash_array", "hash_bytes", "hash_file", "hash_settings"]


def hash_bytes(content: bytes) -> str:
    """SHA-256 of `content`, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def hash_file(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_array(array: NDArray[Any]) -> str:
    """SHA-256 of an array's type, shape and values."""
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def hash_settings(settings: object) -> str:
    """SHA-256 of anything that JSON can hold, independent of the order of its keys."""
    return hash_bytes(dumps(settings).encode())
