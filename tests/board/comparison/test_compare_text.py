"""A comparison in print: every format, every width, and names that mean harm."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_runs import make_run

from bench.board.comparison.compare import RunComparison, compare_runs
from bench.board.comparison.figure import draw_comparison
from bench.board.comparison.text import to_json, to_latex, to_markdown, to_terminal
from bench.run.result import Run

SCORES = [float(x) for x in np.random.default_rng(0).normal(10.0, 2.0, 80)]
LONG = "6360322579951237696_00004_3.2867_6335305254315087182_00057_-3.2867"


def with_facts(run: Run) -> Run:
    records = [
        replace(r, mixture=f"{LONG}_{r.mixture}", conditions={"input_snr_db": float(k)})
        for k, r in enumerate(run.records)
    ]
    return replace(run, records=tuple(records))


@pytest.fixture(scope="module")
def comparison() -> RunComparison:
    better: list[float | None] = [x + 2.0 for x in SCORES]
    better[3] = None
    runs = make_run("alpha", SCORES), make_run("beta", better)
    return compare_runs(*map(with_facts, runs), draws=199)


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_the_terminal_is_never_too_narrow(comparison: RunComparison, width: int) -> None:
    lines = to_terminal(comparison, width=width).splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert "BETA is better than ALPHA: SI-SNRi differs by 2.00 (95 % interval" in text
    assert "worst case" in text
    assert "d_z" in text


def test_markdown_shows_the_figure_and_all_tables(comparison: RunComparison) -> None:
    text = to_markdown(comparison, figure="compare.svg")
    assert text.startswith("# ALPHA against BETA\n")
    assert "![ALPHA against BETA](compare.svg)" in text
    assert text.count("## ") == 3
    assert "| input\\_snr\\_db |" in text
    assert text.count(LONG.replace("_", "\\_")) == 10


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("pages", ["onecolumn", "twocolumn"])
def test_latex_compiles_and_stays_on_its_page(
    comparison: RunComparison, tmp_path: Path, pages: str
) -> None:
    document = (
        f"\\documentclass[{pages}]{{article}}\n\\usepackage{{booktabs}}\n\\begin{{document}}\n"
        f"{to_latex(comparison)}\\end{{document}}\n"
    )
    (tmp_path / "table.tex").write_text(document)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout


def test_latex_is_a_table_of_booktabs(comparison: RunComparison) -> None:
    text = to_latex(comparison)
    assert r"\begin{tabular}{lrrrrrrr}" in text
    assert r"95 \% intervals over test items, not over training seeds" in text
    assert all(line.count("&") == 7 for line in text.splitlines() if line.endswith(r"\\"))


def test_json_has_full_precision_and_null_for_what_is_not(comparison: RunComparison) -> None:
    content = json.loads(to_json(comparison))
    lead = content["scores"][0]
    assert lead["difference"]["mean"] == comparison.scores[0].difference.mean
    assert lead["worst_case"]["items"] == 80
    assert lead["better"] == 2
    assert lead["missing"] == {"first": 0, "second": 1, "both": 0}
    assert len(content["mixtures"]) == 10
    few = compare_runs(make_run("a", [1.0, 1.0]), make_run("b", [1.0, 1.0]), draws=199)
    assert json.loads(to_json(few))["scores"][0]["difference"]["low"] is None


def test_too_few_clusters_print_no_interval() -> None:
    few = compare_runs(make_run("a", [1.0, 2.0]), make_run("b", [1.0, 1.5]), draws=199)
    assert "nan" not in to_terminal(few, width=100) + to_markdown(few) + to_latex(few)


def test_names_of_strangers_do_no_harm() -> None:
    name = "x|<b>\x1b[31m & $x$ \\evil"
    hostile = make_run("h", SCORES, system={"name": name})
    found = compare_runs(hostile, make_run("a", SCORES), draws=199)
    assert "\x1b" not in to_terminal(found, width=100)
    assert "<b>" not in to_markdown(found)
    assert r"\evil" not in to_latex(found)
    assert draw_comparison(found, "svg").startswith(b"<svg")


def test_both_formats_of_the_figure_are_drawn(comparison: RunComparison) -> None:
    svg = draw_comparison(comparison, "svg")
    assert svg == draw_comparison(comparison, "svg")
    for text in (b"ALPHA", b"BETA", b"SI-SNRi of A (dB)", b"79 targets"):
        assert text in svg
    assert draw_comparison(comparison, "png")[:4] == b"\x89PNG"


def test_a_figure_of_many_targets_is_light() -> None:
    generator = np.random.default_rng(1)
    first = generator.normal(10, 3, 6000)
    second = first + generator.normal(0, 1, 6000)
    runs = make_run("a", first.tolist()), make_run("b", second.tolist())
    svg = draw_comparison(compare_runs(*runs, ["si_snr_i"], draws=99), "svg")
    assert len(svg) < 400_000


def test_equal_runs_can_be_drawn() -> None:
    same = compare_runs(make_run("a", [2.0] * 8), make_run("b", [2.0] * 8), draws=99)
    assert draw_comparison(same, "svg").startswith(b"<svg")
