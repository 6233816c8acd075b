"""A table is drawn in the richest form that fits."""

from __future__ import annotations

import pytest

from bench.board.formats.drawing import draw_table, drawn_width

TITLES = ["system", "SI-SNRi", "SDRi", "PESQ-WB", "reason"]
WORDS = [True, False, False, False, True]
ROWS = [
    ["a", "1.00", "2.00", "3.00", "short"],
    ["another one", "11.00", "-2.00", "3.10", "a reason of many words that needs some room"],
]


@pytest.mark.parametrize("width", range(30, 120, 3))
def test_it_is_never_wider_than_it_may_be(width: int) -> None:
    drawn = draw_table(TITLES, ROWS, width=width, words=WORDS)
    assert drawn_width(drawn) <= width
    for word in ("many", "words", "needs", "room", "11.00", "-2.00", "3.10"):
        assert word in drawn
    assert drawn.count("11.00") == 1


def test_boxes_go_before_columns_are_parted() -> None:
    wide, middle, narrow = (
        draw_table(TITLES, ROWS, width=width, words=WORDS) for width in (120, 70, 30)
    )
    assert "╭" in wide
    assert "a reason of many words that needs some room" in wide
    assert "╭" in middle
    assert "a reason of many words that needs some room" not in middle
    assert narrow.count("another one") > 1


def test_a_cell_of_several_lines_gets_rules_between_rows() -> None:
    drawn = draw_table(["a", "b"], [["x", "1\n[0, 2]"], ["y", "2"]], width=80, words=[True, False])
    assert "├" in drawn.splitlines()[-3]


def test_colours_take_no_room() -> None:
    assert drawn_width("\x1b[1mabc\x1b[0m\nab") == 3
    assert drawn_width("") == 0


def test_words_that_have_no_blanks_are_broken_rather_than_too_wide() -> None:
    drawn = draw_table(["path"], [["x" * 100]], width=40, words=[True])
    assert drawn_width(drawn) <= 40
    assert drawn.count("x") == 100
