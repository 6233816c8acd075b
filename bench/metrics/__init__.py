"""Scores of separated speech: pure functions of arrays, and `score`, which explains gaps.

Signals are `(..., samples)` with full scale 1, as numpy arrays or torch tensors; results are
float64. The `pesq` package, jiwer and Whisper's normaliser are loaded when first asked for.
"""

from bench.metrics.bsseval import sar_bsseval512, sdr_bsseval512, sir_bsseval512
from bench.metrics.intelligibility import estoi, stoi
from bench.metrics.perceptual import pesq_nb, pesq_wb
from bench.metrics.ratios import si_sdr, si_snr, snr, snr_zero_mean
from bench.metrics.registry import (
    DEFAULT_METRICS,
    Metric,
    find_metric,
    list_metrics,
    metric_versions,
    value_names,
)
from bench.metrics.resampling import resample
from bench.metrics.scoring import Scores, score
from bench.metrics.texts import ErrorCounts, cer, count_errors, normaliser_version, wer

__all__ = [
    "DEFAULT_METRICS",
    "ErrorCounts",
    "Metric",
    "Scores",
    "cer",
    "count_errors",
    "estoi",
    "find_metric",
    "list_metrics",
    "metric_versions",
    "normaliser_version",
    "pesq_nb",
    "pesq_wb",
    "resample",
    "sar_bsseval512",
    "score",
    "sdr_bsseval512",
    "si_sdr",
    "si_snr",
    "sir_bsseval512",
    "snr",
    "snr_zero_mean",
    "stoi",
    "value_names",
    "wer",
]
