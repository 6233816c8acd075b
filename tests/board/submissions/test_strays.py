"""What lies in or beside submissions, and would count as something else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from submitted import make_run, submission
from typer.testing import CliRunner

from bench.board.runs.collect import collect_runs
from bench.cli.app import app, run_verbs

SCHEMA = Path(__file__).parents[3] / "submissions" / "submission.schema.json"
FORGED = {"separator": {"separator": "forged", "tensors": "b" * 64}}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of submissions with one in it."""
    folder = tmp_path / "submissions"
    submission(folder / "mine")
    shutil.copy(SCHEMA, folder)
    (folder / "README.md").write_text("How to hand in.\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("where", [".", "deep/er", "mine/data/0123456789ab"])
def test_a_run_among_submissions_was_not_measured_here(place: Path, where: str) -> None:
    make_run(seed=5, gain_db=20, plan=FORGED).save(place / where)
    found = collect_runs(place)
    assert all(run.provenance == "submitted" for run in found.runs)
    assert any("a run among submissions" in entry.reason for entry in found.unreadable)


def test_files_beside_submissions_do_not_come_in(place: Path) -> None:
    words = ["validate", str(place), "--incoming", "--against", str(place)]
    assert CliRunner().invoke(app, words).exit_code == 0
    make_run(seed=5, gain_db=20, plan=FORGED).save(place)
    (place / "a\n::warning::b").write_text("x", encoding="utf-8")
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "error: run.json: lies beside submissions" in done.stdout
    assert "error: a<U+000A>::warning::b: lies beside" in done.stdout
    assert "mine: valid" in done.stdout


@pytest.mark.parametrize("name", ["a\n::warning::b\x1b[2J", "\udcff\udcfe", "x\u202ey"])
@pytest.mark.parametrize("verb", ["table", "site", "merge", "submit", "verify"])
def test_no_verb_prints_the_raw_name_of_a_folder(
    place: Path,
    name: str,
    verb: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = place / name
    (place / "mine").rename(folder)
    (folder / "x").write_text("x", encoding="utf-8")
    out = [] if verb in ("table", "verify") else ["--out", str(place.parent / "out")]
    monkeypatch.setattr("sys.argv", ["avss-bench", verb, str(folder), *out])
    assert run_verbs() in (1, 2)
    said = capfd.readouterr().err
    assert said.startswith("avss-bench: ")
    assert all(line.isprintable() for line in said.splitlines())
    assert len(said.splitlines()) == 1
