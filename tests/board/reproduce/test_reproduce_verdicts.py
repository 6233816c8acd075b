"""Printed against reproduced: the rule, and what is said beside it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bench.board.published import load_published
from bench.board.reproduce.reasons import _facts, equal_score, reasons_for
from bench.board.reproduce.verdicts import compare_run, judge_figure, printed_figures
from bench.core.plan import Plan
from bench.core.record import Record
from bench.run.result import Run, SystemFacts
from bench.separators.card import known_cards
from bench.stats.bootstrap import Interval


def _interval(mean: float, low: float, high: float) -> Interval:
    return Interval(mean, low, high, 0.95, 100)


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [
        (14.3, "reproduced"),
        (14.2501, "reproduced"),
        (14.3499, "reproduced"),
        (14.36, "within the interval"),
        (14.0, "within the interval"),
        (13.2, "different"),
        (17.61, "known difference"),
    ],
)
def test_a_figure_stands_for_what_rounds_to_it(mean: float, verdict: str) -> None:
    measured = _interval(mean, mean - 0.8, mean + 0.8)
    assert judge_figure("14.3", measured, ["17.6"]) == verdict


def test_the_printed_digits_decide_the_room() -> None:
    measured = _interval(14.31, math.nan, math.nan)
    assert judge_figure("14.3", measured) == "reproduced"
    assert judge_figure("14.30", measured) == "different"


def test_an_interval_without_ends_holds_nothing() -> None:
    assert judge_figure("14.3", _interval(14.4, math.nan, math.nan)) == "different"


def _run(
    system: str, dataset: str, mean: float, *, spread: float = 4.0, plan: dict | None = None
) -> Run:
    """A run whose mean is known, with 40 clusters that differ by `spread`."""
    settings = Plan(
        dataset=dataset,
        list_sha256="0" * 64,
        data_sha256=None,
        separator={"separator": "x", "weights": "checkpoint"},
        kind="published",
        metrics={"si_snr": "1", "snr_zero_mean": "1"},
    )
    settings = replace(settings, **(plan or {}))
    records = tuple(
        Record(
            run=settings.run_id,
            dataset=dataset,
            mixture=f"m{number // 2}",
            target=number % 2 + 1,
            status="ok",
            target_cluster=f"t{number}",
            interferer_cluster=f"i{number}",
            scores=dict.fromkeys(_SCORES, mean + (spread if number % 2 else -spread)),
        )
        for number in range(40)
    )
    return Run(settings, SystemFacts(system, "published"), records, len(records))


_SCORES = ("si_snr_i", "snr_zero_mean_i")


def test_the_known_case_of_iianet_on_lrs3() -> None:
    found = {c.figure.metric: c for c in compare_run(_run("IIANet", "lrs3-2mix", 17.62))}
    assert found["SI-SNRi"].figure.value == "18.3"
    assert found["SI-SNRi"].verdict == "known difference"
    assert found["SI-SNRi"].difference == pytest.approx(-0.68)
    reasons = found["SI-SNRi"].reasons
    assert "17.6 against 18.3" in reasons[0].reason
    assert reasons[0].source.endswith("/issues/16")
    assert found["SDRi"].verdict == "not judged"
    assert "iianet2024.sdr_i" in found["SDRi"].why[0]
    assert found["PESQ"].verdict == "not judged"


def test_what_rounds_to_the_print_needs_no_excuse() -> None:
    found = {c.figure.metric: c for c in compare_run(_run("CTCNet", "lrs2-2mix", 14.27))}
    assert found["SI-SNRi"].verdict == "reproduced"
    assert found["SI-SNRi"].reasons == ()
    assert found["SDRi"].score == "snr_zero_mean_i"  # what CTCNet's code calls SDR
    assert found["SDRi"].figure.value == "14.6"
    assert found["SDRi"].verdict == "within the interval"


def test_its_own_paper_goes_first_and_the_others_are_shown() -> None:
    group = next(
        g for g in printed_figures("Dolphin", "voxceleb2-2mix") if g[0].metric == "SI-SNRi"
    )
    assert group[0].value == "14.6"
    (comparison, *_) = compare_run(_run("Dolphin", "voxceleb2-2mix", 16.1))
    assert comparison.verdict == "known difference"
    assert "16.1" in {other.value for other in comparison.also_printed}


def test_digests_and_oracles_are_no_print_to_be_reproduced() -> None:
    figures = [f for groups in printed_figures("CTCNet", "lrs2-2mix") for f in groups]
    assert {f.grade for f in figures} == {"quoted"}
    assert all(f.kind == "published" for f in load_published() if f in figures)


def test_a_quick_look_reproduces_nothing() -> None:
    close = _run("CTCNet", "lrs2-2mix", 14.3, plan={"limit": 20})
    far = _run("CTCNet", "lrs2-2mix", 2.0, spread=0.5, plan={"limit": 20})
    assert compare_run(close)[0].verdict == "consistent, quick look"
    assert compare_run(far)[0].verdict == "off, quick look"
    assert "a quick look at 20 mixtures" in compare_run(far)[0].why


def test_another_list_is_not_judged() -> None:
    run = _run("CTCNet", "lrs2-2mix", 14.3, plan={"marks": ("unofficial mixture list abc",)})
    (comparison, *_) = compare_run(run)
    assert comparison.verdict == "not judged"
    assert comparison.measured is not None


def test_computed_mouths_are_said_beside_the_verdict() -> None:
    marks = ("mouth crops computed, not the published crops",)
    run = _run("CTCNet", "lrs2-2mix", 12.0, spread=0.1, plan={"marks": marks})
    (comparison, *_) = compare_run(run)
    assert comparison.verdict == "different"
    assert comparison.why == marks


def test_targets_without_a_score_are_counted() -> None:
    run = _run("CTCNet", "lrs2-2mix", 14.3)
    fewer = replace(run, expected=run.expected + 2)
    assert compare_run(fewer)[0].why == ("2 of 42 targets have no si_snr_i",)


def test_nothing_printed_is_nothing_to_compare() -> None:
    assert compare_run(_run("MMMC", "lrs2-2mix", 10.0)) == []
    assert compare_run(_run("CTCNet", "talking-heads-2mix", 10.0)) == []


def test_every_reason_speaks_of_a_printed_figure_of_a_known_system() -> None:
    figures = load_published()
    names = {card.name for card in known_cards().values()}
    for reason in _facts().reasons:
        assert reason.system in names
        assert any(reason.fits(figure) for figure in figures)
    ids = {figure.metric_id for figure in figures}
    assert all(id in ids for id in _facts().equal)
    assert equal_score("si_snr_i") == "si_snr_i"


def test_reasons_with_a_value_go_first() -> None:
    figure = next(
        f
        for f in load_published()
        if (f.system, f.list, f.metric) == ("IIANet", "lrs3-2mix", "SDRi")
    )
    values = [reason.value for reason in reasons_for(figure)]
    assert values[0] == "17.8"
    assert values[1:] == [None] * (len(values) - 1)
