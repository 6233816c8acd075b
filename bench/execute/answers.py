"""What a call in another process gave, as bytes that the caller can always read.

Plain pickle, never that of `multiprocessing`, so that tensors travel by content: file descriptors,
one per tensor, run out.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable

__all__ = ["answer", "failure"]


def answer(call: Callable[[], object]) -> bytes:
    """Make the call; return its result and the exception that it raised, one of them None."""
    try:
        return pickle.dumps((call(), None), protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return failure(error)


def failure(error: Exception) -> bytes:
    """Return an exception as an answer; one that does not survive pickling is told as text."""
    try:
        packed = pickle.dumps((None, error), protocol=pickle.HIGHEST_PROTOCOL)
        pickle.loads(packed)
    except Exception:
        return pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}")))
    return packed
