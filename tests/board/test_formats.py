"""A board reads the same in every format, and no name can break one."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from runs import make_run

from bench.board.formats import (
    score_text,
    score_title,
    to_csv,
    to_json,
    to_latex,
    to_markdown,
    to_terminal,
)
from bench.board.leaderboard import Board, build_boards

NASTY = r"a|b_\c{d}$e^f~g<script>&%#*"


def _board(second: str = "b") -> Board:
    runs = [make_run("a", [1.0, 3.0]), make_run(second, [5.0, 6.0]), make_run("c", [0.0, None])]
    (board,) = build_boards(runs)
    return board


def test_scores_have_pretty_names_in_tables_only() -> None:
    assert score_title("si_snr_i") == "SI-SNRi"
    assert score_title("pesq_wb") == "PESQ-WB"
    assert (score_text(1.234567, "si_snr"), score_text(0.98765, "stoi")) == ("1.23", "0.988")
    assert score_text(None, "si_snr") == "-"


def test_the_terminal_shows_intervals_where_there_is_room() -> None:
    wide = to_terminal(_board(), width=200, colour=False)
    narrow = to_terminal(_board(), width=58, colour=False)
    assert "5.50" in wide
    assert "[" in wide
    assert "[" not in narrow
    assert max(map(len, narrow.splitlines())) <= 58


def test_the_terminal_is_coloured_only_when_asked() -> None:
    assert "\x1b[1m5.50\x1b[0m" in to_terminal(_board(), width=200, colour=True)
    assert "\x1b" not in to_terminal(_board(), width=200, colour=False)


def test_colour_does_not_move_the_columns() -> None:
    plain = to_terminal(_board(), width=200, colour=False)
    coloured = to_terminal(_board(), width=200, colour=True)
    for code in ("\x1b[1m", "\x1b[4m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == plain


def test_markdown_marks_the_best_and_counts_what_was_scored() -> None:
    text = to_markdown(_board())
    assert "**5.50**" in text
    assert "<u>2.00</u>" in text
    assert "1/2" in text


def test_markdown_cannot_be_broken_by_a_name() -> None:
    lines = to_markdown(_board(NASTY)).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {6}
    assert "<script>" not in "".join(lines).lower()


def test_csv_holds_full_precision() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv([_board()]))))
    assert [row["system"] for row in rows] == ["B", "A", "C"]
    assert float(rows[0]["si_snr_i_mean"]) == 5.5
    assert rows[2]["rank"] == ""
    assert "only 1 of 2" in rows[2]["not_ranked"]


def test_json_holds_the_same() -> None:
    content = json.loads(to_json([_board()]))
    rows = content["boards"][0]["rows"]
    assert rows[0]["scores"]["si_snr_i"]["mean"] == 5.5
    assert rows[2]["scores"]["si_snr_i"]["scored"] == 1


def test_latex_is_a_booktabs_table() -> None:
    text = to_latex(_board())
    assert r"\textbf{5.50} {\scriptsize{}[" in text
    assert r"\underline{2.00}" in text
    assert text.count("{") == text.count("}")


def test_latex_cannot_be_broken_by_a_name() -> None:
    text = to_latex(_board(NASTY))
    assert r"A|B\_\textbackslash{}C\{D\}\$E\textasciicircum{}F\textasciitilde{}G" in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles_as_it_is(tmp_path: Path) -> None:
    document = (
        "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n"
        f"{to_latex(_board(NASTY))}\\end{{document}}\n"
    )
    (tmp_path / "table.tex").write_text(document)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
