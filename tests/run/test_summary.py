"""Figures follow from records alone."""

from __future__ import annotations

import pytest

from bench.core.record import Record
from bench.run.summary import summarise

HALVED: list[tuple[str, dict[str, float]]] = [
    ("a", {"batch_halved": 1.0}),
    ("b", {}),
    ("c", {"batch_halved": 1.0}),
]


def _record(mixture: str, target: int, score: float | None, **diagnostics: float) -> Record:
    status = "ok" if score is not None else "failed"
    return Record(
        "r",
        "d",
        mixture,
        target,
        status,  # type: ignore[arg-type]
        target_cluster=f"s{target}",
        interferer_cluster=f"s{3 - target}",
        diagnostics=diagnostics,
        scores={"si_snr": score},
    )


def test_means_are_over_the_targets_that_have_the_score() -> None:
    summary = summarise([_record("a", 1, 1.0), _record("a", 2, 4.0), _record("b", 1, None)], 4)
    aggregate = summary.aggregates["si_snr"]
    assert (aggregate.scored, aggregate.mean, aggregate.median) == (2, 2.5, 2.5)
    assert (summary.ok, summary.failed, summary.expected) == (2, 1, 4)


def test_without_any_score_there_is_no_mean() -> None:
    summary = summarise([_record("a", 1, None)], 1)
    assert summary.aggregates["si_snr"].mean is None


def test_targets_nearer_to_the_interferer_are_counted() -> None:
    records = [
        _record("a", 1, 3.0, si_snr_to_interferer=-2.0),
        _record("a", 2, -4.0, si_snr_to_interferer=5.0),
    ]
    assert summarise(records, 2).nearer_to_interferer == 0.5


def test_a_halved_batch_is_told() -> None:
    records = [_record(m, t, 0.0, **halved) for m, halved in HALVED for t in (1, 2)]
    (symptom,) = summarise(records, 6).symptoms
    assert "too short for 2 mixtures" in symptom
    (symptom,) = summarise(records[:2], 6).symptoms
    assert "too short for 1 mixture, whose" in symptom


@pytest.mark.parametrize(("correlation", "said"), [(0.995, True), (0.98, False)])
def test_two_nearly_equal_estimates_are_a_symptom(correlation: float, said: bool) -> None:
    records = [_record(m, 1, 0.0, estimate_correlation=correlation) for m in "abc"]
    found = any("nearly equal" in symptom for symptom in summarise(records, 3).symptoms)
    assert found is said


@pytest.mark.parametrize(("change", "said"), [(1e-6, True), (0.3, False)])
def test_estimates_that_ignore_the_mouths_are_a_symptom(change: float, said: bool) -> None:
    records = [_record(m, 1, 0.0, mouth_exchange_change=change) for m in "ab"]
    found = any("exchanged" in symptom for symptom in summarise(records, 2).symptoms)
    assert found is said
