"""The metrics by id: what each one is, and the version of its definition.

A version is raised whenever a change can move a number beyond rounding; it is part of a run's
identity. An id names the definition, a pretty name is for tables only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bench.core.plugins import load_plugin, plugins
from bench.errors import UsageError, unknown_name

__all__ = [
    "DEFAULT_METRICS",
    "PLUGINS",
    "Metric",
    "check_metrics",
    "find_metric",
    "list_metrics",
    "metric_versions",
    "value_names",
]

# Entry points of this group name modules with METRIC and
# `compute(*, estimate, reference, sample_rate) -> float` (nan where undefined).
PLUGINS = "bench.metrics"

DEFAULT_METRICS = ("si_snr", "snr", "sdr_bsseval512", "pesq_wb", "pesq_nb", "stoi", "estoi")


@dataclass(frozen=True)
class Metric:
    """What people must know to read a number.

    Attributes:
        id: Names the definition.
        name: For tables.
        definition: One sentence.
        undefined: For which items there is no value.
        unit: "dB", "MOS" or "" for a plain number.
        lowest: No value is below; None = no bound.
        highest: No value is above; None = no bound.
        needs: What it is computed from.
        higher_is_better: Which way a table sorts.
        improves: Whether the difference to the unprocessed mixture means anything.
        version: Raised when numbers can move.
    """

    id: str
    name: str
    definition: str
    undefined: str
    unit: str = "dB"
    lowest: float | None = None
    highest: float | None = None
    needs: Literal["one target", "all sources", "texts"] = "one target"
    higher_is_better: bool = True
    improves: bool = True
    version: str = "1"

    @property
    def improvement_name(self) -> str:
        """The pretty name of the difference to the unprocessed mixture ("SI-SNRi")."""
        return f"{self.name}i"


_SILENCE = "silent estimate or reference"
_PESQ = f"{_SILENCE}, no utterance found, shorter than 0.25 s or longer than 20 s"
_STOI = "silent reference, or fewer than 30 frames (0.4 s) without silence"
_TEXT = "reference without words"

_METRICS = {
    metric.id: metric
    for metric in (
        Metric(
            "si_snr",
            "SI-SNR",
            "scale-invariant signal-to-noise ratio, means removed",
            "silent or constant estimate or reference",
        ),
        Metric(
            "si_sdr",
            "SI-SDR",
            "scale-invariant signal-to-distortion ratio, means kept",
            _SILENCE,
        ),
        Metric("snr", "SNR", "energy of the target over energy of the error", "silent reference"),
        Metric(
            "snr_zero_mean",
            "SNR (zero mean)",
            "energy of the target over energy of the error, means removed",
            "silent or constant reference",
        ),
        Metric(
            "sdr_bsseval512",
            "SDR",
            "BSS-Eval v3 signal-to-distortion ratio, filters of 512 taps",
            _SILENCE,
        ),
        Metric(
            "sir_bsseval512",
            "SIR",
            "BSS-Eval v3 signal-to-interference ratio, filters of 512 taps, order of the sources "
            "given",
            "silent estimate or any silent reference",
            needs="all sources",
        ),
        Metric(
            "sar_bsseval512",
            "SAR",
            "BSS-Eval v3 signal-to-artefacts ratio, filters of 512 taps, order of the sources "
            "given",
            "silent estimate or any silent reference",
            needs="all sources",
            improves=False,  # a mixture is made of its sources: it has no artefacts
        ),
        Metric(
            "pesq_wb",
            "PESQ-WB",
            "wide-band PESQ as MOS-LQO (ITU-T P.862.2)",
            _PESQ,
            unit="MOS",
            lowest=0.999,
            highest=4.999,
        ),
        Metric(
            "pesq_nb",
            "PESQ-NB",
            "narrow-band PESQ as MOS-LQO (ITU-T P.862 with the mapping of P.862.1)",
            _PESQ,
            unit="MOS",
            lowest=0.999,
            highest=4.999,
        ),
        Metric(
            "stoi",
            "STOI",
            "short-time objective intelligibility",
            _STOI,
            unit="",
            lowest=-1.0,
            highest=1.0,
        ),
        Metric(
            "estoi",
            "ESTOI",
            "extended short-time objective intelligibility",
            _STOI,
            unit="",
            lowest=-1.0,
            highest=1.0,
        ),
        Metric(
            "wer",
            "WER",
            "word error rate: substitutions, deletions and insertions over words of the reference, "
            "counts summed over all texts, after Whisper's English normaliser",
            _TEXT,
            unit="",
            lowest=0.0,
            needs="texts",
            higher_is_better=False,
            improves=False,
        ),
        Metric(
            "wer_transcript",
            "WER",
            "word error rate of what a recogniser hears of the estimate against the transcript of "
            "the corpus; the board's recogniser is openai-whisper small, any other is in the id",
            _TEXT,
            unit="",
            lowest=0.0,
            needs="texts",
            higher_is_better=False,
            improves=False,
        ),
        Metric(
            "wer_clean",
            "WER (clean)",
            "the same against what the recogniser itself hears of the clean target",
            _TEXT,
            unit="",
            lowest=0.0,
            needs="texts",
            higher_is_better=False,
            improves=False,
        ),
        Metric(
            "cer",
            "CER",
            "character error rate, otherwise as wer",
            _TEXT,
            unit="",
            lowest=0.0,
            needs="texts",
            higher_is_better=False,
            improves=False,
        ),
    )
}


def _known() -> dict[str, Metric]:
    """All metrics by id: ours, then those of installed plug-ins, whose modules hold a `METRIC`."""
    known = dict(_METRICS)
    for name, point in plugins(PLUGINS).items():
        metric = getattr(load_plugin(point), "METRIC", None)
        if not isinstance(metric, Metric) or metric.id != name or name in _METRICS:
            raise UsageError(
                f"the plug-in {point.value} must hold METRIC, a bench.metrics.Metric with the id "
                f"'{name}', which must not be one of the project's; mend or uninstall it."
            )
        known[name] = metric
    return known


def list_metrics() -> list[str]:
    """Return the ids of all metrics: signals, texts, then those of plug-ins."""
    return list(_known())


def find_metric(metric: str) -> Metric:
    """Return what is known of a metric.

    Raises:
        UsageError: The id is unknown; the nearest one is suggested.
    """
    known = _known()
    try:
        return known[metric]
    except KeyError:
        raise unknown_name("metric", metric, known) from None


def check_metrics(metrics: Sequence[str]) -> tuple[str, ...]:
    """Return the ids without repetitions, in their order.

    Raises:
        UsageError: An unknown id, one that is scored from texts, or none at all.
    """
    if isinstance(metrics, str):
        metrics = (metrics,)
    if not metrics:
        raise UsageError(f"no metric was asked for: name some of {', '.join(DEFAULT_METRICS)}.")
    for metric in map(_asked, metrics):
        if metric.needs == "texts":
            raise UsageError(
                f"the metric '{metric.id}' compares texts, not signals: give a finished run to "
                "`avss-bench transcribe`, or texts to bench.metrics.wer or cer."
            )
    return tuple(dict.fromkeys(metrics))


def _asked(metric: str) -> Metric:
    """Find a metric that was asked for; one cannot ask for an improvement."""
    base, known = metric.removesuffix("_i"), _known()
    if metric not in known and base in known and known[base].improves:
        raise UsageError(
            f"'{metric}' is the improvement of '{base}' over the mixture, which comes by itself "
            f"wherever mixtures are given (--mixtures of `avss-bench score`): ask for '{base}'."
        )
    return find_metric(metric)


def metric_versions(metrics: Sequence[str]) -> dict[str, str]:
    """Return the version of each metric's definition by id, as a run's identity needs it."""
    return {metric: find_metric(metric).version for metric in check_metrics(metrics)}


def value_names(metrics: Sequence[str], *, with_mixture: bool) -> list[str]:
    """Return the keys of an item's scores: each id and, against a mixture, its improvement."""
    names = []
    for metric in metrics:
        names.append(metric)
        if with_mixture and find_metric(metric).improves:
            names.append(f"{metric}_i")
    return names
