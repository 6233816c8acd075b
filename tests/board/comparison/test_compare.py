"""Comparisons whose outcome is known, what they refuse, and what they must say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from made_runs import make_run

from bench.board.comparison import items
from bench.board.comparison.compare import Missing, compare_runs
from bench.board.comparison.tables import conclusion, mixtures_table
from bench.core.record import Record
from bench.errors import DataError, UsageError
from bench.run.result import Run

DRAWS = 199
SCORES = [float(x) for x in np.random.default_rng(0).normal(10.0, 2.0, 80)]


def changed(run: Run, change: Callable[[int, Record], Record]) -> Run:
    return replace(run, records=tuple(change(k, r) for k, r in enumerate(run.records)))


def shifted(by: float, spread: float = 0.2, name: str = "b") -> Run:
    noise = np.random.default_rng(1).normal(by, spread, len(SCORES))
    return make_run(name, [float(x) for x in np.array(SCORES) + noise])


def test_the_better_system_is_found_whichever_comes_first() -> None:
    first, second = make_run("a", SCORES), shifted(0.1)
    forward = compare_runs(second, first, draws=DRAWS)
    (lead, _) = forward.scores
    assert lead.score == "si_snr_i"
    assert lead.difference.low < 0.1 < lead.difference.high
    assert lead.difference.low > 0
    assert lead.better == 1
    assert conclusion(forward).startswith("B is better than A: SI-SNRi differs by 0.09 (95 %")
    back = compare_runs(first, second, draws=DRAWS)
    assert back.scores[0].better == 2
    assert conclusion(back) == conclusion(forward)
    assert back.scores[0].mixtures_won == pytest.approx(1 - lead.mixtures_won)


def test_equal_runs_are_not_told_apart() -> None:
    same = compare_runs(make_run("a", SCORES), make_run("b", SCORES), draws=DRAWS)
    assert all(found.difference.mean == 0 and found.p_adjusted == 1 for found in same.scores)
    assert all(found.mixtures_tied == 1 and found.better == 0 for found in same.scores)
    assert conclusion(same) == "A and B have the same mean SI-SNRi."
    close = compare_runs(make_run("a", SCORES), shifted(0.0), draws=DRAWS)
    assert close.scores[0].better == 0
    assert conclusion(close).startswith("No difference in SI-SNRi between A and B is established")


def test_p_values_are_corrected_over_the_scores_shown() -> None:
    runs = make_run("a", SCORES), shifted(0.1)
    both = compare_runs(*runs, draws=DRAWS).scores
    assert both[0].difference.p_value == both[1].difference.p_value == pytest.approx(1 / 200)
    assert [found.p_adjusted for found in both] == pytest.approx([2 / 200, 2 / 200])
    (alone,) = compare_runs(*runs, ["si_snr_i"], draws=DRAWS).scores
    assert alone.p_adjusted == pytest.approx(1 / 200)


def test_mixtures_are_won_by_both_targets_together() -> None:
    first = make_run("a", [3.0, 1.0, 5.0, 5.0, 1.0, 1.0])
    second = make_run("b", [1.0, 2.0, 4.0, 6.0, 2.0, 2.0])  # +0.5, 0, -1
    found = compare_runs(first, second, ["si_snr_i"], draws=DRAWS)
    (lead,) = found.scores
    assert (lead.mixtures_won, lead.mixtures_tied) == pytest.approx((1 / 3, 1 / 3))
    told = [(m.mixture, m.difference) for m in found.mixtures]
    assert told == [("m2", -1.0), ("m0", 0.5), ("m1", 0.0)]


def test_at_most_ten_mixtures_are_named() -> None:
    found = compare_runs(make_run("a", SCORES), shifted(0.0), draws=DRAWS)
    sizes = [abs(mixture.difference) for mixture in found.mixtures]
    assert len(sizes) == 10
    assert sizes == sorted(sizes, reverse=True)


def test_a_lower_error_rate_is_the_better_one() -> None:
    def with_errors(value: float) -> Callable[[int, Record], Record]:
        return lambda k, r: replace(r, scores={"cer": value + k % 3 / 100})

    metrics = {"metrics": {"cer": "1"}}
    first = changed(make_run("a", SCORES, plan=metrics), with_errors(0.2))
    second = changed(make_run("b", SCORES, plan=metrics), with_errors(0.3))
    (found,) = compare_runs(first, second, ["cer"], draws=DRAWS).scores
    assert found.difference.mean == pytest.approx(-0.1)
    assert (found.better, found.mixtures_won) == (1, 1.0)


def test_what_one_system_failed_on_is_left_out_and_counted_in_the_worst_case() -> None:
    """The second is better by 1 dB, but fails on a quarter: as if it had returned the mixture."""
    failing = [x + 1 if k % 4 else None for k, x in enumerate(SCORES)]
    found = compare_runs(make_run("a", SCORES), make_run("b", failing), draws=DRAWS)
    lead = found.scores[0]
    assert lead.missing == Missing(0, 20, 0)
    assert lead.difference.mean == pytest.approx(-1.0)
    assert lead.difference.items == 60
    assert lead.worst_case is not None
    assert lead.worst_case.items == 80
    assert lead.worst_case.mean == pytest.approx((np.sum(SCORES[::4]) - 60) / 80)
    assert lead.p_adjusted <= 0.05
    assert lead.better == 0  # better on what it did, worse with what it did not
    left_out = "left out are targets without a score; B alone lacks 20."
    assert f"SI-SNRi, PESQ-WB: {left_out}" in found.notes
    assert any(note.startswith("Worst case") for note in found.notes)


def test_a_system_that_failed_never_gains_by_it() -> None:
    """Where the other one made the mixture worse, the failed one gets no more than that."""
    first, second = make_run("a", [-5.0] * 4), make_run("b", [None, 1.0, 1.0, 1.0])
    lead = compare_runs(first, second, ["si_snr_i"], draws=DRAWS).scores[0]
    assert lead.worst_case is not None
    assert lead.worst_case.mean == pytest.approx((0.0 - 6.0 * 3) / 4)


def test_without_improvement_the_score_of_the_mixture_is_told_from_the_other_system() -> None:
    """PESQ of the other system less its improvement: 2.0 - x / 100 less 1."""
    first, second = make_run("a", [10.0] * 4), make_run("b", [None, 10.0, 10.0, 10.0])
    lead = compare_runs(first, second, ["pesq_wb"], draws=DRAWS).scores[0]
    assert lead.worst_case is not None
    assert lead.worst_case.mean == pytest.approx(1.0 / 4)


def test_where_the_mixture_has_no_score_the_worst_of_all_counts() -> None:
    metrics = {"metrics": {"cer": "1"}}

    def rated(values: list[float | None]) -> Run:
        run = make_run("r", [1.0] * 4, plan=metrics)
        return changed(run, lambda k, r: replace(r, scores={"cer": values[k]}))

    first, second = rated([0.1, 0.2, 0.3, 0.9]), rated([None, 0.2, 0.3, 0.9])
    lead = compare_runs(first, second, ["cer"], draws=DRAWS).scores[0]
    assert lead.worst_case is not None
    assert lead.worst_case.mean == pytest.approx((0.1 - 0.9) / 4)


def test_what_both_failed_on_is_nowhere() -> None:
    scores: list[float | None] = [None, *SCORES[1:]]
    found = compare_runs(make_run("a", scores), make_run("b", scores), draws=DRAWS)
    assert found.scores[0].missing == Missing(0, 0, 1)
    assert found.scores[0].worst_case is None
    assert any("both lack 1" in note for note in found.notes)


def test_a_record_that_is_not_there_counts_as_failed() -> None:
    whole, cut = make_run("a", SCORES), make_run("b", SCORES)
    cut = replace(cut, records=cut.records[:-2])
    assert compare_runs(whole, cut, draws=DRAWS).scores[0].missing == Missing(0, 2, 0)
    assert compare_runs(cut, whole, draws=DRAWS).scores[0].missing == Missing(2, 0, 0)


def test_a_quick_look_is_compared_on_what_it_looked_at_with_a_warning() -> None:
    whole = make_run("a", SCORES)
    quick = make_run("b", SCORES[:20], plan={"limit": 10})
    found = compare_runs(whole, quick, draws=DRAWS)
    assert found.targets == 20
    assert found.scores[0].missing == Missing(0, 0, 0)
    assert any("a quick look at 10 mixtures" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"plan": {"separator": {"separator": "x", "weights": "random"}}}, "random weights"),
        ({"plan": {"mouths": "swapped"}}, "other mouths"),
        ({"kind": "oracle"}, "sees the references"),
        ({"kind": "re-implementation"}, "re-implementation from the paper"),
    ],
)
def test_what_may_mislead_is_a_warning(change: dict, said: str) -> None:  # type: ignore[type-arg]
    found = compare_runs(make_run("x", SCORES, **change), make_run("a", SCORES), draws=DRAWS)
    (warning,) = found.warnings
    assert said in warning
    assert not compare_runs(make_run("b", SCORES), make_run("a", SCORES), draws=DRAWS).warnings


def test_records_of_strangers_are_compared_with_a_warning() -> None:
    submitted = replace(make_run("b", SCORES), provenance="submitted")
    (warning,) = compare_runs(make_run("a", SCORES), submitted, draws=DRAWS).warnings
    assert "not verified" in warning


def test_other_data_are_refused() -> None:
    for plan in ({"dataset": "other"}, {"list_sha256": "1" * 64}, {"data_sha256": "2" * 64}):
        with pytest.raises(DataError, match="not measured on the same data"):
            compare_runs(make_run("a", SCORES), make_run("b", SCORES, plan=plan))


def test_metrics_of_other_versions_are_left_out_and_refused_where_asked_for() -> None:
    newer = make_run("b", SCORES, plan={"metrics": {"si_snr": "1", "pesq_wb": "2"}})
    found = compare_runs(make_run("a", SCORES), newer, draws=DRAWS)
    assert [score.score for score in found.scores] == ["si_snr_i"]
    assert "Left out: PESQ-WB; version 1 in A, version 2 in B." in found.notes
    with pytest.raises(UsageError, match=r"'pesq_wb' is version 1 in a_tiny.* and version 2"):
        compare_runs(make_run("a", SCORES), newer, ["pesq_wb"])


def test_metrics_that_only_one_run_has_are_left_out_and_named() -> None:
    fewer = make_run("b", SCORES, plan={"metrics": {"si_snr": "1"}})
    found = compare_runs(make_run("a", SCORES), fewer, draws=DRAWS)
    assert [score.score for score in found.scores] == ["si_snr_i"]
    assert "Left out: PESQ-WB; version 1 in A, absent in B." in found.notes
    (asked,) = compare_runs(make_run("a", SCORES), fewer, ["si_snr_i"], draws=DRAWS).scores
    assert asked.score == "si_snr_i"


def test_runs_without_a_common_metric_are_refused_by_name() -> None:
    other = make_run("b", SCORES, plan={"metrics": {"si_snr": "0"}})
    with pytest.raises(UsageError, match=r"'pesq_wb' is .*absent.*score one of them anew"):
        compare_runs(make_run("a", SCORES), other)


def test_few_numbers_are_sorted_as_numbers() -> None:
    def with_snr(k: int, record: Record) -> Record:
        return replace(record, conditions={"snr_db": (10.08, 5.02, 5.92)[k % 3]})

    first = changed(make_run("a", SCORES), with_snr)
    groups = compare_runs(first, shifted(0.0), draws=DRAWS).conditions
    assert [group.values for group in groups] == ["5.02", "5.92", "10.08"]


def test_an_unknown_score_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="did you mean 'si_snr_i'"):
        compare_runs(make_run("a", SCORES), make_run("b", SCORES), ["si_snri"])


def test_runs_without_a_common_target_are_refused() -> None:
    first, second = make_run("a", [1.0, None]), make_run("b", [None, 1.0])
    with pytest.raises(DataError, match="no target for which both"):
        compare_runs(first, second)


def test_numeric_conditions_are_cut_into_thirds_and_others_taken_by_value() -> None:
    def with_conditions(k: int, record: Record) -> Record:
        conditions = {
            "input_snr_db": float(k),
            "sex_pair": "FM" if k % 4 else "MM",
            "length_s": 2.0,
        }
        return replace(record, conditions=conditions)

    # The second is worse by 3 dB in the first third alone.
    worse = [x - (3.0 if k < 20 else 0.0) for k, x in enumerate(SCORES[:60])]
    first = changed(make_run("a", SCORES[:60]), with_conditions)
    found = compare_runs(first, make_run("b", worse), ["si_snr_i"], draws=DRAWS).conditions
    told = [(g.condition, g.values, g.difference.items, g.difference.mean) for g in found]
    assert told[:3] == [
        ("input_snr_db", "0 to 19", 20, pytest.approx(3.0)),
        ("input_snr_db", "20 to 39", 20, pytest.approx(0.0)),
        ("input_snr_db", "40 to 59", 20, pytest.approx(0.0)),
    ]
    assert [(name, values, items) for name, values, items, _ in told[3:]] == [
        ("sex_pair", "FM", 45),
        ("sex_pair", "MM", 15),
    ]


def test_targets_without_a_condition_are_in_no_group() -> None:
    def with_pitch(k: int, record: Record) -> Record:
        return replace(record, conditions={"pitch_hz": 100.0 + k} if k % 2 else {})

    first = changed(make_run("a", SCORES), with_pitch)
    groups = compare_runs(first, shifted(0.0), draws=DRAWS).conditions
    assert sum(group.difference.items for group in groups) == 40


def test_many_values_are_the_frequent_ones_and_all_others() -> None:
    def with_name(k: int, record: Record) -> Record:
        return replace(record, conditions={"accent": f"a{k % 20:02}"})

    first = changed(make_run("a", SCORES), with_name)
    groups = compare_runs(first, shifted(0.0), draws=DRAWS).conditions
    assert [group.values for group in groups] == [*(f"a{k:02}" for k in range(8)), "all others"]


def test_runs_of_one_name_are_told_apart() -> None:
    first = make_run("a", SCORES)
    second = make_run("a", SCORES, plan={"threads": 2})
    labels = compare_runs(first, second, draws=DRAWS).labels
    assert labels == (f"A [{first.id[-12:]}]", f"A [{second.id[-12:]}]")


def test_the_caption_is_always_there_and_few_clusters_call_for_caution() -> None:
    many = compare_runs(make_run("a", SCORES), shifted(0.0), draws=DRAWS)
    assert "over test items, not over training seeds" in many.notes[0]
    assert not any(note.startswith("Caution") for note in many.notes)
    few = compare_runs(make_run("a", SCORES[:8]), make_run("b", SCORES[:8]), draws=DRAWS)
    assert any(note.startswith("Caution") for note in few.notes)


def test_too_few_clusters_are_called_so_and_nothing_is_said_of_intervals() -> None:
    none = compare_runs(make_run("a", SCORES[:2]), make_run("b", SCORES[2:4]), draws=DRAWS)
    assert none.notes[0].startswith("No intervals: 2 target x 2 interferer clusters")
    assert not any("replicates" in note or "Caution" in note for note in none.notes)
    assert mixtures_table(none).title == "The mixture that differs most in SI-SNRi"


def test_data_without_a_fingerprint_are_not_called_identical() -> None:
    runs = make_run("a", SCORES), make_run("b", SCORES)
    assert compare_runs(*runs, draws=DRAWS).data == "unfingerprinted"
    known = [make_run(name, SCORES, plan={"data_sha256": "1" * 64}) for name in "ab"]
    assert compare_runs(*known, draws=DRAWS).data == "identical"


def test_marks_and_symptoms_are_repeated() -> None:
    marked = make_run("b", SCORES, plan={"marks": ("an unofficial list",)})
    notes = compare_runs(make_run("a", SCORES), marked, draws=DRAWS).notes
    assert "B: an unofficial list." in notes


def test_all_targets_are_looked_through_once_for_the_worst(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for each target, thousands of targets would take minutes."""
    looked: list[str] = []
    worst = items._worst
    monkeypatch.setattr(
        items, "_worst", lambda pairs, score: (looked.append(score), worst(pairs, score))[1]
    )
    pairs = items.pair_records(make_run("a", [1.0, 2.0, 3.0]), make_run("b", [1.0, 2.0, 4.0]))
    assert len(items.worst_case(pairs, "si_snr_i").first) == len(pairs) > 1
    assert looked == ["si_snr_i"]
