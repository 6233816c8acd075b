"""What the released code of each paper computes under its column names, each under its own id.

These are for understanding printed figures, never for ranking: exchanged arguments, raw PESQ
scores, absolute epsilons in float32. Read in the repositories CTCNet c8112b7, RTFS-Net a4cd736,
IIANet 86f3538 and VisualVoice e57e126; whether a paper's table was made by exactly that commit is
not known. An improvement is the value of the estimate less that of the mixture; IIANet's SDR
exchanges its arguments for the estimate only.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bench.errors import unknown_name
from bench.metrics.bsseval import sdr_bsseval512
from bench.metrics.checks import BadSignalError, checked_signals
from bench.metrics.intelligibility import stoi
from bench.metrics.perceptual import pesq_nb
from bench.metrics.scoring import Scores
from bench.metrics.signals import Audio, Samples, paired

__all__ = [
    "PublishedMetric",
    "find_published",
    "list_protocols",
    "list_published",
    "pesq_raw",
    "published_names",
    "score_as_published",
    "si_snr_float32",
    "snr_float32",
]

Float32 = npt.NDArray[np.float32]

_EPSILON = np.float32(1e-8)
_RAW_RANGE = (-0.5, 4.5)


class _Compute(Protocol):
    def __hash__(self) -> int: ...

    def __call__(
        self, *, estimate: Audio, reference: Audio, sample_rate: int = 16000
    ) -> Samples: ...


@dataclass(frozen=True)
class PublishedMetric:
    """One column of one paper's scoring code.

    Attributes:
        id: "<paper and year>.<column>".
        column: What the code or the paper calls it.
        definition: What it computes, and how that differs from the standard metric.
        standard: Id of the metric that readers will take it for.
        of_estimate: Computes it for the estimate.
        of_mixture: Computes it for the unprocessed mixture.
    """

    id: str
    column: str
    definition: str
    standard: str
    of_estimate: _Compute
    of_mixture: _Compute


def si_snr_float32(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute SI-SNR in float32 with 1e-8 added to both energies and inside the logarithm.

    The epsilon is absolute, so the value of a nearly perfect estimate depends on its level: about
    103 dB for a perfect copy at usual levels. A silent estimate has -80 dB.

    Args:
        estimate: `(..., samples)`.
        reference: `(..., samples)`.
        sample_rate: In hertz; has no influence.

    Returns:
        float64 `(...)`.
    """
    noisy, clean = _centred_float32(estimate, reference)
    scale = _inner(noisy, clean) / (_inner(clean, clean) + _EPSILON)
    target = scale[..., None] * clean
    return _decibels(target, noisy - target)


def snr_float32(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute SNR of signals without their means, in float32 as `si_snr_float32`."""
    noisy, clean = _centred_float32(estimate, reference)
    return _decibels(clean, noisy - clean)


def pesq_raw(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
    """Compute the raw narrow-band score of P.862, -0.5 to 4.5, which P.862.1 maps to MOS-LQO.

    As the package `pypesq` does it: both signals are cut to int16 first (times 32767, fractions
    dropped), after division by their common peak if that exceeds full scale. Equal to it to 1e-5.
    Arguments and result as in `pesq_nb`.
    """
    estimate, reference = paired(estimate, reference)
    peak = np.maximum(*(np.abs(s).max(axis=-1, initial=1.0) for s in (estimate, reference)))
    noisy, clean = (np.trunc(32767 * s / peak[..., None]) for s in (estimate, reference))
    mapped = pesq_nb(estimate=noisy, reference=clean, sample_rate=sample_rate)
    with np.errstate(all="ignore"):
        raw = (4.6607 - np.log(4 / (mapped - 0.999) - 1)) / 1.4945
    return np.asarray(raw.clip(*_RAW_RANGE))[()]


def _exchanged(compute: _Compute) -> _Compute:
    """Take the estimate for the reference and the reference for the estimate."""

    @functools.wraps(compute)
    def turned(*, estimate: Audio, reference: Audio, sample_rate: int = 16000) -> Samples:
        return compute(estimate=reference, reference=estimate, sample_rate=sample_rate)

    return turned


_pesq_exchanged = _exchanged(pesq_raw)


def _centred_float32(estimate: Audio, reference: Audio) -> tuple[Float32, Float32]:
    signals = [np.asarray(signal, np.float32) for signal in paired(estimate, reference)]
    noisy, clean = (signal - signal.mean(axis=-1, keepdims=True) for signal in signals)
    return noisy, clean


def _inner(first: Float32, second: Float32) -> Float32:
    return np.asarray((first * second).sum(axis=-1))


def _decibels(target: Float32, error: Float32) -> Samples:
    ratio = _inner(target, target) / (_inner(error, error) + _EPSILON)
    return (10 * np.log10(ratio + _EPSILON)).astype(np.float64)[()]


def _column(
    name: str, column: str, definition: str, standard: str, compute: _Compute
) -> PublishedMetric:
    return PublishedMetric(name, column, definition, standard, compute, compute)


def _ctcnet_tracker(paper: str) -> tuple[PublishedMetric, ...]:
    """List what CTCNet's tracker computes; RTFS-Net took it over."""
    return (
        _column(
            f"{paper}.si_snr",
            "SI-SNR",
            "means removed, float32, 1e-8 added to energies and inside the logarithm: equal to "
            "si_snr to 1e-3 dB unless silent or nearly perfect",
            "si_snr",
            si_snr_float32,
        ),
        _column(
            f"{paper}.sdr",
            "SDR",
            "plain SNR of signals without their means, float32: not BSS-Eval, no filter is "
            "forgiven and level counts",
            "sdr_bsseval512",
            snr_float32,
        ),
        _column(
            f"{paper}.pesq",
            "PESQ",
            "raw narrow-band score (P.862, -0.5 to 4.5) with estimate and reference exchanged",
            "pesq_nb",
            _pesq_exchanged,
        ),
        _column(
            f"{paper}.stoi",
            "STOI",
            "as stoi; clips of fewer than 30 frames count as 1e-5",
            "stoi",
            stoi,
        ),
    )


_PROTOCOLS: Mapping[str, tuple[PublishedMetric, ...]] = {
    "ctcnet-2022": _ctcnet_tracker("ctcnet2022"),
    "iianet-2024": (
        _column(
            "iianet2024.si_snr",
            "SI-SNR",
            "means removed, float32, 1e-8 added to energies and inside the logarithm",
            "si_snr",
            si_snr_float32,
        ),
        PublishedMetric(
            "iianet2024.sdr",
            "SDR",
            "BSS-Eval v3 with estimate and reference exchanged for the estimate, in the right "
            "order for the mixture",
            "sdr_bsseval512",
            _exchanged(sdr_bsseval512),
            sdr_bsseval512,
        ),
    ),
    "rtfsnet-2024": _ctcnet_tracker("rtfsnet2024"),
    "visualvoice-2021": (
        _column(
            "visualvoice2021.sdr",
            "SDR",
            "BSS-Eval v3, both sources in fixed order: equal to sdr_bsseval512; the mean of the "
            "two speakers is reported",
            "sdr_bsseval512",
            sdr_bsseval512,
        ),
        _column(
            "visualvoice2021.pesq",
            "PESQ",
            "raw narrow-band score (P.862, -0.5 to 4.5) with estimate and reference exchanged",
            "pesq_nb",
            _pesq_exchanged,
        ),
        _column("visualvoice2021.stoi", "STOI", "as stoi", "stoi", stoi),
    ),
}


def list_protocols() -> list[str]:
    """Return the names of the protocols, one per paper."""
    return list(_PROTOCOLS)


def list_published(protocol: str) -> tuple[PublishedMetric, ...]:
    """Return the columns of a protocol.

    Raises:
        UsageError: The protocol is unknown; the nearest one is suggested.
    """
    try:
        return _PROTOCOLS[protocol]
    except KeyError:
        raise unknown_name("protocol", protocol, _PROTOCOLS) from None


def find_published(metric: str) -> PublishedMetric:
    """Return one column by its id.

    Raises:
        UsageError: The id is unknown; the nearest one is suggested.
    """
    known = {column.id: column for columns in _PROTOCOLS.values() for column in columns}
    try:
        return known[metric]
    except KeyError:
        raise unknown_name("published metric", metric, known) from None


def score_as_published(
    *,
    estimate: Audio,
    reference: Audio,
    protocol: str | Sequence[str],
    mixture: Audio | None = None,
    sample_rate: int = 16000,
) -> Scores:
    """Score one estimate as the code of one paper does, or of several.

    Args:
        estimate: `(samples,)`.
        reference: `(samples,)`.
        protocol: One of `list_protocols`, or several; what they share is computed once.
        mixture: `(samples,)`; given, every column has its improvement under `<id>_i`.
        sample_rate: In hertz.

    Returns:
        Values by the ids of the protocols; None where that code raises or gives no number.

    Raises:
        UsageError: The protocol is unknown.
    """
    protocols = (protocol,) if isinstance(protocol, str) else protocol
    columns = [column for name in protocols for column in list_published(name)]
    names = published_names(protocols, with_mixture=mixture is not None)
    values: dict[str, float | None] = dict.fromkeys(names)
    given = {"estimate": estimate, "reference": reference, "mixture": mixture}
    try:
        signals = checked_signals(given)
    except BadSignalError as error:
        return Scores(values, {error.name: str(error)}, "failed")

    @functools.cache
    def number(compute: _Compute, name: str) -> float | None:
        scored, clean = signals[name], signals["reference"]
        value = compute(estimate=scored, reference=clean, sample_rate=sample_rate)
        return float(value) if np.isfinite(value) else None

    for column in columns:
        own = values[column.id] = number(column.of_estimate, "estimate")
        if mixture is not None and own is not None:
            before = number(column.of_mixture, "mixture")
            values[f"{column.id}_i"] = None if before is None else own - before
    missing = [name for name, value in values.items() if value is None]
    reasons = dict.fromkeys(missing, "the published code has no number for this item")
    return Scores(values, reasons, "undefined" if reasons else "ok")


def published_names(protocols: Sequence[str], *, with_mixture: bool) -> list[str]:
    """Return the keys of an item's scores under some protocols."""
    endings = ("", "_i") if with_mixture else ("",)
    columns = [column for protocol in protocols for column in list_published(protocol)]
    return [f"{column.id}{ending}" for column in columns for ending in endings]
