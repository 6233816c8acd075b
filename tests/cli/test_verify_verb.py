"""`avss-bench verify` on a submission that was written by the same command line's run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.board.submissions.card import author_card
from bench.board.submissions.reading import VERIFICATION, read_submission
from bench.board.submissions.writing import draft_submission, write_submission
from bench.run.result import Run

OWN = "examples/own_module.py:build"
REPOSITORY = Path(__file__).resolve().parents[2]
SAID = {
    "system": "Brighter mouth",
    "authors": ["A. Nobody"],
    "modality": "audio-visual",
    "causal": False,
    "licence": "CC0-1.0",
    "training_data": "none",
    "visual_pretraining": "none",
    "checkpoint_choice": "none",
    "training_seeds": 1,
}


def _bench(*arguments: str | Path, ok: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == ok, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def submission(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quick look at a module of somebody's own, handed in."""
    folder = tmp_path_factory.mktemp("submission")
    quick = ("--limit", "4", "--metrics", "si_snr", "--json")
    done = _bench("run", "--separator", OWN, "--name", "BM", "--out", folder / "runs", *quick)
    run = Run.load(Path(json.loads(done.stdout)[0]["folder"]))
    draft = draft_submission([run], author_card(SAID), flags=["quick-look"])
    write_submission(draft, folder / "mine")
    return folder / "mine"


def test_it_is_run_again_and_marked(submission: Path) -> None:
    done = _bench("verify", submission, "--separator", OWN, "--salt", "4711", "--no-mark")
    assert "with salt '4711'" in done.stdout
    assert not (submission / VERIFICATION).exists()
    report = json.loads(_bench("verify", submission, "--separator", OWN, "--json").stdout)
    assert report["verified"]
    assert len(report["mixtures"]) == 4
    assert read_submission(submission).to_run().provenance == "verified"


def test_nothing_that_a_submission_names_is_loaded(submission: Path) -> None:
    done = _bench("verify", submission, ok=2)
    assert "bring it with --separator" in done.stderr


def test_other_systems_and_absent_folders_are_refused(submission: Path, tmp_path: Path) -> None:
    done = _bench("verify", submission, "--separator", "mixture", ok=2)
    assert "of the kind 'own', but one of the kind 'baseline'" in done.stderr
    done = _bench("verify", tmp_path / "none", ok=2)
    assert "there is no folder" in done.stderr
