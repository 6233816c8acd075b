"""`avss-bench reproduce` from a folder of files to a table, as a user gives it."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from published_weights import LIPS, write_lips, write_separator

from bench.cli.reproduce_verb import reproduce
from bench.core.hashing import hash_file
from bench.errors import DataError, UsageError


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as it comes to be: two separators, one lip encoder, and what is neither."""
    folder = tmp_path_factory.mktemp("weights")
    repeats = {"audio_params": {"repeats": 4}}
    write_separator(folder / "lrs2" / "best_model.pth", "rtfsnet-4", **repeats)
    write_separator(folder / "vox2" / "IIANet" / "best_model.pth", "iianet")
    write_lips(folder / LIPS)
    (folder / "page.pth").write_text("<!DOCTYPE html><html>")
    (folder / "evil.ckpt").write_bytes(pickle.dumps({"state_dict": print}))
    (folder / "conf.yml").write_text("audionet: {}")
    return folder


def _reproduce(
    folder: Path, *arguments: str | Path, ok: int = 0
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", "reproduce", "--checkpoints", folder, *arguments]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == ok, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_the_plan_says_what_was_recognised_and_runs_nothing(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    data = ("--data", "talking-heads-2mix", "--data", f"lrs3-2mix={tmp_path / 'data'}")
    report = json.loads(
        _reproduce(weights, *data, "--plan", "--json", "--out", tmp_path / "out").stdout
    )
    files = {file["path"]: file for file in report["files"]}
    assert files.keys() == {
        *("lrs2/best_model.pth", "vox2/IIANet/best_model.pth", LIPS, "page.pth", "evil.ckpt"),
    }
    assert files[LIPS]["sha256"] == hash_file(weights / LIPS)
    assert "web page" in files["page.pth"]["reason"]
    assert "could run code" in files["evil.ckpt"]["reason"]
    (cell,) = report["cells"]
    assert (cell["system"], cell["dataset"]) == ("rtfsnet-4", "talking-heads-2mix")
    assert cell["files"] == {"checkpoint": "lrs2/best_model.pth", "lip_checkpoint": LIPS}
    reasons = {item["what"]: item["reason"] for item in report["not_run"]}
    assert reasons.keys() == {
        *("page.pth", "evil.ckpt", "vox2/IIANet/best_model.pth as iianet"),
        f"{tmp_path / 'data'} as lrs3-2mix",
    }
    assert "another system's" in reasons["vox2/IIANet/best_model.pth as iianet"]
    assert not (tmp_path / "out").exists()


def test_cells_run_are_kept_and_go_on(weights: Path, tmp_path: Path) -> None:
    quick = (
        "--data",
        "talking-heads-2mix",
        "--limit",
        "1",
        "--metrics",
        "si_snr",
        "--out",
        tmp_path,
    )
    done = _reproduce(weights, *quick)
    assert "nothing published" in done.stdout
    assert "not run:" in done.stdout
    (folder,) = tmp_path.iterdir()
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    report = json.loads(_reproduce(weights, *quick, "--json").stdout)
    (cell,) = report["cells"]
    assert cell["summary"]["ok"] == 2
    assert cell["comparisons"] == []
    assert cell["error"] == ""
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    identity = json.loads((folder / "run.json").read_text())["plan"]["separator"]
    assert identity["files"]["lip_checkpoint"] == hash_file(weights / LIPS)


@pytest.mark.parametrize(
    ("data", "told", "said"),
    [
        ("nowhere", [], "neither a folder nor a data set"),
        ("talking-heads-2mix", ["x=lrs2-2mix"], "FILE=SET or FILE=SYSTEM"),
        ("talking-heads-2mix", ["lrs2/best_model.pth=dolphin"], "are not those of dolphin"),
        ("talking-heads-2mix", ["lrs2/best_model.pth=lrs4"], "unknown set or system 'lrs4'"),
    ],
)
def test_wrong_use_is_told(weights: Path, data: str, told: list[str], said: str) -> None:
    with pytest.raises((UsageError, DataError), match=said):
        reproduce(weights, [data], told=told, metrics=["si_snr"])


def test_an_empty_folder_is_wrong_use(tmp_path: Path) -> None:
    done = _reproduce(tmp_path, "--data", "talking-heads-2mix", ok=2)
    assert "holds no weight file" in done.stderr
    assert done.stderr.count("\n") == 1
