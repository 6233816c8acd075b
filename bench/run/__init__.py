"""From a separator and a data set to records: plan, separate, score, resume, summarise."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.run.engine import evaluate
    from bench.run.result import Run

__all__ = ["Run", "evaluate"]

_HOMES = {"Run": "bench.run.result", "evaluate": "bench.run.engine"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'bench.run' has no attribute '{name}'")
