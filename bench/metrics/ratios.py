"""Ratios of target to error in dB: SI-SNR, SI-SDR, SNR.

With target s, estimate y, both `(..., samples)`, inner product `<.,.>` and `|s|^2 = <s,s>`:

- SI-SNR: means removed, `a = <y,s>/|s|^2`, `10 log10(|a s|^2 / |y - a s|^2)`.
- SI-SDR: the same without removing the means (Le Roux et al., "SDR - half-baked or well done?",
  ICASSP 2019).
- SNR: `10 log10(|s|^2 / |y - s|^2)`: level and polarity count.

No epsilon is added; the limits of `bench.metrics.signals.decibels` hold. The sample rate does not
matter and is taken so that all metrics are called alike.
"""

from __future__ import annotations

import numpy as np

from bench.metrics.signals import (
    Audio,
    Flags,
    Samples,
    decibels,
    energy,
    inner,
    is_constant,
    paired,
)

__all__ = ["si_sdr", "si_snr", "snr", "snr_zero_mean"]


def si_snr(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the scale-invariant signal-to-noise ratio in dB, means removed.

    Args:
        estimate: `(..., samples)`.
        reference: `(..., samples)`.
        sample_rate: In hertz; has no influence.

    Returns:
        float64 `(...)`; nan where estimate or reference is silent, constant or not finite.

    >>> si_snr(estimate=[3.0, 1.0, -1.0, -3.0], reference=[1.0, 1.0, -1.0, -1.0]).round(4)
    np.float64(6.0206)
    """
    estimate, reference = paired(estimate, reference)
    return _scale_invariant(*_centred(estimate), *_centred(reference))


def si_sdr(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the scale-invariant signal-to-distortion ratio in dB, means kept.

    Arguments and result as in `si_snr`; a constant signal is not silent here.
    """
    estimate, reference = paired(estimate, reference)
    return _scale_invariant(estimate, _silent(estimate), reference, _silent(reference))


def snr(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the plain signal-to-noise ratio in dB.

    Arguments and result as in `si_snr`. A silent estimate has 0 dB: its error is the target.
    """
    estimate, reference = paired(estimate, reference)
    return _plain(estimate, reference, _silent(reference))


def snr_zero_mean(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the plain signal-to-noise ratio in dB after removing both means.

    Arguments and result as in `si_snr`. A constant estimate has 0 dB.
    """
    estimate, reference = paired(estimate, reference)
    return _plain(_centred(estimate)[0], *_centred(reference))


def _scale_invariant(
    estimate: Samples, no_estimate: Flags, reference: Samples, no_reference: Flags
) -> Samples:
    with np.errstate(all="ignore"):
        scale = inner(estimate, reference) / energy(reference)
        target = scale**2 * energy(reference)
        error = energy(estimate - scale[..., None] * reference)
    return np.where(no_estimate | no_reference, np.nan, decibels(target, error))[()]


def _plain(estimate: Samples, reference: Samples, no_reference: Flags) -> Samples:
    with np.errstate(all="ignore"):
        error = energy(reference - estimate)
    return np.where(no_reference, np.nan, decibels(energy(reference), error))[()]


def _centred(signal: Samples) -> tuple[Samples, Flags]:
    """Remove the mean; return the rest, and whether there is nothing in it."""
    with np.errstate(all="ignore"):
        mean = signal.sum(axis=-1) / max(signal.shape[-1], 1)
        rest = signal - mean[..., None]
        return rest, is_constant(energy(rest), mean, signal.shape[-1])


def _silent(signal: Samples) -> Flags:
    with np.errstate(all="ignore"):
        return np.asarray(energy(signal) == 0)
