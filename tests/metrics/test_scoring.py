"""`score`: values with improvements, and reasons in place of exceptions."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from metric_cases import COMMITTED, babble, damaged, stored_cases

from bench import metrics
from bench.errors import UsageError
from bench.metrics import DEFAULT_METRICS, list_metrics, score

QUICK = ("si_snr", "snr", "stoi")


def test_values_and_improvements_are_those_of_the_functions() -> None:
    case = next(case for case in stored_cases(COMMITTED) if case.name == "02_filtered")
    estimate, target, mixture = case.estimate[0], case.reference[0], case.mixture[0]
    found = score(estimate=estimate, reference=target, mixture=mixture)
    assert found.status == "ok"
    assert found.reasons == {}
    assert found.error is None
    assert list(found.values) == [name for m in DEFAULT_METRICS for name in (m, f"{m}_i")]
    for metric in DEFAULT_METRICS:
        compute = getattr(metrics, metric)
        own = float(compute(estimate=estimate, reference=target))
        before = float(compute(estimate=mixture, reference=target))
        assert found.values[metric] == pytest.approx(own, abs=1e-12)
        assert found.values[f"{metric}_i"] == pytest.approx(own - before, abs=1e-12)


def test_an_improvement_is_not_asked_for() -> None:
    estimate, target = damaged(0)
    with pytest.raises(UsageError, match=r"comes by itself .*--mixtures.*: ask for 'si_snr'\."):
        score(estimate=estimate, reference=target, metrics=["si_snr_i"])
    with pytest.raises(UsageError, match="unknown metric 'si_snx_i'"):
        score(estimate=estimate, reference=target, metrics=["si_snx_i"])


def test_known_scores_of_the_mixture_are_taken() -> None:
    estimate, target = damaged(0)
    mixture = babble(0).sum(axis=0)
    before = score(estimate=mixture, reference=target, metrics=QUICK)
    computed = score(estimate=estimate, reference=target, mixture=mixture, metrics=QUICK)
    cached = score(estimate=estimate, reference=target, metrics=QUICK, mixture_scores=before.values)
    assert cached == computed
    faked = score(
        estimate=estimate, reference=target, metrics=["snr"], mixture_scores={"snr": 1000.0}
    )
    assert faked.values["snr_i"] < -900


def test_the_order_of_the_metrics_is_kept_and_repetitions_dropped() -> None:
    estimate, target = damaged(0)
    found = score(estimate=estimate, reference=target, metrics=["stoi", "snr", "stoi"])
    assert list(found.values) == ["stoi", "snr"]
    assert list(score(estimate=estimate, reference=target, metrics="snr").values) == ["snr"]


def test_a_silent_estimate_has_status_and_reasons_and_no_invented_numbers() -> None:
    target = babble(0)[0]
    mixture = babble(0).sum(axis=0)
    found = score(estimate=np.zeros(32000), reference=target, mixture=mixture)
    assert found.status == "undefined"
    undefined = {"si_snr", "sdr_bsseval512", "pesq_wb", "pesq_nb"}
    assert {m for m in DEFAULT_METRICS if found.values[m] is None} == undefined
    assert set(found.reasons) == undefined
    assert set(found.reasons.values()) == {"the estimate is silent"}
    assert all(found.values[f"{m}_i"] is None for m in undefined)
    assert (found.values["snr"], found.values["stoi"], found.values["estoi"]) == (0, 0, 0)
    assert found.error == "no si_snr, sdr_bsseval512, pesq_wb, pesq_nb: the estimate is silent."


def test_a_silent_reference_defines_nothing() -> None:
    found = score(estimate=babble(0)[0], reference=np.zeros(32000))
    assert set(found.values.values()) == {None}
    assert set(found.reasons.values()) == {"the reference is silent"}


def test_stoi_of_a_short_clip_is_withheld() -> None:
    estimate, target = (signal[:4800] for signal in damaged(0))
    found = score(estimate=estimate, reference=target)
    assert found.status == "undefined"
    assert set(found.reasons) == {"stoi", "estoi"}
    assert "30 frames" in found.reasons["stoi"]
    assert found.values["pesq_wb"] is not None


def test_a_mixture_without_a_score_leaves_no_improvement() -> None:
    estimate, target = damaged(0)
    found = score(
        estimate=estimate, reference=target, mixture=np.zeros(32000), metrics=["si_snr", "snr"]
    )
    assert found.values["si_snr"] is not None
    assert found.values["si_snr_i"] is None
    assert found.reasons == {"si_snr_i": "the unprocessed mixture has no si_snr"}
    assert found.values["snr_i"] == found.values["snr"]


def with_nan() -> np.ndarray:
    signal = babble(0)[0]
    signal[3] = np.nan
    return signal


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (with_nan(), "1 of 32000 samples of the {} are NaN or infinite"),
        (np.full(32000, -np.inf), "32000 of 32000"),
        (np.full(32000, 1e200), "32000 of 32000"),
        (np.zeros(0), "the {} is empty"),
        (np.ones((2, 32000)), "the {} has the shape (2, 32000)"),
        (np.ones(31999), "expected equal lengths"),
        ("noise.wav", "the {} is no signal"),
        (1.0, "the {} is no signal"),
        ([[1.0], [1.0, 2.0]], "the {} is no signal"),
        (np.ones(32000, complex), "the {} is no signal"),
    ],
)
@pytest.mark.parametrize("name", ["estimate", "reference", "mixture", "interferer"])
def test_a_bad_signal_fails_the_item_and_never_raises(
    wrong: object, reason: str, name: str
) -> None:
    good = babble(0)[0]
    signals = {"estimate": good, "reference": good, "mixture": good} | {name: wrong}
    found = score(**signals, metrics=QUICK)
    assert found.status == "failed"
    assert list(found.values) == ["si_snr", "si_snr_i", "snr", "snr_i", "stoi", "stoi_i"]
    assert set(found.values.values()) == {None}
    assert reason.format(name) in found.error
    assert found.error.endswith(".")


def test_wrong_use_is_an_error() -> None:
    good = babble(0)[0]
    with pytest.raises(UsageError, match="did you mean 'si_snr'"):
        score(estimate=good, reference=good, metrics=["sisnr"])
    with pytest.raises(UsageError, match="texts"):
        score(estimate=good, reference=good, metrics=["wer"])
    with pytest.raises(UsageError, match="no metric"):
        score(estimate=good, reference=good, metrics=[])
    with pytest.raises(UsageError, match="interferer"):
        score(estimate=good, reference=good, metrics=["sir_bsseval512"])
    with pytest.raises(UsageError, match="sample rate"):
        score(estimate=good, reference=good, sample_rate=0)


def test_sir_and_sar_of_one_target() -> None:
    target, interferer = babble(3)
    estimate = target + 0.3 * interferer + 1e-3 * np.random.default_rng(0).standard_normal(32000)
    found = score(
        estimate=estimate,
        reference=target,
        interferer=interferer,
        mixture=target + interferer,
        metrics=["sir_bsseval512", "sar_bsseval512"],
    )
    both = {
        "estimate": np.stack([estimate, estimate]),
        "reference": np.stack([target, interferer]),
    }
    assert found.values["sir_bsseval512"] == pytest.approx(metrics.sir_bsseval512(**both)[0])
    assert found.values["sar_bsseval512"] == pytest.approx(metrics.sar_bsseval512(**both)[0])
    assert found.values["sir_bsseval512_i"] is not None
    assert "sar_bsseval512_i" not in found.values


def test_8_khz_has_no_wide_band_score() -> None:
    estimate, target = damaged(0)
    found = score(estimate=estimate, reference=target, sample_rate=8000)
    assert list(found.reasons) == ["pesq_wb"]
    assert found.values["pesq_nb"] > 1


def test_tensors_are_taken_and_json_can_hold_the_result() -> None:
    estimate, target = (torch.from_numpy(signal).float() for signal in damaged(0))
    found = score(estimate=estimate, reference=target, mixture=estimate)
    assert json.loads(json.dumps(found.values, allow_nan=False)) == found.values


def test_a_perfect_copy_is_finite() -> None:
    target = babble(0)[0]
    found = score(estimate=target, reference=target)
    assert found.status == "ok"
    assert 90 < found.values["si_snr"] < 200
    assert 90 < found.values["sdr_bsseval512"] < 200


@pytest.mark.parametrize("metric", list_metrics())
def test_every_metric_is_described_and_exported(metric: str) -> None:
    known = metrics.find_metric(metric)
    # those that need a recogniser are no functions of what a caller has
    assert metric.startswith("wer_") or callable(getattr(metrics, metric))
    assert known.id == metric
    assert known.definition
    assert known.undefined
    assert known.version.isdigit()


def test_values_stay_inside_their_declared_range() -> None:
    estimate, target = damaged(0)
    for signal in (estimate, target, -target, np.random.default_rng(0).standard_normal(32000)):
        found = score(estimate=signal, reference=target)
        for metric in DEFAULT_METRICS:
            known, value = metrics.find_metric(metric), found.values[metric]
            assert known.lowest is None or value >= known.lowest
            assert known.highest is None or value <= known.highest + 1e-9


def test_versions_are_those_of_the_metrics_that_were_asked_for() -> None:
    assert metrics.metric_versions(["snr", "stoi"]) == {"snr": "1", "stoi": "1"}
    with pytest.raises(UsageError, match="unknown metric"):
        metrics.metric_versions(["loudness"])


def test_what_is_exported_is_sorted_and_there() -> None:
    assert len(set(metrics.__all__)) == len(metrics.__all__)
    assert all(hasattr(metrics, name) for name in metrics.__all__)
    assert {"cer", "score", "wer", *DEFAULT_METRICS} <= set(metrics.__all__)
