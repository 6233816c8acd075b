"""BSS-Eval version 3 ("sources") with distortion filters of 512 taps: SDR, SIR, SAR.

With `P` the projection onto the target delayed by 0..511 samples, and `Q` the projection onto all
sources delayed alike (Vincent, Gribonval, Févotte, "Performance measurement in blind audio source
separation", 2006), and estimate y:

- SDR: `|P y|^2 / |y - P y|^2`
- SIR: `|P y|^2 / |Q y - P y|^2`
- SAR: `|Q y|^2 / |y - Q y|^2`

No mean is removed, no permutation is searched, and the length of the filter is 512 samples at any
rate (32 ms at 16 kHz). No projection is ever formed: its share of the energy of y is
`c = b' R^-1 b / |y|^2`, with R the correlations of the delayed sources and b those with y. So
`SDR = c / (1 - c)`, and R is Toeplitz for one source: Levinson's recursion solves it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.linalg

from bench.errors import UsageError
from bench.metrics.signals import Audio, Samples, by_reference, decibels, energy, paired

__all__ = [
    "sar_bsseval512",
    "sdr_bsseval512",
    "shares_of_all",
    "shares_of_target",
    "sir_bsseval512",
]

_TAPS = 512
# Transforms that stay in the processor's cache are twice as fast as one over the whole signal.
_TRANSFORM = 2048
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
    of_target, of_all = _shares_in_order(estimate, reference)
    return decibels(of_target, of_all - of_target)[()]


def sar_bsseval512(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the BSS-Eval v3 signal-to-artefacts ratio in dB.

    Arguments and result as in `sir_bsseval512`.
    """
    _, of_all = _shares_in_order(estimate, reference)
    return decibels(of_all, 1 - of_all)[()]


def _shares_in_order(estimate: Audio, reference: Audio) -> tuple[Samples, Samples]:
    estimates, references = np.broadcast_arrays(*paired(estimate, reference))
    if estimates.ndim < 2:
        raise UsageError(
            f"got signals of shape {estimates.shape}, expected (..., sources, samples): "
            "SIR and SAR need every source of the mixture."
        )
    of_target = np.full(estimates.shape[:-1], np.nan)
    of_all = of_target.copy()
    for index in np.ndindex(*estimates.shape[:-2]):
        rows, sources = estimates[index], references[index]
        of_all[index] = shares_of_all(rows, sources)
        for k, (row, source) in enumerate(zip(rows, sources, strict=True)):
            of_target[*index, k] = shares_of_target(row[None], source)[0]
    return of_target, of_all


def shares_of_target(estimates: Samples, target: Samples) -> Samples:
    """Compute which part of the energy of each estimate `(rows, samples)` is filtered target."""
    if not (_is_sound(target) and target.size):
        return np.full(len(estimates), np.nan)
    correlations = _correlate(target, np.concatenate([target[None], estimates]))
    own = correlations[0]
    return np.array(
        [
            _share(own, cross, float(energy(row))) if _is_sound(row) else np.nan
            for row, cross in zip(estimates, correlations[1:], strict=True)
        ]
    )


def shares_of_all(estimates: Samples, sources: Samples) -> Samples:
    """Compute which part of the energy of each estimate `(rows, samples)` is filtered sources."""
    if not all(_is_sound(signal) for signal in sources):
        return np.full(len(estimates), np.nan)
    normal, right = _normal_equations(estimates, sources)
    shares = [
        _dense_share(normal, cross, float(energy(row))) if _is_sound(row) else np.nan
        for row, cross in zip(estimates, right, strict=True)
    ]
    return np.array(shares)


def _is_sound(signal: Samples) -> bool:
    """Whether a signal is finite and not silent."""
    with np.errstate(over="ignore", invalid="ignore"):
        return 0 < float(energy(signal)) < np.inf


def _correlate(source: Samples, others: Samples) -> Samples:
    """Correlate one source with other signals at delays of 0..511 samples.

    Args:
        source: `(samples,)`.
        others: `(signals, samples)`.

    Returns:
        `sum over n of source[n] * other[n + delay]`, `(signals, 512)`.
    """
    blocks = -(-source.size // _BLOCK)
    padded = np.zeros((len(others) + 1, blocks * _BLOCK + _TAPS - 1))
    padded[0, : source.size] = source
    padded[1:, : source.size] = others
    cut = np.fft.rfft(padded[0, : blocks * _BLOCK].reshape(blocks, _BLOCK), n=_TRANSFORM)
    ahead = np.lib.stride_tricks.sliding_window_view(padded[1:], _TRANSFORM, axis=-1)[:, ::_BLOCK]
    spectra = np.stack([_sum_of_products(cut, np.fft.rfft(signal)) for signal in ahead])
    return np.fft.irfft(spectra, n=_TRANSFORM)[:, :_TAPS]


def _sum_of_products(
    cut: npt.NDArray[np.complex128], ahead: npt.NDArray[np.complex128]
) -> npt.NDArray[np.complex128]:
    return np.asarray(np.einsum("bf,bf->f", cut.conj(), ahead))


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
    if abs(correction) > _TOLERANCE * min(share, 1 - share):
        return _dense_share(scipy.linalg.toeplitz(own), cross, total)
    return share


def _toeplitz_product(own: Samples, taps: Samples) -> Samples:
    """Multiply the symmetric Toeplitz matrix of `own` by `taps`."""
    circle = np.concatenate([own, [0.0], own[:0:-1]])
    spectrum = np.fft.rfft(circle) * np.fft.rfft(taps, n=circle.size)
    return np.fft.irfft(spectrum, n=circle.size)[: taps.size]


def _dense_share(normal: Samples, cross: Samples, total: float) -> float:
    """Solve by Cholesky, or by eigenvalues where the delayed sources are linearly dependent."""
    try:
        taps = scipy.linalg.cho_solve(scipy.linalg.cho_factor(normal), cross)
    except np.linalg.LinAlgError:
        taps = _least_squares(normal, cross)
    share = float(taps @ (2 * cross - normal @ taps)) / total
    return min(max(share, 0.0), 1.0)


def _least_squares(normal: Samples, cross: Samples) -> Samples:
    values, vectors = scipy.linalg.eigh(normal)
    kept = values > len(values) * np.finfo(np.float64).eps * values[-1]
    return np.asarray(vectors[:, kept] @ ((vectors[:, kept].T @ cross) / values[kept]))


def _normal_equations(estimates: Samples, sources: Samples) -> tuple[Samples, Samples]:
    """Correlations among the delayed sources, and of these with each estimate.

    Returns:
        `(sources * 512, sources * 512)` and `(rows, sources * 512)`.
    """
    forward = [_correlate(source, np.concatenate([sources, estimates])) for source in sources]
    count = len(sources)
    normal = np.block(
        [
            [scipy.linalg.toeplitz(forward[i][j], forward[j][i]) for j in range(count)]
            for i in range(count)
        ]
    )
    return normal, np.concatenate([table[count:] for table in forward], axis=1)
