"""PESQ as MOS-LQO: wide-band (ITU-T P.862.2) and narrow-band (P.862 mapped by P.862.1).

The C code of the `pesq` package is called; it judges at 8 or 16 kHz, so other rates are resampled
to 16 kHz first by the rule of `bench.metrics.resample`. Level and polarity do not count: the code
divides both signals by their common peak and aligns their levels.

Its tables hold 50 utterances and it writes past their end without noticing. An utterance with the
pause after it takes at least 0.4 s, so signals of up to 20 s are safe (P.862.3 recommends 8 to
30 s); longer ones are not scored.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np

from bench.errors import UsageError
from bench.metrics.resampling import resample
from bench.metrics.signals import Audio, Samples, by_reference, check_sample_rate, paired

__all__ = ["AssessPesq", "Mode", "assess_pesq", "pesq_nb", "pesq_wb"]

Mode = Literal["wb", "nb"]
AssessPesq: TypeAlias = Callable[[Samples, Samples, int, Mode], tuple[float, str]]
"""Computes PESQ of (estimate, reference) at a rate in hertz, as `assess_pesq` does."""

_LONGEST_S = 20
_SHORTEST_S = 0.25
_WIDE_BAND_HZ = 16000
_NATIVE_HZ = (8000, 16000)


def pesq_wb(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute wide-band PESQ (P.862.2), 1.04 to 4.64.

    Args:
        estimate: `(..., samples)`.
        reference: `(..., samples)`.
        sample_rate: In hertz, 16000 or more.

    Returns:
        float64 `(...)`; nan where a signal is silent, not finite, shorter than 0.25 s or longer
        than 20 s, where no utterance is found in the reference, and below 16 kHz.

    Raises:
        UsageError: The `pesq` package is not installed.
    """
    return _over_leading_axes(estimate, reference, sample_rate, "wb")


def pesq_nb(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute narrow-band PESQ (P.862.1), 1.02 to 4.55; 8 kHz and more, otherwise as `pesq_wb`."""
    return _over_leading_axes(estimate, reference, sample_rate, "nb")


def assess_pesq(
    estimate: Samples, reference: Samples, sample_rate: int, mode: Mode
) -> tuple[float, str]:
    """Compute PESQ of one estimate.

    Args:
        estimate: `(samples,)`.
        reference: `(samples,)`.
        sample_rate: In hertz.
        mode: Wide-band or narrow-band.

    Returns:
        The value and "", or nan and the reason why there is none.
    """
    problem = _problem(estimate, reference, sample_rate, mode)
    if problem:
        return math.nan, problem
    if sample_rate not in _NATIVE_HZ:
        estimate = resample(estimate, from_hz=sample_rate, to_hz=_WIDE_BAND_HZ)
        reference = resample(reference, from_hz=sample_rate, to_hz=_WIDE_BAND_HZ)
        sample_rate = _WIDE_BAND_HZ
    compute, failures = _implementation()
    try:
        with np.errstate(all="ignore"):
            value = float(compute(sample_rate, reference, estimate, mode))
    except failures as error:
        return math.nan, f"PESQ gave no score: {_message(error)}"
    if not value > 0:
        return math.nan, f"PESQ gave no score: its code returned {value:g}"
    return value, ""


def _problem(estimate: Samples, reference: Samples, sample_rate: int, mode: Mode) -> str:
    """Say why the C code must not see these signals, or "" if it may."""
    duration_s = reference.size / sample_rate
    lowest_hz = _WIDE_BAND_HZ if mode == "wb" else min(_NATIVE_HZ)
    if sample_rate < lowest_hz:
        return f"this PESQ needs at least {lowest_hz} Hz and got {sample_rate} Hz"
    if duration_s < _SHORTEST_S:
        return f"PESQ needs at least {_SHORTEST_S} s and got {duration_s:.3g} s"
    if duration_s > _LONGEST_S:
        return f"the code of PESQ is safe up to {_LONGEST_S} s and got {duration_s:.4g} s"
    for name, signal in (("reference", reference), ("estimate", estimate)):
        if not np.isfinite(signal).all():
            return f"the {name} is not finite"
        if not signal.any():
            return f"the {name} is silent"
    return ""


def _over_leading_axes(estimate: Audio, reference: Audio, sample_rate: int, mode: Mode) -> Samples:
    check_sample_rate(sample_rate)
    estimate, reference = paired(estimate, reference)
    values = np.full(np.broadcast_shapes(estimate.shape, reference.shape)[:-1], np.nan)
    for target, group in by_reference(estimate, reference):
        for index, row in group:
            values[index], _ = assess_pesq(row, target, sample_rate, mode)
    return values[()]


@functools.cache
def _implementation() -> tuple[Callable[..., float], tuple[type[Exception], ...]]:
    """Load the package; return its function, and the errors that mean "no score"."""
    try:
        import pesq  # compiled code: only those who ask for PESQ must have it
    except ImportError as error:
        raise UsageError(
            f"PESQ cannot be computed, the package 'pesq' does not load ({error}): it is built "
            "from source, so install a C compiler (Debian or Ubuntu: apt install build-essential; "
            "macOS: xcode-select --install), then run `pip install pesq`; or leave PESQ out of "
            "--metrics."
        ) from error
    # A nearly silent estimate vanishes in float32 there, and its NaN level makes a ValueError.
    return pesq.pesq, (pesq.PesqError, ValueError, ZeroDivisionError, OverflowError)


def _message(error: Exception) -> str:
    text = error.args[0] if error.args else type(error).__name__
    return text.decode() if isinstance(text, bytes) else str(text)
