"""Benchmark and leaderboard harness for audio-visual speech separation.

Everything here is loaded on first use, so that `import bench` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.datasets import list_datasets, load_dataset
    from bench.run import Run, evaluate
    from bench.separators import list_separators, load_separator

__all__ = [
    "Run",
    "evaluate",
    "list_datasets",
    "list_separators",
    "load_dataset",
    "load_separator",
    "metrics",
]

__version__ = "0.1.0"

_HOMES = {
    "Run": "bench.run",
    "evaluate": "bench.run",
    "list_datasets": "bench.datasets",
    "list_separators": "bench.separators",
    "load_dataset": "bench.datasets",
    "load_separator": "bench.separators",
}


def __getattr__(name: str) -> object:
    if name == "metrics":
        return importlib.import_module("bench.metrics")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'bench' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
