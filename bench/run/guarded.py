"""Scorers that call the C code of PESQ, in a process of its own: a crash costs one item, no run."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Literal

from bench.execute.guest import Guest, GuestDiedError
from bench.metrics import Scores
from bench.metrics.perceptual import Mode
from bench.metrics.signals import Samples

__all__ = ["guarded_pesq", "guarded_scores"]

_PESQ = ("bench.metrics.fourier:assess_pesq_faster", "bench.metrics.perceptual:assess_pesq")
_SCORERS = {
    "peers": "bench.metrics.peers:score_with_peers",
    "as published": "bench.metrics.as_published:score_as_published",
}


def guarded_pesq(
    estimate: Samples, reference: Samples, sample_rate: int, mode: Mode
) -> tuple[float, str]:
    """Compute PESQ as `assess_pesq` does; where its process dies, say so instead of a value.

    What dies with our transforms is tried again by the package alone.
    """
    for function in _PESQ:
        try:
            value, reason = _guest(function)(estimate, reference, sample_rate, mode)
        except GuestDiedError as ending:
            lost = _crash(ending)
        else:
            return float(value), str(reason)
    return math.nan, lost


def guarded_scores(
    scorer: Literal["peers", "as published"],
    signals: Mapping[str, Samples],
    names: Sequence[str],
    **settings: object,
) -> Scores:
    """Score one item with a scorer that cannot be given another PESQ.

    Args:
        scorer: Which one.
        signals: "estimate", "reference" and maybe "mixture".
        names: Keys of the values that an item has, for one that crashes.
        settings: What else the scorer is told.
    """
    try:
        found = _guest(_SCORERS[scorer])(**signals, **settings)
    except GuestDiedError as ending:
        return Scores(dict.fromkeys(names), {"estimate": _crash(ending)}, "failed")
    assert isinstance(found, Scores)
    return found


def _crash(ending: GuestDiedError) -> str:
    return f"the code of PESQ crashed on this item (its process {ending})"


@functools.cache
def _guest(function: str) -> Guest:
    """One guest per function serves all calls of this process."""
    return Guest(function)
