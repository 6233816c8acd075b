"""`avss-bench site` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.cli.app import app, run_verbs


def test_it_says_where_the_page_is(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    done = CliRunner().invoke(app, ["site", str(tmp_path / "runs"), "--out", str(tmp_path / "web")])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(str(tmp_path / "web" / "index.html"))
    assert (tmp_path / "web" / "index.html").is_file()


def test_what_is_left_out_is_named_and_makes_the_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "submissions" / "bad").mkdir(parents=True)
    (tmp_path / "submissions" / "bad" / "submission.json").write_text("[]")
    given = ["site", str(tmp_path / "submissions"), "--out", str(tmp_path / "web"), "--json"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert list(told["left_out"]) == [str(tmp_path / "submissions" / "bad")]
    assert told["runs"] == [] and told["figures"] > 400
    assert "left out" in done.stderr


def test_a_folder_of_somebody_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    monkeypatch.setattr("sys.argv", ["avss-bench", "site", "--out", str(tmp_path)])
    monkeypatch.chdir(tmp_path)
    assert run_verbs() == 2
    assert "not a site of avss-bench" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
