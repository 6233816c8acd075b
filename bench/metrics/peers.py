"""The same scores by other people's code: torchmetrics, pesq and pystoi, for whoever doubts ours.

What is undefined stays undefined: where a peer raises, warns or answers something that is not a
number, and where it would invent one for a silent or constant signal, there is a reason instead.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np

from bench.errors import UsageError
from bench.metrics.checks import BadSignalError, checked_signals
from bench.metrics.registry import DEFAULT_METRICS, check_metrics, value_names
from bench.metrics.scoring import Scores, Value, assemble
from bench.metrics.signals import Audio, Samples, check_sample_rate

__all__ = ["PEERS", "score_with_peers"]

_Compute = Callable[[Samples, Samples, int], float]

# What a silent estimate has a value for, by definition.
_OF_SILENCE = ("snr", "snr_zero_mean", "stoi")


def score_with_peers(
    *,
    estimate: Audio,
    reference: Audio,
    mixture: Audio | None = None,
    metrics: Sequence[str] = DEFAULT_METRICS,
    sample_rate: int = 16000,
) -> Scores:
    """Score one estimate as `bench.metrics.score` does, with none of its code.

    Arguments and result as there.

    Raises:
        UsageError: An unknown metric, or one that none of the peers computes.
    """
    wanted = check_metrics(metrics)
    check_sample_rate(sample_rate)
    for metric in wanted:
        if metric not in PEERS:
            raise UsageError(
                f"the reference engine has no '{metric}': it has {', '.join(PEERS)}; leave the "
                "others out, or use --engine own."
            )
    given = {"estimate": estimate, "reference": reference, "mixture": mixture}
    try:
        signals = checked_signals(given)
    except BadSignalError as error:
        empty = dict.fromkeys(value_names(wanted, with_mixture=mixture is not None))
        return Scores(empty, {error.name: str(error)}, "failed")
    own = _column(signals, "estimate", wanted, sample_rate)
    if mixture is None:
        return assemble(own, None)
    before = _column(signals, "mixture", wanted, sample_rate)
    return assemble(own, {m: None if v.reason else v.number for m, v in before.items()})


def _column(
    signals: Mapping[str, Samples], row: str, metrics: Sequence[str], sample_rate: int
) -> dict[str, Value]:
    scored, reference = signals[row], signals["reference"]
    return {metric: _value(metric, scored, reference, sample_rate) for metric in metrics}


def _value(metric: str, estimate: Samples, reference: Samples, sample_rate: int) -> Value:
    if np.ptp(reference) == 0:
        return Value(math.nan, "the reference is silent or constant")
    if np.ptp(estimate) == 0 and metric not in _OF_SILENCE:
        return Value(math.nan, "the estimate is silent or constant")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)  # pystoi's way to say "too short"
            number = PEERS[metric](estimate, reference, sample_rate)
    except (ValueError, RuntimeError, RuntimeWarning, ArithmeticError) as error:
        return Value(math.nan, f"the reference engine gave no {metric}: {_message(error)}")
    if not math.isfinite(number):
        return Value(math.nan, f"the reference engine answered {number:g}")
    return Value(number)


def _message(error: Exception) -> str:
    text = error.args[0] if error.args else type(error).__name__
    return (text.decode() if isinstance(text, bytes) else str(text)).rstrip(".")


def _torchmetrics(name: str, *, zero_mean: bool | None = None) -> _Compute:
    """Call a function of `torchmetrics.functional.audio` in float64."""

    def compute(estimate: Samples, reference: Samples, sample_rate: int) -> float:
        import torch
        import torchmetrics.functional.audio as peer

        options = {} if zero_mean is None else {"zero_mean": zero_mean}
        signals = (torch.from_numpy(estimate.copy()), torch.from_numpy(reference.copy()))
        return float(getattr(peer, name)(*signals, **options))

    return compute


def _pesq(mode: Literal["wb", "nb"]) -> _Compute:
    def compute(estimate: Samples, reference: Samples, sample_rate: int) -> float:
        import pesq

        return float(pesq.pesq(sample_rate, reference, estimate, mode))

    return compute


def _pystoi(*, extended: bool) -> _Compute:
    def compute(estimate: Samples, reference: Samples, sample_rate: int) -> float:
        import pystoi

        return float(pystoi.stoi(reference, estimate, sample_rate, extended=extended))

    return compute


PEERS: Mapping[str, _Compute] = {
    "si_snr": _torchmetrics("scale_invariant_signal_noise_ratio"),
    "si_sdr": _torchmetrics("scale_invariant_signal_distortion_ratio", zero_mean=False),
    "snr": _torchmetrics("signal_noise_ratio", zero_mean=False),
    "snr_zero_mean": _torchmetrics("signal_noise_ratio", zero_mean=True),
    "sdr_bsseval512": _torchmetrics("signal_distortion_ratio"),
    "pesq_wb": _pesq("wb"),
    "pesq_nb": _pesq("nb"),
    "stoi": _pystoi(extended=False),
    "estoi": _pystoi(extended=True),
}
"""By metric id: what computes it from (estimate, reference, sample rate)."""
