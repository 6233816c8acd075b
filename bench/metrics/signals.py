"""What all signal metrics share: conversion to float64, pairing of shapes, and decibels.

Conventions: signals are `(..., samples)`, full scale 1, leading axes broadcast. The conversion to
float64 happens here and nowhere else. Decibel values are limited to what float64 can tell apart:
at most 156.5 dB (an error below machine epsilon is no error), at least -313.1 dB (a projection
below machine epsilon is no projection).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError

__all__ = [
    "HIGHEST_DB",
    "LOWEST_DB",
    "Audio",
    "Flags",
    "Samples",
    "as_samples",
    "by_reference",
    "check_sample_rate",
    "decibels",
    "energy",
    "inner",
    "is_constant",
    "paired",
]

Samples: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Audio: TypeAlias = npt.ArrayLike
"""Anything that holds samples: numpy array, torch tensor on any device, list of numbers."""

EPSILON = float(np.finfo(np.float64).eps)
HIGHEST_DB = float(-10 * np.log10(EPSILON))
LOWEST_DB = float(20 * np.log10(EPSILON))

# A mean is removed up to rounding only: what is left of a constant lies about 300 dB below it.
_CONSTANT = 1e-28


def as_samples(audio: Audio) -> Samples:
    """Convert an array or tensor of real numbers to float64 of shape `(..., samples)`.

    Raises:
        UsageError: Not numbers, or a single number without an axis of samples.
    """
    if hasattr(audio, "detach"):
        audio = audio.detach().cpu().double().numpy()
    try:
        array = np.asarray(audio)
    except ValueError as error:
        raise UsageError(f"got ragged samples ({error}), expected an array of numbers.") from error
    if array.dtype.kind not in "iuf":
        raise UsageError(f"got samples of type {array.dtype}, expected real numbers.")
    if array.ndim == 0:
        raise UsageError("got a single number, expected an array of shape (..., samples).")
    return array.astype(np.float64, copy=False)


def paired(estimate: Audio, reference: Audio) -> tuple[Samples, Samples]:
    """Convert both signals and check that they fit each other.

    Raises:
        UsageError: Another number of samples, or leading axes that do not broadcast.
    """
    estimate, reference = as_samples(estimate), as_samples(reference)
    if estimate.shape == reference.shape:
        return estimate, reference
    if estimate.shape[-1] != reference.shape[-1]:
        raise UsageError(
            f"the estimate has {estimate.shape[-1]} samples and the reference "
            f"{reference.shape[-1]}: cut or pad them to one length."
        )
    try:
        np.broadcast_shapes(estimate.shape, reference.shape)
    except ValueError as error:
        raise UsageError(
            f"the leading axes of estimate {estimate.shape} and reference {reference.shape} "
            "do not fit: give both the same shape (..., samples)."
        ) from error
    return estimate, reference


def by_reference(
    estimate: Samples, reference: Samples
) -> Iterator[tuple[Samples, list[tuple[tuple[int, ...], Samples]]]]:
    """Yield each reference once, with the estimates that are held against it.

    What depends on the reference alone is so computed once, where leading axes broadcast.

    Yields:
        A reference `(samples,)` and a list of (position in the result, estimate `(samples,)`).
    """
    shape = np.broadcast_shapes(estimate.shape, reference.shape)[:-1]
    estimates = np.broadcast_to(estimate, (*shape, estimate.shape[-1]))
    own = (1,) * (len(shape) - reference.ndim + 1) + reference.shape[:-1]
    padded = reference.reshape(*own, reference.shape[-1])
    groups: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for index in np.ndindex(*shape):
        home = tuple(0 if size == 1 else at for at, size in zip(index, own, strict=True))
        groups.setdefault(home, []).append(index)
    for home, indices in groups.items():
        yield padded[home], [(index, estimates[index]) for index in indices]


def check_sample_rate(sample_rate: int) -> int:
    """Return the rate in hertz, or raise UsageError if it is not a positive whole number."""
    if isinstance(sample_rate, bool) or int(sample_rate) != sample_rate or sample_rate <= 0:
        raise UsageError(f"got a sample rate of {sample_rate}, expected whole hertz above zero.")
    return int(sample_rate)


def inner(first: Samples, second: Samples) -> Samples:
    """Sum of products over the samples.

    Unlike BLAS and einsum, its last digit does not depend on what else is in the batch.
    """
    return np.asarray((first * second).sum(axis=-1))


def energy(signal: Samples) -> Samples:
    """Sum of squares over the samples."""
    return inner(signal, signal)


def is_constant(centred_energy: Samples, mean: Samples, samples: int) -> Flags:
    """Whether a signal is nothing but its mean, given the energy that is left without it."""
    return np.asarray(centred_energy <= _CONSTANT * (centred_energy + samples * mean**2))


def decibels(numerator: Samples, denominator: Samples) -> Samples:
    """Ratio of two energies in dB, within `LOWEST_DB` and `HIGHEST_DB`; nan if both are 0."""
    with np.errstate(all="ignore"):
        above = np.maximum(numerator, EPSILON**2 * denominator)
        below = np.maximum(denominator, EPSILON * numerator)
        return np.asarray(10 * np.log10(above / below))
