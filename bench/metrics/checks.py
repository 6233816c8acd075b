"""Which signals can be scored at all: one channel, finite, equally long."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bench.errors import BenchError
from bench.metrics.signals import Audio, Samples, as_samples

__all__ = ["BadSignalError", "checked_signals"]

# Sums of squares must stay finite in float64; no audio comes near.
_TOO_LARGE = 1e100


class BadSignalError(Exception):
    """A signal that makes the whole item fail.

    Attributes:
        name: Which of the given signals.
    """

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


def checked_signals(given: Mapping[str, Audio | None]) -> dict[str, Samples]:
    """Convert the signals of one item by name, leaving out a mixture or interferer that is None.

    Raises:
        BadSignalError: One is no signal of one channel, empty, not finite, or of another length.
    """
    signals: dict[str, Samples] = {}
    for name, audio in given.items():
        if audio is None and name in ("mixture", "interferer"):
            continue
        signals[name] = _checked_signal(name, audio)
        length = signals["estimate"].size
        if signals[name].size != length:
            raise BadSignalError(
                name if name != "reference" else "estimate",
                f"the estimate has {length} samples and the {name} {signals[name].size}, expected "
                "equal lengths: cut or pad one of them",
            )
    return signals


def _checked_signal(name: str, audio: Audio | None) -> Samples:
    if audio is None:
        raise BadSignalError(name, f"there is no {name}, expected samples")
    try:
        samples = as_samples(audio)
    except (BenchError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise BadSignalError(name, f"the {name} is no signal: {error}".rstrip(".")) from error
    if samples.ndim != 1:
        raise BadSignalError(
            name, f"the {name} has the shape {samples.shape}, expected one channel (samples,)"
        )
    if not samples.size:
        raise BadSignalError(name, f"the {name} is empty, expected samples")
    bad = int(np.count_nonzero(~(np.abs(samples) < _TOO_LARGE)))
    if bad:
        raise BadSignalError(
            name,
            f"{bad} of {samples.size} samples of the {name} are NaN or infinite, expected numbers",
        )
    return samples
