"""BSS-Eval version 3 ("sources") with distortion filters of 512 taps: SDR, SIR, SAR.

With `P` the projection onto the target delayed by 0..511 samples, and `Q` the projection onto all
sources delayed alike (Vincent, Gribonval, Févotte, "Performance measurement in blind audio source
separation", 2006), and estimate y:

- SDR: `|P y|^2 / |y - P y|^2`
- SIR: `|P y|^2 / |Q y - P y|^2`
- SAR: `|Q y|^2 / |y - Q y|^2`

No mean is removed, no permutation is searched, and the length of the filter is 512 samples at any
rate (32 ms at 16 kHz). For SDR no projection is formed: its share of the energy of y is
`c = b' R^-1 b / |y|^2`, with R the correlations of the delayed target and b those with y. So
`SDR = c / (1 - c)`, and R is Toeplitz: Levinson's recursion solves it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft
import scipy.linalg

from bench.errors import UsageError
from bench.metrics.signals import Audio, Samples, by_reference, decibels, energy, paired

__all__ = [
    "parts_of_estimates",
    "sar_bsseval512",
    "sdr_bsseval512",
    "shares_of_target",
    "sir_bsseval512",
]

_TAPS = 512
# Transforms that stay in the processor's cache are faster than one over the whole signal, and
# need no memory in proportion to it.
_TRANSFORM = 4096
_BLOCK = _TRANSFORM - _TAPS + 1
# Relative error of c or 1 - c that still hides far below 1e-6 dB.
_TOLERANCE = 1e-9


def sdr_bsseval512(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the BSS-Eval v3 signal-to-distortion ratio in dB.

    Args:
        estimate: `(..., samples)`.
        reference: `(..., samples)`; where its leading axes broadcast, its share is computed once.
        sample_rate: In hertz; has no influence.

    Returns:
        float64 `(...)`; nan where estimate or reference is silent or not finite.
    """
    estimate, reference = paired(estimate, reference)
    share = np.full(np.broadcast_shapes(estimate.shape, reference.shape)[:-1], np.nan)
    for target, group in by_reference(estimate, reference):
        rows = np.stack([row for _, row in group])
        for (index, _), value in zip(group, shares_of_target(rows, target), strict=True):
            share[index] = value
    return decibels(share, 1 - share)[()]


def sir_bsseval512(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the BSS-Eval v3 signal-to-interference ratio in dB.

    Args:
        estimate: `(..., sources, samples)`.
        reference: `(..., sources, samples)`: all sources of the mixture, in the same order.
        sample_rate: In hertz; has no influence.

    Returns:
        float64 `(..., sources)`; nan where the estimate or any reference is silent.
    """
    parts = _parts_in_order(estimate, reference)
    return decibels(parts[..., 0], parts[..., 1])[()]


def sar_bsseval512(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the BSS-Eval v3 signal-to-artefacts ratio in dB.

    Arguments and result as in `sir_bsseval512`.
    """
    parts = _parts_in_order(estimate, reference)
    return decibels(parts[..., 2], parts[..., 3])[()]


def _parts_in_order(estimate: Audio, reference: Audio) -> Samples:
    estimates, references = np.broadcast_arrays(*paired(estimate, reference))
    if estimates.ndim < 2:
        raise UsageError(
            f"got signals of shape {estimates.shape}, expected (..., sources, samples): "
            "SIR and SAR need every source of the mixture."
        )
    parts = np.empty((*estimates.shape[:-1], 4))
    for index in np.ndindex(*estimates.shape[:-2]):
        order = range(estimates.shape[-2])
        parts[index] = parts_of_estimates(estimates[index], references[index], order)
    return parts


def parts_of_estimates(estimates: Samples, sources: Samples, targets: Sequence[int]) -> Samples:
    """Project each estimate onto its target and onto all sources.

    Args:
        estimates: `(rows, samples)`.
        sources: `(sources, samples)`.
        targets: Which source is the target of each row.

    Returns:
        Energies of filtered target, interference, all filtered sources, artefacts: `(rows, 4)`;
        nan where the estimate or any source is silent or not finite.
    """
    parts = np.full((len(estimates), 4), np.nan)
    if not all(_is_sound(source) for source in sources):
        return parts
    sound = [row for row, estimate in enumerate(estimates) if _is_sound(estimate)]
    normal, right = _normal_equations(estimates[sound], sources)
    taps = _solve(normal, right)
    for column, row in enumerate(sound):
        estimate, target = estimates[row], targets[row]
        own = slice(target * _TAPS, (target + 1) * _TAPS)
        filtered = _filtered(sources[[target]], _solve(normal[own, own], right[own, column]))
        everything = _filtered(sources, taps[:, column])
        artefacts = everything.copy()
        artefacts[: estimate.size] -= estimate
        signals = (filtered, everything - filtered, everything, artefacts)
        parts[row] = [float(energy(signal)) for signal in signals]
    return parts


def _filtered(sources: Samples, taps: Samples) -> Samples:
    """Filter each source with its 512 taps and add all up, `(samples + 511,)`."""
    length = sources.shape[-1] + _TAPS - 1
    size = scipy.fft.next_fast_len(length, real=True)
    spectra = np.fft.rfft(sources, n=size) * np.fft.rfft(taps.reshape(-1, _TAPS), n=size)
    return np.fft.irfft(spectra.sum(axis=0), n=size)[:length]


def shares_of_target(estimates: Samples, target: Samples) -> Samples:
    """Compute which part of the energy of each estimate `(rows, samples)` is filtered target."""
    if not (_is_sound(target) and target.size):
        return np.full(len(estimates), np.nan)
    correlations = _correlate(target, [target, *estimates])
    own = correlations[0]
    return np.array(
        [
            _share(own, cross, float(energy(row))) if _is_sound(row) else np.nan
            for row, cross in zip(estimates, correlations[1:], strict=True)
        ]
    )


def _is_sound(signal: Samples) -> bool:
    """Whether a signal is finite and not silent."""
    with np.errstate(over="ignore", invalid="ignore"):
        return 0 < float(energy(signal)) < np.inf


def _correlate(source: Samples, others: Sequence[Samples]) -> Samples:
    """Correlate one source with other signals of the same length at delays of 0..511 samples.

    Returns:
        `sum over n of source[n] * other[n + delay]`, `(others, 512)`.
    """
    spectra = np.zeros((len(others), _TRANSFORM // 2 + 1), dtype=np.complex128)
    for start in range(0, source.size, _BLOCK):
        block = np.fft.rfft(source[start : start + _BLOCK], n=_TRANSFORM).conj()
        for row, other in enumerate(others):
            spectra[row] += block * np.fft.rfft(other[start : start + _TRANSFORM], n=_TRANSFORM)
    return np.fft.irfft(spectra, n=_TRANSFORM)[:, :_TAPS]


def _share(own: Samples, cross: Samples, total: float) -> float:
    """Solve for one source: Levinson's recursion, checked, else the dense solution.

    The residual corrects the result to second order, and tells whether the recursion was stable.
    """
    try:
        taps = scipy.linalg.solve_toeplitz(own, cross)
    except np.linalg.LinAlgError:
        return _dense_share(scipy.linalg.toeplitz(own), cross, total)
    correction = float(taps @ (cross - _toeplitz_product(own, taps))) / total
    share = float(taps @ cross) / total + correction
    if abs(correction) <= _TOLERANCE * min(share, 1 - share):
        return share
    return _dense_share(scipy.linalg.toeplitz(own), cross, total)


def _toeplitz_product(own: Samples, taps: Samples) -> Samples:
    """Multiply the symmetric Toeplitz matrix of `own` by `taps`."""
    circle = np.concatenate([own, [0.0], own[:0:-1]])
    spectrum = np.fft.rfft(circle) * np.fft.rfft(taps, n=circle.size)
    return np.fft.irfft(spectrum, n=circle.size)[: taps.size]


def _dense_share(normal: Samples, cross: Samples, total: float) -> float:
    taps = _solve(normal, cross)
    share = float(taps @ (2 * cross - normal @ taps)) / total
    return min(max(share, 0.0), 1.0)


def _solve(normal: Samples, cross: Samples) -> Samples:
    """Solve by Cholesky, or by eigenvalues where the delayed sources are linearly dependent."""
    try:
        return np.asarray(scipy.linalg.cho_solve(scipy.linalg.cho_factor(normal), cross))
    except np.linalg.LinAlgError:
        return _least_squares(normal, cross)


def _least_squares(normal: Samples, cross: Samples) -> Samples:
    values, vectors = scipy.linalg.eigh(normal)
    kept = values > len(values) * np.finfo(np.float64).eps * values[-1]
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return np.asarray(inverse @ cross)


def _normal_equations(estimates: Samples, sources: Samples) -> tuple[Samples, Samples]:
    """Correlations among the delayed sources, and of these with each estimate.

    Returns:
        `(sources * 512, sources * 512)` and `(sources * 512, rows)`.
    """
    forward = [_correlate(source, [*sources, *estimates]) for source in sources]
    count = len(sources)
    normal = np.block(
        [
            [scipy.linalg.toeplitz(forward[i][j], forward[j][i]) for j in range(count)]
            for i in range(count)
        ]
    )
    return normal, np.concatenate([table[count:].T for table in forward])
