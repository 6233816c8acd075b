"""Every format holds the same board, and no name can break one."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_profiles import make_profile
from made_runs import make_run

from bench.board.formats import (
    csv_escape,
    html_escape,
    latex_escape,
    markdown_escape,
    plain_text,
    score_text,
    score_title,
    to_csv,
    to_html,
    to_json,
    to_latex,
    to_markdown,
    to_terminal,
)
from bench.board.runs.arrange import against
from bench.board.runs.cost_notes import with_cost_notes
from bench.board.runs.leaderboard import Board, build_boards
from bench.run.result import Run

NASTY = r"a|b_\c{d}$e^f~g<script>&%#*"
GRAVE = "[3cm]\x1b[2Jé≥“日\u202e--x"


def _runs(second: str) -> list[Run]:
    scores = {"a": [1.0, 3.0], second: [5.0, 6.0], "c": [0.0, None]}
    return [make_run(name, values * 6) for name, values in scores.items()]


def _board(second: str = "b") -> Board:
    (board,) = build_boards(_runs(second))
    return board


def _compared(second: str = "b") -> Board:
    """Return a board with costs of two of its three systems, compared with one of them."""
    runs = _runs(second)
    profiles = [make_profile("a", 10.0, run_s=0.5), make_profile(second, 20.0)]
    (board,) = against(build_boards(runs, profiles=profiles), "a", profiles)
    return with_cost_notes(board, Path("here"))


def test_scores_have_pretty_names_in_tables_only() -> None:
    assert score_title("si_snr_i") == "SI-SNRi"
    assert score_title("pesq_wb") == "PESQ-WB"
    assert (score_text(1.234567, "si_snr"), score_text(0.98765, "stoi")) == ("1.23", "0.988")
    assert score_text(None, "si_snr") == "-"


def test_the_terminal_shows_intervals_where_there_is_room() -> None:
    wide = to_terminal(_board(), width=200, colour=False)
    narrow = to_terminal(_board(), width=58, colour=False)
    assert "5.50" in wide
    assert re.search(r"\[\d\.\d\d, \d\.\d\d\]", wide)
    assert not re.search(r"\[\d\.\d\d", narrow)
    assert "Intervals are left out here (they need" in narrow


@pytest.mark.parametrize("width", [40, 58, 80, 120])
def test_nothing_but_commands_is_wider_than_the_terminal(width: int) -> None:
    long = "a system of a name that nobody would put into a column of a table"
    lines = to_terminal(_compared(long), width=width, colour=False).splitlines()
    assert max(len(line) for line in lines if "avss-bench profile" not in line) <= width


def test_the_terminal_is_coloured_only_when_asked() -> None:
    assert "\x1b[1m5.50\x1b[0m" in to_terminal(_board(), width=200, colour=True)
    assert "\x1b" not in to_terminal(_board(), width=200, colour=False)


def test_colour_does_not_move_the_columns() -> None:
    plain = to_terminal(_board(), width=200, colour=False)
    coloured = to_terminal(_board(), width=200, colour=True)
    for code in ("\x1b[1m", "\x1b[4m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == plain


def test_a_name_cannot_command_the_terminal() -> None:
    text = to_terminal(_board(GRAVE), width=120, colour=False)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[3CM]�[2J" in text


def test_markdown_marks_the_best_and_counts_what_was_scored() -> None:
    text = to_markdown(_board())
    assert "**5.50**" in text
    assert "<u>2.00</u>" in text
    assert "6/12" in text


def test_markdown_cannot_be_broken_by_a_name() -> None:
    lines = to_markdown(_board(NASTY)).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in rows[:5]}) == 1
    assert "<script>" not in "".join(lines).lower()


def test_csv_holds_full_precision() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv([_board()]))))
    assert [row["system"] for row in rows] == ["B", "A", "C"]
    assert float(rows[0]["si_snr_i_mean"]) == 5.5
    assert rows[0]["provenance"] == "reproduced"
    assert int(rows[0]["rank_low"]) <= int(rows[0]["rank_high"])
    assert rows[2]["rank"] == rows[2]["rank_low"] == ""
    assert "only 6 of 12" in rows[2]["not_ranked"]


def test_json_holds_the_same() -> None:
    content = json.loads(to_json([_board()]))
    rows = content["boards"][0]["rows"]
    assert rows[0]["scores"]["si_snr_i"]["mean"] == 5.5
    assert rows[2]["scores"]["si_snr_i"]["scored"] == 6
    assert rows[0]["provenance"] == "reproduced"
    assert rows[2]["rank_low"] is None


def test_differences_and_ratios_are_in_all_formats() -> None:
    board = _compared()
    terminal = to_terminal(board, width=200, colour=False)
    for text in (terminal, to_markdown(board), to_html([board])):
        assert "+3.50" in text
        assert "-2.00" in text.replace("\N{MINUS SIGN}", "-")
        assert "×2.00" in text
    latex = to_latex(board)
    assert r"{\tiny +3.50}" in latex
    assert r"{\tiny $-$2.00}" in latex
    assert r"{\tiny $\times$2.00}" in latex
    rows = {row["system"]: row for row in json.loads(to_json([board]))["boards"][0]["rows"]}
    assert rows["B"]["scores"]["si_snr_i"]["difference"] == 3.5
    assert rows["B"]["costs"]["macs_per_second_ratio"] == 2.0
    (device,) = rows["B"]["costs"]["devices"].values()
    assert device["latency_s_ratio"] == 2.0
    flat = {row["system"]: row for row in csv.DictReader(io.StringIO(to_csv([board])))}
    assert flat["B"]["si_snr_i_difference"] == "3.5"
    assert flat["B"]["parameters_ratio"] == "2.0"
    assert flat["B"]["latency_s_ratio@tester-9_2-cores_torch-2.9.0"] == "2.0"


def test_costs_are_a_table_of_their_own_with_empty_labelled_cells() -> None:
    board = _compared()
    text = to_terminal(board, width=200, colour=False)
    costs = text[text.index("tiny: costs") :]
    rows = {line.split()[1]: line for line in costs.splitlines() if line.startswith("│")}
    assert "CPU ms" in rows["system"]
    assert "GPU ms" in rows["system"]
    assert "20.00" in rows["B"]
    assert rows["C"].replace("│", "").split() == ["C"]
    assert "profile c --against ctcnet --seconds 1 --threads 1 --out here" in costs
    assert "--device cuda" in costs
    assert "not measured" in to_html([board])


def test_what_is_no_network_has_no_costs() -> None:
    runs = [make_run("a", [1.0], kind="baseline"), make_run("o", [2.0], kind="oracle")]
    (board,) = build_boards(runs)
    board = with_cost_notes(board, Path("here"))
    assert "costs" not in to_terminal(board, width=200, colour=False)
    assert "costs" not in to_html([board])
    assert json.loads(to_json([board]))["boards"][0]["rows"][0]["costs"] is None


def test_costs_that_nobody_knows_are_no_table_but_a_command() -> None:
    board = with_cost_notes(_board(), Path("here"))
    for text in (
        to_terminal(board, width=200, colour=False),
        to_markdown(board),
        to_html([board]),
        to_latex(board),
    ):
        assert "tiny: costs" not in text
        assert "not measured yet; avss-bench profile b" in text
    assert board.cost_notes == ()


def test_latex_has_notes_below_a_table_and_behind_one_that_fills_its_page() -> None:
    board = _board()
    text = to_latex(board)
    assert r"\caption{tiny.}" in text
    assert text.index(r"\end{tabular}") < text.index("Ranks are") < text.index(r"\end{table*}")
    text = to_latex(replace(board, notes=(*board.notes, "x" * 9000)))
    assert text.index(r"\end{table*}") < text.index("Ranks are")
    text = to_latex(replace(board, rows=board.rows * 20))
    assert text.count(r"\begin{table*}") == text.count(r"\midrule") == 3
    assert text.count("Continued") == 2


def test_latex_is_a_booktabs_table() -> None:
    text = to_latex(_board())
    assert r"\textbf{5.50}" in text
    assert re.search(r"\{\\tiny \{\}\[\d\.\d\d, \d\.\d\d\]\}", text)
    assert r"\underline{2.00}" in text
    assert text.count("{") == text.count("}")


def test_latex_ranges_have_dashes() -> None:
    (board,) = build_boards([make_run("a", [1.0, 2.0] * 6), make_run("b", [1.0, 2.0] * 6)])
    assert "1--2 & A &" in to_latex(board)


def test_latex_cannot_be_broken_by_a_name() -> None:
    text = to_latex(_board(NASTY))
    assert r"A\textbar{}B\_\textbackslash{}C\{D\}\$E\textasciicircum{}F\textasciitilde{}G" in text


@pytest.mark.parametrize(
    ("given", "latex"),
    [
        ("--set x", "-{}-set x"),
        ("[1cm]", "{}[1cm]"),
        ("*", "{}*"),
        ("é ł ≥ 日", r"\'{e} \l{} $\geq$ ?"),
        ("aᵇ²", r"a\textsuperscript{b2}"),
        ("x¹⁰ y¹ ²", r"x\textsuperscript{10} y\textsuperscript{1} \textsuperscript{2}"),
        ("a\nb\x00", "a b?"),
    ],
)
def test_latex_prints_what_it_can(given: str, latex: str) -> None:
    assert latex_escape(given) == latex


def test_every_escape_leaves_one_line_of_printable_signs() -> None:
    for escape in (plain_text, markdown_escape, html_escape, csv_escape, latex_escape):
        assert escape(GRAVE + "\nb\tc").isprintable()
        assert escape("CTCNet 2.0") == "CTCNet 2.0"
    assert html_escape('"<a>') == "&quot;&lt;a&gt;"
    assert [csv_escape(text) for text in ("=1+1", "@x", "x=1")] == ["'=1+1", "'@x", "x=1"]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("pages", ["onecolumn", "twocolumn"])
@pytest.mark.parametrize("name", ["b", NASTY, GRAVE])
def test_latex_compiles_as_it_is(tmp_path: Path, name: str, pages: str) -> None:
    board = _compared(name)
    board = replace(board, distinction=name, notes=(*board.notes, name), hints=(name,))
    long = replace(board, notes=board.notes * 30)
    large = replace(board, rows=board.rows * 25)
    document = (
        f"\\documentclass[{pages}]{{article}}\n\\usepackage{{booktabs}}\n\\begin{{document}}\n"
        f"{to_latex(board)}{to_latex(long)}{to_latex(large)}\\end{{document}}\n"
    )
    (tmp_path / "table.tex").write_text(document)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Float too large" not in done.stdout
    assert name != "b" or "Overfull" not in done.stdout


class _Reader(HTMLParser):
    """Collects tags, and checks that each one is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", ["b", NASTY, '"><img src=x onerror=alert(1)>'])
def test_html_is_one_page_without_scripts_that_says_what_its_tables_are(name: str) -> None:
    reader = _Reader()
    reader.feed(to_html([_compared(name)]))
    assert reader.open == []
    tags = [tag for tag, _ in reader.seen]
    assert not {"script", "img", "link", "iframe"} & set(tags)
    assert tags.count("caption") == tags.count("table") == 2
    assert {attributes["scope"] for tag, attributes in reader.seen if tag == "th"} == {"col", "row"}


def test_html_without_a_board_says_so() -> None:
    assert "There is no board." in to_html([])
