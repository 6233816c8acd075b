"""The one resampling rule: linear-phase polyphase filtering, as STOI defines it.

A sinc low-pass under a Kaiser window with 60 dB of rejection, its edge at the lower of the two
Nyquist frequencies, its taps summing to one; no delay; `ceil(samples * to / from)` samples come
out. It is the filter of Octave's `resample`, which the reference code of STOI calls.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from bench.metrics.signals import Audio, Samples, as_samples, check_sample_rate

__all__ = ["resample"]

_REJECTION_DB = 60.0
# Output samples that one row of the matrix product makes: enough to keep the processor busy.
_OUTPUTS = 80
# Rates with hardly a common divisor would need an enormous matrix; scipy is slower but lean there.
_LARGEST_MATRIX = 1_000_000


def resample(audio: Audio, *, from_hz: int, to_hz: int) -> Samples:
    """Change the sample rate.

    Args:
        audio: `(..., samples)` at `from_hz`.
        from_hz: Rate of `audio`, whole hertz.
        to_hz: Rate of the result, whole hertz.

    Returns:
        float64 `(..., ceil(samples * to_hz / from_hz))`; the samples themselves at equal rates.
    """
    samples = as_samples(audio)
    common = math.gcd(check_sample_rate(from_hz), check_sample_rate(to_hz))
    up, down = to_hz // common, from_hz // common
    if up == down or samples.shape[-1] == 0:
        return samples
    repeats = max(1, _OUTPUTS // up)
    if up * repeats * down * repeats > _LARGEST_MATRIX:
        return _resample_with_scipy(samples, up, down)
    matrix, first = _polyphase_matrix(up, down, repeats)
    wanted = -(-samples.shape[-1] * up // down)
    return _apply(samples, matrix, first, step=down * repeats, wanted=wanted)


def _apply(samples: Samples, matrix: Samples, first: int, *, step: int, wanted: int) -> Samples:
    """Multiply every window of the input, `step` samples apart, by the matrix of the filter."""
    width, outputs = matrix.shape
    rows = -(-wanted // outputs)
    padded = np.zeros((*samples.shape[:-1], (rows - 1) * step + width))
    # `first` is how far the first window starts before the signal.
    kept = min(samples.shape[-1], padded.shape[-1] - first)
    padded[..., first : first + kept] = samples[..., :kept]
    windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=-1)[..., ::step, :]
    resampled = (windows @ matrix).reshape(*samples.shape[:-1], rows * outputs)
    return np.ascontiguousarray(resampled[..., :wanted])


@functools.lru_cache(maxsize=8)
def _polyphase_matrix(up: int, down: int, repeats: int) -> tuple[Samples, int]:
    """Write the filter for `up * repeats` output samples at once as a matrix.

    Returns:
        The matrix `(window, outputs)`, and how many samples before its first output the window
        starts.
    """
    taps = _filter(up, down)
    half = (taps.size - 1) // 2
    first = half // up
    outputs = up * repeats
    last = ((outputs - 1) * down + half) // up
    # Output m takes from input n the tap m * down - n * up, counted from the middle.
    inputs = np.arange(-first, last + 1)[:, None]
    at = np.arange(outputs)[None, :] * down - inputs * up + half
    inside = (at >= 0) & (at < taps.size)
    return np.where(inside, up * taps[at.clip(0, taps.size - 1)], 0.0), first


@functools.lru_cache(maxsize=8)
def _filter(up: int, down: int) -> Samples:
    """Design the low-pass at the rate that both rates divide."""
    edge = 1 / (2 * max(up, down))
    half = math.ceil((_REJECTION_DB - 8) / (28.714 * edge / 10))
    beta = 0.1102 * (_REJECTION_DB - 8.7)
    taps = np.kaiser(2 * half + 1, beta) * np.sinc(2 * edge * np.arange(-half, half + 1))
    return np.asarray(taps / taps.sum())


def _resample_with_scipy(samples: Samples, up: int, down: int) -> Samples:
    import scipy.signal  # slow to import, and needed for odd rates only

    taps = _filter(up, down).tolist()
    return np.asarray(scipy.signal.resample_poly(samples, up, down, axis=-1, window=taps))
