"""Ranks go to whom they belong, and every row that has none says why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_runs import make_run

from bench.board.formats import to_terminal
from bench.board.runs.leaderboard import Board, build_boards
from bench.errors import UsageError
from bench.metrics import metric_versions


def _ranks(board: Board) -> dict[str, str]:
    return {row.label: row.rank for row in board.rows}


def _board(*runs: object) -> Board:
    (board,) = build_boards(runs)  # type: ignore[arg-type]
    return board


EASE = [float(k % 7) for k in range(40)]


def _near(shift: float, seed: int) -> list[float]:
    """Return scores that differ from `EASE` by a shift and a little noise."""
    noise = np.random.default_rng(seed).normal(0, 0.5, len(EASE))
    return [ease + shift + n for ease, n in zip(EASE, noise - noise.mean(), strict=True)]


def test_the_best_mean_improvement_is_first() -> None:
    board = _board(
        make_run("a", _near(2, 1)), make_run("b", _near(4, 2)), make_run("c", _near(0, 3))
    )
    assert _ranks(board) == {"B": "1", "A": "2", "C": "3"}
    assert [row.label for row in board.rows] == ["B", "A", "C"]
    assert [row.ranks for row in board.rows] == [(1, 1), (2, 2), (3, 3)]
    assert any(note.startswith("Ranks are intervals") for note in board.notes)


def test_what_the_data_do_not_tell_apart_shares_an_interval_of_ranks() -> None:
    board = _board(
        make_run("a", _near(0.02, 1)), make_run("b", _near(4, 2)), make_run("c", _near(0, 3))
    )
    assert [(row.label, row.rank) for row in board.rows] == [("B", "1"), ("A", "2-3"), ("C", "2-3")]


def test_two_runs_of_equal_scores_share_both_ranks() -> None:
    board = _board(make_run("a", EASE), make_run("b", EASE))
    assert _ranks(board) == {"A": "1-2", "B": "1-2"}


def test_an_unranked_run_does_not_widen_the_ranks_of_others() -> None:
    twin = make_run("twin", _near(0.02, 1), plan={"limit": 20})
    board = _board(make_run("a", _near(0, 3)), make_run("b", _near(4, 2)), twin)
    assert _ranks(board) == {"B": "1", "A": "2", "TWIN (20 mixtures)": ""}


def test_one_run_is_first_and_needs_no_word_about_ranks() -> None:
    board = _board(make_run("a", EASE))
    assert board.rows[0].rank == "1"
    assert not any(note.startswith("Ranks are intervals") for note in board.notes)


def test_ranks_are_over_what_all_have_scored_where_lists_of_targets_differ() -> None:
    short = make_run("b", _near(4, 2))
    short = replace(short, records=short.records[:20], expected=20)
    assert _ranks(_board(make_run("a", _near(0, 1)), short)) == {"B": "1", "A": "2"}
    none_shared = replace(short, records=(), expected=0)
    assert len(_board(make_run("a", EASE), none_shared).rows) == 2


def test_where_a_row_comes_from_is_explained() -> None:
    strange = replace(make_run("b", EASE), provenance="submitted")
    board = _board(make_run("a", EASE), strange)
    (said,) = [note for note in board.notes if note.startswith("From: ")]
    assert "R = reproduced: measured here" in said
    assert "S = submitted: recomputed from the records" in said
    assert "verified" not in said


def test_oracles_are_ranked_apart() -> None:
    board = _board(make_run("a", [1.0, 1.0]), make_run("o", [20.0, 20.0], kind="oracle"))
    assert _ranks(board) == {"O": "O1", "A": "1"}
    assert any("Oracles see the references" in note for note in board.notes)


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (make_run("x", [9.0, 9.0], plan={"limit": 1}), "a quick look at 1 mixture"),
        (
            make_run("x", [9.0] * 2, plan={"separator": {"separator": "x", "weights": "random"}}),
            "random weights",
        ),
        (make_run("x", [9.0, 9.0], plan={"mouths": "swapped"}), "mouths swapped"),
        (make_run("x", [9.0, None]), "only 1 of 2 targets have an SI-SNR"),
        (make_run("x", [9.0, 9.0], kind="re-implementation"), "a re-implementation"),
    ],
)
def test_what_may_not_be_ranked_stays_on_the_board_with_its_reason(run, reason) -> None:  # type: ignore[no-untyped-def]
    board = _board(run, make_run("a", [1.0, 1.0]))
    assert [row.rank for row in board.rows] == ["1", ""]
    assert board.rows[1].ranks is None
    assert reason in board.rows[-1].reason
    assert any(f"not ranked: {reason}" in note for note in board.notes)
    assert all(cell.place == 0 for cell in board.rows[-1].cells.values())


def test_the_best_and_the_second_of_each_column_are_marked() -> None:
    board = _board(make_run("a", [1.0, 3.0]), make_run("b", [5.0, 6.0]), make_run("c", [0.0, 0.5]))
    places = {row.label: {s: c.place for s, c in row.cells.items()} for row in board.rows}
    assert places["B"] == {"si_snr_i": 1, "pesq_wb": 0}
    assert places["A"] == {"si_snr_i": 2, "pesq_wb": 2}
    assert places["C"] == {"si_snr_i": 0, "pesq_wb": 1}


def test_the_best_of_one_is_not_marked() -> None:
    assert _board(make_run("a", [1.0, 3.0])).rows[0].cells["si_snr_i"].place == 0


def test_other_data_or_other_definitions_make_another_board() -> None:
    runs = [
        make_run("a", [1.0, 1.0]),
        make_run("b", [2.0, 2.0], plan={"list_sha256": "1" * 64}),
        make_run("c", [3.0, 3.0], plan={"metrics": {"si_snr": "2", "pesq_wb": "1"}}),
    ]
    assert len(build_boards(runs)) == 3


def test_a_run_of_fewer_metrics_stands_beside_those_of_more() -> None:
    few = make_run(
        "b", [2.0, 3.0], plan={"metrics": {"si_snr": metric_versions(["si_snr"])["si_snr"]}}
    )
    records = tuple(replace(r, scores={"si_snr_i": r.scores["si_snr_i"]}) for r in few.records)
    board = _board(replace(few, records=records), make_run("a", [1.0, 2.0]))
    assert [(row.label, row.cells["pesq_wb"].mean is None) for row in board.rows] == [
        ("B", True),
        ("A", False),
    ]
    assert [row.split()[-2] for row in _drawn(board)] == ["2/2", "2/2"]
    assert board.heading == "tiny"


def _drawn(board: Board) -> list[str]:
    lines = to_terminal(board, width=200, colour=False).splitlines()
    return [line.strip("│ ").replace("│", "") for line in lines if line.startswith("│ 1")]


def test_few_clusters_call_for_caution() -> None:
    few = _board(make_run("a", [1.0, 2.0, 3.0, 5.0] * 2)).notes
    (caution,) = (note for note in few if note.startswith("Caution"))
    assert "may hold the truth less often" in caution  # simulated: some do hold it
    none = _board(make_run("a", [1.0, 2.0])).notes
    assert none[0].startswith("No intervals: 2 target x 2 interferer clusters")
    assert not any(note.startswith("Caution") for note in none)
    many = make_run("a", [float(k) for k in range(40)])
    assert not any(note.startswith("Caution") for note in _board(many).notes)
    assert any("40 target x 40 interferer clusters" in note for note in _board(many).notes)


def test_runs_of_one_name_are_told_apart() -> None:
    first = make_run("a", [1.0, 2.0])
    seed = {"separator": {"separator": "a", "weights": "checkpoint", "seed": 3}}
    other = make_run("a", [3.0, 5.0], plan=seed)
    assert [row.label for row in _board(first, other).rows] == [
        f"A [{other.id[-12:]}]",
        f"A [{first.id[-12:]}]",
    ]
    copy = make_run("a", [0.5, 0.5])  # the same plan, by another hand
    assert [row.label for row in _board(first, copy).rows] == [
        f"A [{first.id[-12:]}, copy 1]",
        f"A [{first.id[-12:]}, copy 2]",
    ]
    submitted = replace(other, provenance="submitted")  # the last column tells that
    assert [row.label for row in _board(first, submitted).rows] == ["A", "A"]


def test_changed_settings_make_a_named_variant() -> None:
    separator = {"separator": "a", "weights": "checkpoint", "settings": {"num_blocks": 10}}
    board = _board(make_run("a", [1.0, 2.0], plan={"separator": separator}))
    assert board.rows[0].label == "A (num_blocks=10)"


def test_a_re_implementation_carries_its_mark() -> None:
    board = _board(make_run("a", [1.0, 2.0], kind="re-implementation"))
    assert board.rows[0].label == "A (re-implementation)"


def test_another_way_to_feed_the_mouths_makes_a_named_variant() -> None:
    separator = {"separator": "a", "weights": "checkpoint", "mouth_input": "as-published"}
    board = _board(make_run("a", [1.0, 2.0], plan={"separator": separator}))
    assert board.rows[0].label == "A (mouths as-published)"


def test_what_must_be_said_of_a_system_is_said() -> None:
    run = make_run("a", [1.0, 1.0], system={"notes": ("inferred from three ratios",)})
    assert "A: inferred from three ratios." in _board(run).notes


def test_a_column_that_only_another_board_has_stays_empty() -> None:
    bare = make_run("b", [1.0, 2.0], plan={"dataset": "zoo", "metrics": {"si_snr": "1"}})
    scores = [{"si_snr": 1.0, "si_snr_i": 1.0}] * 2
    records = tuple(replace(r, scores=s) for r, s in zip(bare.records, scores, strict=True))
    boards = build_boards([make_run("a", [1.0, 2.0]), replace(bare, records=records)], ["pesq_wb"])
    cells = {board.dataset: board.rows[0].cells["pesq_wb"] for board in boards}
    assert cells["zoo"].mean is None
    assert cells["tiny"].scored == 2


def test_an_unknown_score_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="did you mean 'si_snr_i'"):
        build_boards([make_run("a", [1.0])], ["si_snri"])
