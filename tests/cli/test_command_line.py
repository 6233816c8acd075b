"""The command as a person types it: what it prints, what it refuses, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.cli import main

QUICK = ("--dataset", "talking-heads-2mix", "--limit", "2", "--metrics", "si_snr")


def bench(*arguments: str | Path, **settings: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **settings)  # type: ignore[call-overload]


class Refused:
    """Runs what must be refused in this process, and returns the one sentence it gets."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capture = patch, capture

    def __call__(self, *arguments: str | Path) -> str:
        self._patch.setattr(sys, "argv", ["avss-bench", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self._capture.readouterr().err
        assert ended.value.code == 2
        assert len(said.strip().splitlines()) == 1
        return said


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    return Refused(monkeypatch, capsys)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two quick runs."""
    out = tmp_path_factory.mktemp("results")
    done = bench("run", "mixture", "ideal-ratio-mask", *QUICK, "--out", out, "--save-estimates")
    assert done.returncode == 0, done.stderr
    assert "Ideal ratio mask: SI-SNRi" in done.stdout
    assert "Mixture: SI-SNRi 0.00 dB" in done.stdout
    return out


@pytest.mark.parametrize("verb", ["list", "run", "score", "table"])
def test_every_verb_has_help_with_an_example(verb: str) -> None:
    done = bench(verb, "--help")
    assert done.returncode == 0
    assert "Example: avss-bench" in done.stdout


def test_list_shows_what_there_is() -> None:
    done = bench("list")
    assert done.returncode == 0
    for name in ("ctcnet", "ideal-binary-mask", "talking-heads-2mix", "sdr_bsseval512"):
        assert name in done.stdout


@pytest.mark.parametrize("what", [(), ("ctcnet",), ("talking-heads-2mix",), ("--verbose",)])
def test_list_fits_a_narrow_terminal(what: tuple[str, ...]) -> None:
    done = bench("list", *what, env={**os.environ, "COLUMNS": "80"})
    longest = max((line for line in done.stdout.splitlines() if "://" not in line), key=len)
    assert len(longest) <= 80, longest


def test_list_writes_counts_as_whole_numbers() -> None:
    assert "    mixtures: 100\n" in bench("list", "talking-heads-2mix").stdout


def test_list_tells_all_about_one_for_machines() -> None:
    card = json.loads(bench("list", "ctcnet", "--json").stdout)
    assert card["paper"]["year"] == 2024
    assert {file["role"] for file in card["files"]} == {"checkpoint", "lip_checkpoint"}


def test_run_gives_json_for_machines(tmp_path: Path) -> None:
    done = bench("run", "mixture", *QUICK, "--out", tmp_path, "--json")
    (run,) = json.loads(done.stdout)
    assert run["summary"]["expected"] == 4
    assert (Path(run["folder"]) / "run.json").exists()


def test_table_marks_quick_looks_and_ranks_none(results: Path) -> None:
    done = bench("table", results, "--json")
    rows = json.loads(done.stdout)["boards"][0]["rows"]
    assert {row["rank"] for row in rows} == {None}
    assert {row["not_ranked"] for row in rows} == {"a quick look at 2 mixtures"}


@pytest.mark.parametrize(
    ("format", "mark"), [("md", "|--"), ("csv", "dataset,rank"), ("latex", r"\toprule")]
)
def test_table_writes_files(results: Path, tmp_path: Path, format: str, mark: str) -> None:
    done = bench("table", results, "--format", format, "--out", tmp_path / "board")
    assert done.returncode == 0
    assert mark in (tmp_path / "board").read_text()


def test_table_names_the_worst_with_their_wavs(results: Path) -> None:
    items = json.loads(bench("table", results, "--worst", "1", "--json").stdout)
    assert len(items) == 2
    assert all(Path(item["estimate"]).exists() for item in items)


def test_a_reader_that_stops_early_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m bench list -v | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "ctcnt"), "unknown separator 'ctcnt': did you mean 'ctcnet'?"),
        (("run", "mixture", "--dataset", "talking-head"), "did you mean 'talking-heads-2mix'?"),
        (("run", "mixture", "--metrics", "sisnr"), "did you mean 'si_snr'?"),
        (("run", "mixture", "--limit", "0"), "at least 1 mixture"),
        (("run", "mixture", "--set", "a"), "NAME=VALUE is expected"),
        (("run", "ctcnet"), "was given no weights"),
        (("run", "ctcnet", "--checkpoint", "absent.pth"), "also needs lip_checkpoint"),
        (("run", "mixture", "--mouths", "sideways"), "mouth mode 'sideways' is unknown"),
        (("run", "mixture", "ctcnet", "--checkpoint", "x"), "run them one by one"),
        (("table", "absent"), "there is no folder absent"),
        (("table", "--format", "html5", "."), "unknown format 'html5'"),
        (("list", "ctcnett"), "did you mean 'ctcnet'?"),
        (("score", "--estimates", "absent", "--references", "absent"), "there is no folder absent"),
    ],
)
def test_wrong_use_is_one_sentence(
    arguments: tuple[str, ...],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sentence in refused(*arguments)


def test_the_folder_of_another_run_is_refused(results: Path, refused: Refused) -> None:
    folder = next(path.parent for path in results.rglob("plan.json"))
    assert "is itself the folder of a run" in refused("run", "mixture", *QUICK, "--out", folder)


def _write(folder: Path, name: str, samples: np.ndarray, rate: int = 16000) -> None:
    folder.mkdir(exist_ok=True)
    soundfile.write(folder / name, samples, rate)


def test_score_counts_a_bad_file_and_ends_with_1(tmp_path: Path) -> None:
    voice = 0.1 * np.random.default_rng(0).standard_normal(16000)
    for name in ("a.wav", "b.wav"):
        _write(tmp_path / "references", name, voice)
    _write(tmp_path / "estimates", "a.wav", 0.9 * voice)
    (tmp_path / "estimates" / "b.wav").write_text("not audio at all")
    folders = ("--estimates", tmp_path / "estimates", "--references", tmp_path / "references")
    done = bench("score", *folders, "--metrics", "si_snr", "--json")
    items = {item["id"]: item for item in json.loads(done.stdout)["items"]}
    assert done.returncode == 1
    assert items["a.wav"]["status"] == "ok"
    assert items["b.wav"]["status"] == "failed"
    assert "Traceback" not in bench("score", *folders, "--metrics", "si_snr").stderr


def test_score_prints_a_table(tmp_path: Path) -> None:
    voice = 0.1 * np.random.default_rng(0).standard_normal(16000)
    for folder in ("estimates", "references", "mixtures"):
        _write(tmp_path / folder, "a.wav", voice if folder != "mixtures" else voice[::-1] + voice)
    folders = [o for f in ("estimates", "references", "mixtures") for o in (f"--{f}", tmp_path / f)]
    done = bench("score", *folders, "--metrics", "snr")
    assert done.returncode == 0
    assert "SNRi" in done.stdout
    assert "1 references: 1 ok" in done.stdout
    mean, scored = (
        line.split() for line in done.stdout.splitlines() if "mean" in line or "scored" in line
    )
    assert (mean[1], scored[1], scored[3]) == ("mean", "scored", "1")


def test_a_table_of_scores_fits_a_narrow_terminal(tmp_path: Path) -> None:
    voice = 0.1 * np.random.default_rng(0).standard_normal(16000)
    for folder in ("estimates", "references", "mixtures"):
        name = "a_mixture_with_a_name_that_is_rather_long.wav"
        _write(tmp_path / folder, name, voice if folder != "mixtures" else voice[::-1] + voice)
    folders = [o for f in ("estimates", "references", "mixtures") for o in (f"--{f}", tmp_path / f)]
    done = bench("score", *folders, env={**os.environ, "COLUMNS": "72"})
    assert max(map(len, done.stdout.splitlines())) <= 72


def test_ctrl_c_says_that_nothing_is_lost(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "run", "mixture", "--out", str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    growing: list[Path] = []
    while not growing and process.poll() is None:
        time.sleep(0.05)
        growing = list(tmp_path.rglob("records.jsonl"))
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on" in said
    assert "Traceback" not in said
