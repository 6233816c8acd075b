"""All scores of one estimate: `score` never raises on a bad item, it says what is wrong with it.

A value that is undefined is None with a reason, never a number: the 1e-5 that STOI gives for clips
of fewer than 30 frames, and the 0 that it gives for a silent reference, are withheld here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from bench.core.plugins import load_plugin, plugins
from bench.errors import UsageError
from bench.metrics import ratios
from bench.metrics.bsseval import parts_of_estimates, sdr_bsseval512
from bench.metrics.checks import BadSignalError, checked_signals
from bench.metrics.intelligibility import intelligibility
from bench.metrics.perceptual import AssessPesq, assess_pesq
from bench.metrics.registry import (
    DEFAULT_METRICS,
    PLUGINS,
    check_metrics,
    find_metric,
    value_names,
)
from bench.metrics.signals import Audio, Samples, check_sample_rate, decibels

__all__ = ["Scores", "Status", "Value", "assemble", "score"]

Status = Literal["ok", "undefined", "failed"]

_RATIOS = {
    "si_sdr": ratios.si_sdr,
    "si_snr": ratios.si_snr,
    "snr": ratios.snr,
    "snr_zero_mean": ratios.snr_zero_mean,
    "sdr_bsseval512": sdr_bsseval512,
}
_PESQ_MODES: dict[str, Literal["wb", "nb"]] = {"pesq_wb": "wb", "pesq_nb": "nb"}


@dataclass(frozen=True)
class Scores:
    """The scores of one target.

    Attributes:
        values: By metric id; `<id>_i` is the improvement over the mixture. None where undefined.
        reasons: Why there is no value, by id; the reason for `<id>` holds for `<id>_i` too. For a
            failed item one entry that names the signal at fault: "estimate", "reference",
            "mixture" or "interferer".
        status: "ok"; "undefined": some value does not exist for this item; "failed": the item
            could not be scored at all.
    """

    values: dict[str, float | None]
    reasons: dict[str, str]
    status: Status

    @property
    def error(self) -> str | None:
        """One sentence that says what is missing and why; None if nothing is."""
        if not self.reasons:
            return None
        by_reason: dict[str, list[str]] = {}
        for name, reason in self.reasons.items():
            by_reason.setdefault(reason, []).append(name)
        if self.status == "failed":
            return "; ".join(by_reason) + "."
        clauses = [f"no {', '.join(names)}: {reason}" for reason, names in by_reason.items()]
        return "; ".join(clauses) + "."


class _Item(NamedTuple):
    """The signals of one item as float64: `rows` holds the estimate and maybe the mixture."""

    rows: Samples
    reference: Samples
    interferer: Samples | None
    sample_rate: int
    pesq: AssessPesq


class Value(NamedTuple):
    """A number, or nan with the reason why there is none."""

    number: float
    reason: str = ""


def score(
    *,
    estimate: Audio,
    reference: Audio,
    mixture: Audio | None = None,
    metrics: Sequence[str] = DEFAULT_METRICS,
    sample_rate: int = 16000,
    mixture_scores: Mapping[str, float | None] | None = None,
    interferer: Audio | None = None,
    pesq: AssessPesq = assess_pesq,
) -> Scores:
    """Score one estimate of one target.

    Args:
        estimate: `(samples,)`.
        reference: `(samples,)`.
        mixture: `(samples,)`; given, every metric `<id>` has its improvement as `<id>_i`.
        metrics: Ids, see `list_metrics`.
        sample_rate: In hertz.
        mixture_scores: `values` of an earlier call with the mixture as estimate, which saves
            computing them again.
        interferer: `(samples,)`, the other voice; only SIR and SAR need it.
        pesq: What computes PESQ; another place to run its C code, say.

    Returns:
        The values; an item that cannot be scored gives status "failed" and no exception.

    Raises:
        UsageError: An unknown metric, a sample rate that is none, SIR or SAR without the
            interferer, or PESQ is not installed.
    """
    wanted = check_metrics(metrics)
    check_sample_rate(sample_rate)
    _check_interferer(wanted, interferer is not None)
    improves = mixture is not None or mixture_scores is not None
    given = {"estimate": estimate, "reference": reference, "mixture": mixture}
    try:
        signals = checked_signals(given | {"interferer": interferer})
    except BadSignalError as error:
        empty = dict.fromkeys(value_names(wanted, with_mixture=improves))
        return Scores(empty, {error.name: str(error)}, "failed")
    rows = [signals["estimate"]]
    if mixture is not None and mixture_scores is None:
        rows.append(signals["mixture"])
    item = _Item(np.stack(rows), signals["reference"], signals.get("interferer"), sample_rate, pesq)
    columns = _columns(item, wanted)
    own = {metric: column[0] for metric, column in columns.items()}
    if len(rows) > 1:
        mixture_scores = {metric: _number(column[1]) for metric, column in columns.items()}
    return assemble(own, mixture_scores)


def _check_interferer(metrics: Sequence[str], given: bool) -> None:
    for metric in map(find_metric, metrics):
        if metric.needs == "all sources" and not given:
            raise UsageError(
                f"the metric '{metric.id}' needs every source of the mixture: give the interferer "
                "too, or leave the metric out."
            )


def assemble(own: Mapping[str, Value], mixture_scores: Mapping[str, float | None] | None) -> Scores:
    """Put the values of the estimate and those of the mixture together."""
    values: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    for metric, value in own.items():
        values[metric] = _number(value)
        if value.reason:
            reasons[metric] = value.reason
        if mixture_scores is None or not find_metric(metric).improves:
            continue
        before, after = mixture_scores.get(metric), values[metric]
        values[f"{metric}_i"] = None if after is None or before is None else after - before
        if after is not None and before is None:
            reasons[f"{metric}_i"] = f"the unprocessed mixture has no {metric}"
    return Scores(values, reasons, "undefined" if reasons else "ok")


def _number(value: Value) -> float | None:
    return None if value.reason else value.number


def _columns(item: _Item, metrics: Sequence[str]) -> dict[str, list[Value]]:
    """Compute each metric for every row of the item."""
    found = _intelligibility(item, metrics) | _with_interferer(item, metrics)
    for metric in metrics:
        if metric in _RATIOS:
            numbers = _RATIOS[metric](estimate=item.rows, reference=item.reference)
            found[metric] = _explained(item, numbers)
        elif metric in _PESQ_MODES:
            mode = _PESQ_MODES[metric]
            found[metric] = [
                Value(*item.pesq(row, item.reference, item.sample_rate, mode)) for row in item.rows
            ]
        elif point := plugins(PLUGINS).get(metric):
            compute = load_plugin(point).compute
            found[metric] = [_plugged(compute, item, row) for row in item.rows]
    return {metric: found[metric] for metric in metrics}


def _plugged(compute: Callable[..., float], item: _Item, row: Samples) -> Value:
    """Compute a plug-in's metric; whatever goes wrong in it is a value with a reason."""
    try:
        number = float(
            compute(estimate=row, reference=item.reference, sample_rate=item.sample_rate)
        )
    except Exception as error:
        return Value(math.nan, f"the plug-in raised {type(error).__name__}: {error}")
    return Value(number, "" if math.isfinite(number) else "the plug-in gives no number")


def _intelligibility(item: _Item, metrics: Sequence[str]) -> dict[str, list[Value]]:
    """STOI and ESTOI, which share everything up to the last step."""
    wanted = {"stoi", "estoi"}.intersection(metrics)
    if not wanted:
        return {}
    if not item.reference.any():
        silent = Value(math.nan, "the reference is silent")
        return {metric: [silent] * len(item.rows) for metric in wanted}
    results = intelligibility(
        item.rows,
        item.reference,
        item.sample_rate,
        with_stoi="stoi" in wanted,
        with_estoi="estoi" in wanted,
    )
    short = "fewer than 30 frames (0.4 s) remain without the silence of the reference"
    return {
        metric: [
            Value(getattr(result, metric)) if result.long_enough else Value(math.nan, short)
            for result in results
        ]
        for metric in wanted
    }


def _with_interferer(item: _Item, metrics: Sequence[str]) -> dict[str, list[Value]]:
    """SIR and SAR, which share the projection onto both voices."""
    wanted = {"sir_bsseval512", "sar_bsseval512"}.intersection(metrics)
    if not wanted or item.interferer is None:
        return {}
    sources = np.stack([item.reference, item.interferer])
    parts = parts_of_estimates(item.rows, sources, [0] * len(item.rows)).T
    numbers = {
        "sir_bsseval512": decibels(parts[0], parts[1]),
        "sar_bsseval512": decibels(parts[2], parts[3]),
    }
    return {metric: _explained(item, numbers[metric]) for metric in wanted}


def _explained(item: _Item, numbers: Samples) -> list[Value]:
    return [
        Value(float(number)) if math.isfinite(number) else Value(math.nan, _why(item, row))
        for number, row in zip(numbers, item.rows, strict=True)
    ]


def _why(item: _Item, row: Samples) -> str:
    """Say why a ratio of energies does not exist."""
    signals = {"reference": item.reference, "estimate": row, "interferer": item.interferer}
    for name, signal in signals.items():
        if signal is not None and not signal.any():
            return f"the {name} is silent"
        if signal is not None and np.ptp(signal) == 0:
            return f"the {name} is constant"
    return "a signal is constant or silent up to rounding"
