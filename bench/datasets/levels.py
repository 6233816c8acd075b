"""Active speech level, ITU-T P.56 method B, and the 2:1 resampler in front of it.

Levels are power units (full scale 1) or dB of them; rates are in hertz. The official mixtures
measure the level of an 8 kHz copy and scale the 16 kHz signal with it. All arithmetic is float64.

Source: ITU-T Recommendation P.56 (12/2011), method B; constants as used for the wsj0-2mix recipe.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

__all__ = ["active_level_db", "active_power", "halve_rate"]

Float = NDArray[np.float64]

# Analogue Chebyshev type II high-pass: order 5, stop band -50 dB, -0.25 dB at 1 rad/s.
_ZEROS = (0j, 0.37843443673j, -0.37843443673j, 0.23388534441j, -0.23388534441j)
_POLES = (
    -0.66793268833792 + 0j,
    -0.20640255179496 + 0.73942185906851j,
    -0.20640255179496 - 0.73942185906851j,
    -0.54036889596392 + 0.45698784092898j,
    -0.54036889596392 - 0.45698784092898j,
)
_CORNER_HZ = 200.0
_LOW_PASS_FROM_HZ = 12100
_MARGIN_DB = 15.9
_SMOOTHING_S = 0.03
_HANG_OVER_S = 0.2
_TAIL_S = 0.35
_CLASSES = 20
_SILENT = -(1 << 20)  # exponent of an exact zero
_STEP_DB = 10 * math.log10(2)


def halve_rate(samples: NDArray[np.floating]) -> Float:
    """Resample 2:1 with a 41-tap linear-phase low-pass (Kaiser, beta 5) and no delay.

    Args:
        samples: `(samples,)` at twice the wanted rate.

    Returns:
        `(ceil(samples / 2),)` float64.
    """
    taps = _half_band()
    centre = len(taps) // 2
    padded = np.concatenate([np.asarray(samples, np.float64), np.zeros(centre)])
    delayed = signal.upfirdn(taps, padded, up=1, down=2)[centre // 2 :]
    return np.asarray(delayed[: -(-len(samples) // 2)], np.float64)


def active_level_db(samples: NDArray[np.floating], sample_rate: int = 8000) -> float:
    """Measure the active speech level in dB relative to a power of 1.

    Args:
        samples: `(samples,)`, full scale 1.
        sample_rate: In hertz, below 12100: above, the recommendation adds a low-pass filter that
            the mixtures never use.

    Returns:
        The level; minus infinity for digital silence.

    Raises:
        ValueError: The sample rate is too high.

    >>> sine = np.sin(2 * np.pi * 1000 * np.arange(16000) / 8000)
    >>> round(active_level_db(sine, 8000), 3)
    -3.573
    """
    if sample_rate >= _LOW_PASS_FROM_HZ:
        raise ValueError(
            f"a sample rate of {sample_rate} Hz was given, but active levels are measured below"
            f" {_LOW_PASS_FROM_HZ} Hz; resample first (halve_rate)."
        )
    tail = np.zeros(math.ceil(_TAIL_S * sample_rate))
    filtered = _high_pass(np.concatenate([np.asarray(samples, np.float64), tail]), sample_rate)
    energy = float(np.sum(filtered * filtered))
    exponents = _held_exponents(filtered, sample_rate)
    highest = int(exponents.max())
    if energy == 0 or highest == _SILENT:
        return -math.inf
    top = highest + 1
    classes = np.minimum(top - exponents, _CLASSES)
    counts = np.cumsum(np.bincount(classes, minlength=_CLASSES + 1))[1:]  # (class,)
    return _crossing(energy, counts, top)


def active_power(samples: NDArray[np.floating], sample_rate: int = 8000) -> float:
    """Measure the active speech level as a power; 0 for digital silence."""
    return float(10 ** (active_level_db(samples, sample_rate) / 10))


@lru_cache(maxsize=1)
def _half_band() -> Float:
    position = np.arange(-20, 21)
    taps = np.sinc(position / 2) * np.kaiser(41, 5.0)
    return np.asarray(taps / taps.sum())


@lru_cache(maxsize=4)
def _filter(sample_rate: int) -> tuple[Float, Float]:
    """Map the analogue filter to numerator and denominator with gain 1 at half the rate."""
    warp = math.tan(_CORNER_HZ * math.pi / sample_rate)
    numerator, denominator = (
        np.poly([(1 + root * warp) / (1 - root * warp) for root in roots]).real
        for roots in (_ZEROS, _POLES)
    )
    signs = np.array([1.0, -1.0] * 3)
    gain = (denominator @ signs) / (numerator @ signs)
    return np.asarray(numerator * gain, np.float64), np.asarray(denominator, np.float64)


def _high_pass(samples: Float, sample_rate: int) -> Float:
    numerator, denominator = _filter(sample_rate)
    return np.asarray(signal.lfilter(numerator, denominator, samples))


def _held_exponents(filtered: Float, sample_rate: int) -> NDArray[np.int64]:
    """Binary exponents of the squared envelope, each held for the hang-over time."""
    forget = math.exp(-1 / (_SMOOTHING_S * sample_rate))
    envelope = signal.lfilter(
        [(1 - forget) ** 2], [1, -2 * forget, forget * forget], np.abs(filtered)
    )
    mantissa, exponents = np.frexp(envelope * envelope)
    exponents = np.where(mantissa == 0, _SILENT, exponents).astype(np.int64)
    held = math.ceil(_HANG_OVER_S * sample_rate) + 1
    return np.asarray(
        ndimage.maximum_filter1d(
            exponents, held, mode="constant", cval=_SILENT, origin=(held - 1) // 2
        )
    )


def _crossing(energy: float, counts: NDArray[np.int64], top: int) -> float:
    """Interpolate the level at which it stands the margin above its own threshold.

    Args:
        energy: Sum of squares.
        counts: `(20,)` samples that are active under each of the 20 thresholds.
        top: One above the largest exponent.
    """
    levels_db = [10 * math.log10(energy / count) if count else math.inf for count in counts]
    excess_db = [
        level - _STEP_DB * (top - k - 1) - _MARGIN_DB for k, level in enumerate(levels_db, start=1)
    ]
    for k in range(_CLASSES - 1):
        if excess_db[k] < 0 <= excess_db[k + 1]:
            share = 1 / (1 - excess_db[k + 1] / excess_db[k])
            return levels_db[k] + share * (levels_db[k + 1] - levels_db[k])
    return levels_db[-1] if excess_db[-1] <= 0 else levels_db[0]
