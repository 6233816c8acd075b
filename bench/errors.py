"""The errors that a user can cause, as one small tree.

```
BenchError              anything below; the command line prints its one sentence, never a traceback
├── UsageError          the call is wrong: an unknown name, settings that do not fit (exit code 2)
├── DataError           a file or folder is not what it should be (exit code 2)
│   └── CheckpointError a weight file does not fill its network exactly
├── SeparatorError      a separator failed on an item, or gave something that is not a waveform
├── WorkerError         the processes that were to do the work cannot start
└── StorageError        writing failed (a full disk, a read-only folder); what was there is kept
```

A message is one sentence that says what was given, what was expected and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BenchError",
    "CheckpointError",
    "DataError",
    "SeparatorError",
    "StorageError",
    "UsageError",
    "WorkerError",
    "unknown_name",
]


class BenchError(Exception):
    """Base of every error that a user can cause."""

    exit_code = 2


class UsageError(BenchError):
    """The call itself is wrong."""


class DataError(BenchError):
    """A file or a folder is not what it should be."""


class CheckpointError(DataError):
    """A weight file does not fill its network exactly."""


class SeparatorError(BenchError):
    """A separator failed on an item; a run counts it and goes on."""

    exit_code = 1


class WorkerError(BenchError):
    """The processes that were to do the work cannot start; no item is to blame."""

    exit_code = 1


class StorageError(BenchError):
    """Writing failed; nothing that was complete is lost."""

    exit_code = 1


def unknown_name(kind: str, given: str, known: Iterable[str]) -> UsageError:
    """Make the error for a name that is not known, with the nearest known one.

    Args:
        kind: What is being named, in the singular ("separator").
        given: The name that was given.
        known: All names that would have been accepted.
    """
    names = list(known)
    spelled = {name.lower(): name for name in names}
    longer = [name for name in spelled if name.startswith(given.lower())] if given else []
    near = longer or difflib.get_close_matches(given.lower(), spelled, n=1, cutoff=0.55)
    hint = f": did you mean '{spelled[near[0]]}'?" if near else "."
    return UsageError(f"unknown {kind} '{given}'{hint} Known: {', '.join(names)}.")
