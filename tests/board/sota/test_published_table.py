"""`avss-bench table --published`, from folders of runs to text and exit codes."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from made_runs import make_run

from bench.cli import main
from bench.cli.published_table import published_table
from bench.datasets import load_card


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder with one complete run of CTCNet on the list of LRS2-2Mix."""
    plan = {"dataset": "lrs2-2mix", "list_sha256": load_card("lrs2-2mix").mixture_list.sha256}
    run = make_run("ctcnet", [14.0, 14.5], plan=plan, system={"name": "CTCNet"})
    folder = tmp_path / run.id
    folder.mkdir()
    run.save(folder)
    return tmp_path


def call(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["avss-bench", "table", "--published", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_runs_stand_beside_print_with_their_difference(results: Path) -> None:
    text = published_table(
        [results],
        strict=True,
        format="terminal",
        list_id="lrs2-2mix",
        against="ctcnet",
        sort=None,
        width=160,
        colour=False,
    )
    (own,) = [k for k, line in enumerate(text.splitlines()) if "14.25" in line]
    assert text.splitlines()[own].rstrip(" │").endswith("R")
    assert "[-0.1]" in text.splitlines()[own + 1]  # print has one digit: 14.3
    assert "R = reproduced: measured here" in text
    assert "measured less published" in text


@pytest.mark.parametrize("format", ["terminal", "md", "json"])
def test_runs_on_other_lists_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    run = make_run("ctcnet", [14.0, 14.5])
    (tmp_path / run.id).mkdir()
    run.save(tmp_path / run.id)
    text = published_table(
        [tmp_path],
        strict=True,
        format=format,
        list_id="voxmix",
        against=None,
        sort=None,
        width=80,
        colour=False,
    )
    last = text if format == "terminal" else capsys.readouterr().err
    assert "Nobody printed figures on tiny: " in last.splitlines()[-1]


def test_the_verb_prints_every_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], results: Path
) -> None:
    assert call(str(results), "--format", "json", monkeypatch=monkeypatch) == 0
    tables = json.loads(capsys.readouterr().out)["tables"]
    assert {"lrs2-2mix", "voxmix", "lrs3-caffnet"} <= {table["list_id"] for table in tables}
    rows = [row for row in tables[0]["rows"] if row["system"] == "CTCNet"]
    assert {row["provenance"] for row in rows} == {"published", "reproduced"}
    assert {row["rank"] for row in rows} == {10}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--dataset", "lrs2-2mx"), "did you mean 'lrs2-2mix'"),
        (("--against", "ctcnt"), "did you mean 'CTCNet'"),
        (("--sort", "pesk"), "did you mean 'PESQ'"),
        (("--format", "latx"), "did you mean 'latex'"),
        (("nowhere",), "nowhere"),
    ],
)
def test_wrong_use_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    assert call(*arguments, monkeypatch=monkeypatch) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert "Traceback" not in captured.err


def test_a_submission_keeps_its_provenance() -> None:
    from bench.board.published import load_published
    from bench.board.sota import build_sota

    plan = {"dataset": "lrs2-2mix", "list_sha256": load_card("lrs2-2mix").mixture_list.sha256}
    runs = [
        replace(make_run(name, [20.0, 20.0], plan=plan), provenance=provenance)
        for name, provenance in (("a", "submitted"), ("b", "verified"))
    ]
    table = build_sota(load_published(), runs)[0]
    assert [(row.provenance, row.rank) for row in table.rows[:2]] == [
        ("submitted", "1"), ("verified", "1"),
    ]  # fmt: skip
    assert next(row for row in table.rows if row.system == "Dolphin").rank == "3"
