"""Boards are filtered, sorted and compared as asked; names that nobody knows are one sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_profiles import make_profile
from made_runs import make_run

from bench.board.runs.arrange import against, chosen_runs, only_systems, sorted_by
from bench.board.runs.leaderboard import Board, build_boards
from bench.errors import UsageError

RUNS = [make_run("a", [1.0, 3.0]), make_run("b", [5.0, 6.0]), make_run("c", [0.0, 0.5])]
PROFILES = [make_profile("a", 10.0, run_s=3.0), make_profile("b", 20.0, run_s=1.0)]


def _order(boards: list[Board]) -> list[str]:
    return [row.label for board in boards for row in board.rows]


@pytest.mark.parametrize(
    ("column", "order"),
    [
        ("rank", "BAC"),
        ("system", "ABC"),
        ("params", "ABC"),
        ("macs", "ABC"),
        ("latency", "BAC"),
        ("si_snr_i", "BAC"),
        ("si_snr", "BAC"),
        ("pesq_wb", "CAB"),
    ],
)
def test_sorting_puts_the_best_first_and_the_unknown_last(column: str, order: str) -> None:
    boards = build_boards(RUNS, ["si_snr_i"], profiles=PROFILES)
    sorted_ = sorted_by(boards, column)
    assert _order(sorted_) == list(order)
    assert {row.label: row.rank for row in sorted_[0].rows} == {
        row.label: row.rank for row in boards[0].rows
    }


def test_an_unknown_column_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="unknown column 'latncy': did you mean 'latency'"):
        sorted_by(build_boards(RUNS), "latncy")


def test_what_is_not_shown_still_counts_for_ranks() -> None:
    whole = {row.label: row.rank for row in build_boards(RUNS)[0].rows}
    (board,) = only_systems(build_boards(RUNS), ["a", "C"])
    assert {row.label: row.rank for row in board.rows} == {k: whole[k] for k in "AC"}
    assert board.notes[-1].startswith("1 more row is not shown")


def test_a_board_without_the_systems_asked_for_goes() -> None:
    boards = build_boards([*RUNS, make_run("z", [1.0], plan={"dataset": "zoo"})])
    assert [board.dataset for board in only_systems(boards, ["z"])] == ["zoo"]
    with pytest.raises(UsageError, match="unknown system 'y'"):
        only_systems(boards, ["z", "y"])


def test_runs_are_chosen_by_data_set_and_provenance() -> None:
    zoo = replace(make_run("z", [1.0], plan={"dataset": "zoo"}), provenance="submitted")
    runs = [*RUNS, zoo]
    assert chosen_runs(runs) == runs
    assert chosen_runs(runs, datasets=["zoo"]) == [zoo]
    assert chosen_runs(runs, provenances=["reproduced"]) == RUNS
    with pytest.raises(UsageError, match="unknown data set 'zo': did you mean 'zoo'"):
        chosen_runs(runs, datasets=["zo"])
    with pytest.raises(UsageError, match="unknown provenance 'verified'"):
        chosen_runs(runs, provenances=["verified"])


def test_differences_are_of_means_over_what_each_has() -> None:
    (board,) = against(build_boards(RUNS), "a")
    assert {row.label: row.cells["si_snr_i"].difference for row in board.rows} == {
        "B": 3.5,
        "A": 0.0,
        "C": -1.75,
    }
    assert board.anchor is not None
    assert board.anchor.label == "A"
    assert any("`avss-bench compare` has intervals" in note for note in board.notes)


def test_a_score_that_is_missing_has_no_difference() -> None:
    (board,) = against(build_boards([*RUNS, make_run("d", [None, None])]), "d")
    assert {row.cells["si_snr_i"].difference for row in board.rows} == {None}


@pytest.mark.parametrize("name", ["b", "B", RUNS[1].id])
def test_a_system_is_named_by_id_name_or_run(name: str) -> None:
    (board,) = against(build_boards(RUNS), name)
    assert board.anchor is not None
    assert board.anchor.label == "B"


def test_of_several_such_rows_the_ranked_one_that_is_no_variant_is_meant() -> None:
    quick = make_run("a", [9.0, 9.0], plan={"limit": 1})
    separator = {"separator": "a", "weights": "checkpoint", "settings": {"blocks": 10}}
    variant = make_run("a", [9.0, 9.0], plan={"separator": separator})
    (board,) = against(build_boards([*RUNS, quick, variant]), "a")
    assert board.anchor is not None
    assert board.anchor.label == "A"
    assert f"Of 3 such rows the one of {RUNS[0].id} is meant." in board.notes[-1]


def test_a_system_that_only_was_profiled_gives_ratios_but_no_differences() -> None:
    boards = build_boards(RUNS[1:], profiles=PROFILES)
    (board,) = against(boards, "a", PROFILES)
    assert board.anchor is not None
    assert board.anchor.costs is not None
    assert board.anchor.costs.macs == 10e9
    assert {row.cells["si_snr_i"].difference for row in board.rows} == {None}
    assert "A has no row here" in board.notes[-1]


def test_an_unknown_system_is_one_sentence_with_the_nearest_name() -> None:
    profiles = [make_profile("ctcnet", 10.0)]
    with pytest.raises(UsageError, match="unknown system 'ctcnt': did you mean 'ctcnet'"):
        against(build_boards(RUNS, profiles=profiles), "ctcnt", profiles)
