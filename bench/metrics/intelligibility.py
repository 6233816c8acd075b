"""Short-time objective intelligibility: STOI and its extended form ESTOI.

STOI: Taal, Hendriks, Heusdens, Jensen, "An Algorithm for Intelligibility Prediction of
Time-Frequency Weighted Noisy Speech", 2011. ESTOI: Jensen, Taal, "An Algorithm for Predicting the
Intelligibility of Speech Masked by Modulated Noise Maskers", 2016. Details as in the authors' code
and pystoi: 10 kHz, frames of 256 samples every 128 under a Hann window without its zeros, frames
whose reference lies 40 dB below its loudest removed, 15 third-octave bands from 150 Hz, segments
of 30 frames. The last full frame is left out, twice, because that code leaves it out.

Fewer than 30 frames give 1e-5, as there; `bench.metrics.score` withholds it. A band or frame
without any variation correlates with nothing: it counts 0 (pystoi adds random noise to ESTOI).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bench.metrics.resampling import resample
from bench.metrics.signals import Audio, Samples, by_reference, check_sample_rate, paired

__all__ = ["TOO_SHORT", "Intelligibility", "estoi", "intelligibility", "stoi"]

TOO_SHORT = 1e-5

_Measure: TypeAlias = Callable[[Samples, Samples], float]

_RATE = 10_000
_FRAME = 256
_HOP = 128
_TRANSFORM = 512
_BANDS = 15
_LOWEST_HZ = 150
_SEGMENT = 30
_DYNAMIC_RANGE_DB = 40
_CLIP = 1 + 10 ** (15 / 20)
_EPSILON = float(np.finfo(np.float64).eps)
_RISE, _FALL = np.split(np.hanning(_FRAME + 2)[1:-1], 2)
# Frames or segments treated at once: few enough to stay in the processor's cache.
_CHUNK = 32


@dataclass(frozen=True)
class Intelligibility:
    """Both measures of one estimate; the one that was not asked for is nan.

    Attributes:
        stoi: From about 0 (nothing understood) to 1.
        estoi: From about 0 to 1.
        long_enough: False where fewer than 30 frames are left without silence: both values are
            then 1e-5 and mean nothing.
    """

    stoi: float
    estoi: float
    long_enough: bool = True


def stoi(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the short-time objective intelligibility.

    Args:
        estimate: `(..., samples)`.
        reference: `(..., samples)`; where its leading axes broadcast, its share is computed once.
        sample_rate: In hertz; resampled to 10 kHz by the rule of `bench.metrics.resample`.

    Returns:
        float64 `(...)`; 0 for a silent estimate or reference, 1e-5 where fewer than 30 frames are
        left, nan where a signal is empty or not finite.
    """
    return _over_leading_axes(estimate, reference, sample_rate, "stoi")


def estoi(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the extended short-time objective intelligibility; otherwise as `stoi`."""
    return _over_leading_axes(estimate, reference, sample_rate, "estoi")


def intelligibility(
    estimates: Samples,
    reference: Samples,
    sample_rate: int,
    *,
    with_stoi: bool = True,
    with_estoi: bool = True,
) -> list[Intelligibility]:
    """Compute STOI, ESTOI or both of several estimates of one reference.

    Args:
        estimates: `(rows, samples)`.
        reference: `(samples,)`.
        sample_rate: In hertz.
        with_stoi: Whether STOI is wanted.
        with_estoi: Whether ESTOI is wanted.
    """
    signals = np.concatenate([reference[None], estimates])
    finite = np.isfinite(signals).all(axis=-1)
    if not (reference.size and finite[0]):
        return [Intelligibility(np.nan, np.nan)] * len(estimates)
    bands = _band_amplitudes(
        resample(np.where(finite[:, None], signals, 0.0), from_hz=sample_rate, to_hz=_RATE)
    )
    measures = (_stoi if with_stoi else _nothing, _estoi if with_estoi else _nothing)
    return [
        _assessed(band, bands[0], measures) if sound else Intelligibility(np.nan, np.nan)
        for band, sound in zip(bands[1:], finite[1:], strict=True)
    ]


def _assessed(
    estimate: Samples, target: Samples, measures: tuple[_Measure, _Measure]
) -> Intelligibility:
    if target.shape[-1] < _SEGMENT:
        return Intelligibility(TOO_SHORT, TOO_SHORT, long_enough=False)
    stoi_of, estoi_of = measures
    return Intelligibility(stoi_of(estimate, target), estoi_of(estimate, target))


def _nothing(estimate: Samples, target: Samples) -> float:
    return math.nan


def _over_leading_axes(estimate: Audio, reference: Audio, sample_rate: int, name: str) -> Samples:
    check_sample_rate(sample_rate)
    estimate, reference = paired(estimate, reference)
    values = np.full(np.broadcast_shapes(estimate.shape, reference.shape)[:-1], np.nan)
    for target, group in by_reference(estimate, reference):
        rows = np.stack([row for _, row in group])
        with np.errstate(over="ignore", invalid="ignore"):
            results = intelligibility(
                rows, target, sample_rate, with_stoi=name == "stoi", with_estoi=name == "estoi"
            )
        for (index, _), result in zip(group, results, strict=True):
            values[index] = getattr(result, name)
    return values[()]


def _band_amplitudes(signals: Samples) -> Samples:
    """Amplitudes in third-octave bands, of the frames in which the first signal is not silent.

    Args:
        signals: `(signals, samples)` at 10 kHz, the reference first.

    Returns:
        `(signals, bands, frames)`.
    """
    count = max(0, -(-(signals.shape[-1] - _FRAME) // _HOP))
    if count == 0:
        return np.zeros((len(signals), _BANDS, 0))
    # A frame is two neighbouring halves.
    halves = signals[:, : (count + 1) * _HOP].reshape(len(signals), count + 1, _HOP)
    spoken = np.flatnonzero(_is_spoken(halves[0]))
    return np.stack([_bands_of_frames(_overlap_add(signal, spoken)) for signal in halves])


def _is_spoken(halves: Samples) -> npt.NDArray[np.bool_]:
    """Find the frames at most 40 dB below the loudest one."""
    power = halves**2
    energies = power[:-1] @ _RISE**2 + power[1:] @ _FALL**2
    level_db = 20 * np.log10(np.sqrt(energies) + _EPSILON)
    return np.asarray(level_db.max() - level_db < _DYNAMIC_RANGE_DB)


def _overlap_add(halves: Samples, kept: npt.NDArray[np.intp]) -> Samples:
    """Window the frames that are kept and join them, half over half."""
    joined = np.zeros((kept.size + 1, _HOP))
    joined[:-1] = halves[kept] * _RISE
    joined[1:] += halves[kept + 1] * _FALL
    return joined


def _bands_of_frames(halves: Samples) -> Samples:
    """Transform all frames but the last; returns amplitudes `(bands, frames)`."""
    count = len(halves) - 2
    power = np.empty((count, _BANDS))
    # Large temporary arrays cost more in fresh memory than in arithmetic.
    for start in range(0, count, _CHUNK):
        piece = halves[start : min(start + _CHUNK, count) + 1]
        spectra = np.fft.rfft(np.hstack([piece[:-1] * _RISE, piece[1:] * _FALL]), n=_TRANSFORM)
        power[start : start + _CHUNK] = (spectra.real**2 + spectra.imag**2) @ _band_matrix()
    return np.sqrt(power.T)


@functools.cache
def _band_matrix() -> Samples:
    """Sum the bins of each third-octave band, `(bins, bands)`."""
    hertz = np.arange(_TRANSFORM // 2 + 1) * _RATE / _TRANSFORM
    matrix = np.zeros((hertz.size, _BANDS))
    for band in range(_BANDS):
        edges = _LOWEST_HZ * 2.0 ** ((2 * band + np.array([-1, 1])) / 6)
        low, high = np.abs(hertz - edges[:, None]).argmin(axis=-1)
        matrix[low:high, band] = 1
    return matrix


def _segments(estimate: Samples, target: Samples) -> Iterator[tuple[Samples, Samples]]:
    """Yield both signals in segments of 30 frames, `(bands, segments, 30)`, some at a time."""
    both = np.stack([estimate, target])
    segments = np.lib.stride_tricks.sliding_window_view(both, _SEGMENT, axis=-1)
    for start in range(0, segments.shape[2], _CHUNK):
        yield segments[0, :, start : start + _CHUNK], segments[1, :, start : start + _CHUNK]


def _segment_count(target: Samples) -> int:
    return int(target.shape[-1]) - _SEGMENT + 1


def _stoi(estimate: Samples, target: Samples) -> float:
    """Mean correlation over all segments of all bands, from amplitudes `(bands, frames)`."""
    total = 0.0
    for noisy, clean in _segments(estimate, target):
        gain = _norm(clean) / (_norm(noisy) + _EPSILON)
        clipped = np.minimum(noisy * gain[..., None], clean * _CLIP)
        clipped -= clipped.mean(axis=-1, keepdims=True)
        centred = clean - clean.mean(axis=-1, keepdims=True)
        products = np.einsum("bst,bst->bs", clipped, centred)
        total += float(np.sum(products / (_norm(clipped) + _EPSILON) / (_norm(centred) + _EPSILON)))
    return total / (_BANDS * _segment_count(target))


def _estoi(estimate: Samples, target: Samples) -> float:
    """Mean correlation over the bands of every frame, after normalising each band in time."""
    total = 0.0
    for noisy, clean in _segments(estimate, target):
        one, other = _across_bands(noisy), _across_bands(clean)
        total += float(np.sum(one * other))
    return total / (_SEGMENT * _segment_count(target))


def _across_bands(segments: Samples) -> Samples:
    """Give each band zero mean and unit norm in time, then each frame across the bands."""
    rows = segments - segments.mean(axis=-1, keepdims=True)
    rows /= _above_zero(_norm(rows))[..., None]
    columns = rows - rows.mean(axis=0)
    columns /= _above_zero(np.sqrt(np.einsum("bst,bst->st", columns, columns)))
    return np.asarray(columns)


def _norm(segments: Samples) -> Samples:
    return np.asarray(np.sqrt(np.einsum("bst,bst->bs", segments, segments)))


def _above_zero(norms: Samples) -> Samples:
    return np.asarray(np.where(norms > 0, norms, 1.0))
