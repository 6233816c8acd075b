"""Scores of mixtures are computed once, unless something went wrong."""

from __future__ import annotations

import math

import pytest
from tiny import tiny_mixture

from bench.metrics.perceptual import assess_pesq
from bench.run import reference_scores
from bench.run.folders.scoring_rule import scoring_rule
from bench.run.reference_scores import mixture_scores


def scores_of(number: int) -> dict[str, float | None]:
    item = tiny_mixture(number)
    return dict(mixture_scores(item.mixture, *item.references, ["snr", "pesq_nb"], 16000))


def test_a_crash_is_not_kept_as_the_score_of_the_mixture(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as crashing:
        crashing.setattr(reference_scores, "guarded_pesq", lambda *_: (math.nan, "it crashed"))
        assert scores_of(0)["pesq_nb"] is None
    assert scores_of(0)["pesq_nb"] is not None


def test_a_second_run_recalls(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*arguments: object) -> tuple[float, str]:
        calls.append(arguments)
        return assess_pesq(*arguments)

    monkeypatch.setattr(reference_scores, "guarded_pesq", counted)
    assert scores_of(1) == scores_of(1)
    assert len(calls) == 1


def test_a_second_system_on_the_same_files_finds_the_scores_of_the_mixture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item = tiny_mixture(2)
    rule = scoring_rule(metrics=["pesq_nb"], with_mixture=True)
    calls = []

    def counted(*arguments: object) -> tuple[float, str]:
        calls.append(arguments)
        return assess_pesq(*arguments)

    monkeypatch.setattr(reference_scores, "guarded_pesq", counted)
    signals = {"reference": item.references[0], "mixture": item.mixture}
    first = rule.score(signals | {"estimate": item.references[0]}, 16000)
    second = rule.score(signals | {"estimate": item.references[0] + item.mixture}, 16000)
    assert len(calls) == 1
    assert first.values["pesq_nb_i"] > second.values["pesq_nb_i"]
