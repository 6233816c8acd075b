"""What every test may use: the reference material where it exists, and quiet, fixed arithmetic."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import pytest

# Test processes run side by side: each computes with one thread, as do the commands they start.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# A job in the background ignores Ctrl-C, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    with contextlib.suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def material() -> Path:
    """The folder of reference material; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("AVSS_BENCH_MATERIAL", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no reference material at {folder} (set AVSS_BENCH_MATERIAL)")
    return folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what tests compute out of the user's cache."""
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
