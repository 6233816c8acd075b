"""The four doors for a system of one's own, tried with the documentation's examples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import bench
from bench.cli import main
from bench.errors import DataError, UsageError
from bench.run.files.saved import SavedEstimates
from bench.separators.own import build_from_file, load_exported

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
QUICK = ("--limit", "2", "--metrics", "si_snr", "--json")


def _run(folder: Path, *arguments: str | Path, path: str = "", ok: int = 0) -> list[dict]:
    """Run a command as a new user would, away from the repository, and return what it printed."""
    command = [sys.executable, "-m", "bench", "run", *map(str, arguments), *QUICK]
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == ok, done.stderr
    results: list[dict] = json.loads(done.stdout)
    return results


def test_a_python_file(tmp_path: Path) -> None:
    spec = f"{EXAMPLES / 'own_module.py'}:build"
    (run,) = _run(tmp_path, "--separator", spec, "--name", "Mine", "--out", "o", "--workers", "2")
    assert run["run"].startswith("Mine_talking-heads-2mix_")
    assert run["summary"]["ok"] == 4


@pytest.mark.slow
def test_an_exported_program(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLES / "own_program.py"], cwd=tmp_path, check=True)
    program = ("--separator", "own_program.pt2", "--card", "own_program.toml")
    (run,) = _run(tmp_path, *program, "--out", "one")
    (same,) = _run(tmp_path, *program, "--out", "two", "--workers", "2")
    assert run["summary"]["ok"] == 4
    assert run["summary"] == same["summary"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the example plug-in is installed, as pip does it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*command, folder, EXAMPLES / "plugin"], check=True)
    return folder


@pytest.mark.slow
def test_a_plug_in_separator(tmp_path: Path, site: Path) -> None:
    arguments = ("my-separator", "--random-weights", "--set", "channels=4", "--out", "o")
    (run,) = _run(tmp_path, *arguments, path=str(site))
    assert run["run"].startswith("my-separator_")
    assert run["summary"]["ok"] == 4


@pytest.mark.slow
def test_a_plug_in_data_set_and_metric(tmp_path: Path, site: Path) -> None:
    own = ("--dataset", "my-set", "--metrics", "my_metric", "--workers", "2")
    (run,) = _run(tmp_path, "ideal-ratio-mask", *own, "--out", "o", path=str(site))
    assert run["summary"]["aggregates"]["my_metric"]["scored"] == 4
    assert 0.5 < run["summary"]["aggregates"]["my_metric"]["mean"] <= 1.0


@pytest.mark.slow
def test_a_plug_in_recogniser(tmp_path: Path, site: Path) -> None:
    arguments = (
        "mixture",
        "--out",
        "o",
        "--save-estimates",
        "--dataset",
        "talking-heads-2mix-full",
    )
    (run,) = _run(tmp_path, *arguments, path=str(site))
    command = [sys.executable, "-m", "bench", "transcribe", run["folder"], "--json"]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [*command, "--engine", "my-recogniser"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "my-recogniser" in done.stdout


@pytest.mark.slow
def test_plug_ins_are_listed_beside_ours(site: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "bench", "list", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    known = json.loads(done.stdout)
    assert "my-separator" in known["separators"]
    assert "my-set" in known["data sets"]
    assert "my_metric" in known["metrics"]


def test_a_folder_of_estimates(tmp_path: Path) -> None:
    """References, rewritten as estimates with a little noise, score high and as a full run."""
    dataset = bench.load_dataset("talking-heads-2mix").subset(2)
    for mixture in dataset:
        for speaker, reference in enumerate(mixture.references, 1):
            path = tmp_path / "mine" / f"{mixture.id}_speaker{speaker}.wav"
            path.parent.mkdir(exist_ok=True)
            noise = 1e-3 * np.random.default_rng(speaker).standard_normal(reference.shape)
            soundfile.write(path, reference + noise, 16000)
    pattern = ("--pattern", "{mixture}_speaker{speaker}.wav")
    (run,) = _run(tmp_path, "--estimates", "mine", *pattern, "--name", "Mine", "--out", "o")
    assert run["summary"]["ok"] == 4
    assert run["summary"]["aggregates"]["si_snr_i"]["mean"] > 15
    assert not run["summary"]["symptoms"]


def _folder(tmp_path: Path) -> Path:
    (tmp_path / "mine" / "s1").mkdir(parents=True)
    return tmp_path / "mine"


def test_every_wrong_estimate_is_a_counted_failure(tmp_path: Path) -> None:
    dataset = bench.load_dataset("talking-heads-2mix").subset(2)
    mixture, folder = dataset[0], _folder(tmp_path)
    soundfile.write(folder / "s1" / f"{mixture.id}.wav", mixture.references[0][:-1], 16000)
    run = bench.evaluate(SavedEstimates(folder, "Mine"), dataset, metrics=("si_snr",))
    reasons = {record.key: str(record.error) for record in run.records}
    assert run.summary.failed == 4
    assert "has 31999 samples at 16000 Hz where the mixture has 32000" in reasons[mixture.id, 1]
    assert all("there is no estimate s2" in reasons[m.id, 2] for m in dataset)
    assert "there is no estimate s1" in reasons[dataset[1].id, 1]


@pytest.mark.parametrize(("permutation", "failed"), [("given", 1), ("best", 2)])
def test_an_estimate_stands_alone_where_the_other_is_missing(
    tmp_path: Path, permutation: str, failed: int
) -> None:
    dataset, folder = bench.load_dataset("talking-heads-2mix").subset(1), tmp_path
    mixture = dataset[0]
    noisy = mixture.references[1] + 0.1 * mixture.references[0]
    (folder / "s2").mkdir()
    soundfile.write(folder / "s2" / f"{mixture.id}.wav", noisy, 16000)
    saved, settings = SavedEstimates(folder, "Mine"), {"metrics": ("si_snr",), "limit": 1}
    run = bench.evaluate(saved, dataset, permutation=permutation, **settings)  # type: ignore[arg-type]
    assert run.summary.failed == failed
    first, second = run.records
    assert f"there is no estimate s1/{mixture.id}.wav" in str(first.error)
    if permutation == "best":
        assert str(second.error).startswith("the best permutation needs both estimates: there is")
    else:
        assert second.scores["si_snr_i"] is not None and second.scores["si_snr_i"] > 5
        assert "estimate_correlation" not in second.diagnostics


def test_changed_estimates_are_another_run(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    hashes = set()
    for value in (0.1, 0.2):
        soundfile.write(folder / "s1" / "a.wav", np.full(100, value), 16000)
        hashes.add(SavedEstimates(folder, "Mine").sha256())
    assert len(hashes) == 2


def test_a_folder_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no folder"):
        SavedEstimates(tmp_path / "absent", "Mine")
    with pytest.raises(DataError, match="holds no wav file"):
        SavedEstimates(_folder(tmp_path), "Mine").sha256()
    with pytest.raises(UsageError, match=r"must hold \{mixture\} and \{speaker\}"):
        SavedEstimates(tmp_path, "Mine", pattern="{mixture}.wav")


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [
        ("x = 1", "build", "has no function 'build'"),
        ("def build(): return 3", "build", "returned int, but a torch.nn.Module"),
        ("import nothing_of_this_name", "build", "cannot be imported .ModuleNotFoundError"),
        ("def build(: pass", "build", "cannot be imported .SyntaxError"),
    ],
)
def test_a_wrong_factory_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, name: str, problem: str
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    file = tmp_path / f"mine_{abs(hash(content))}.py"
    file.write_text(content)
    with pytest.raises(UsageError, match=problem):
        build_from_file(f"{file}:{name}")


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no file absent\.py"):
        build_from_file("absent.py:build")


@pytest.mark.parametrize(
    ("card", "error", "problem"),
    [
        ("name = 'x'", DataError, "cannot be used"),
        ("name = 'x'\nsample_rate = 8000", UsageError, "says 8000 Hz"),
        ("name = 'x'\nsample_rate = 16000", DataError, "is not a program"),
    ],
)
def test_a_wrong_program_is_one_sentence(
    tmp_path: Path, card: str, error: type[Exception], problem: str
) -> None:
    (tmp_path / "card.toml").write_text(card)
    (tmp_path / "x.pt2").write_bytes(b"not a program")
    with pytest.raises(error, match=problem):
        load_exported(tmp_path / "x.pt2", tmp_path / "card.toml")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "name one or more separators, or give a folder"),
        (("mixture", "--estimates", "x"), "name one or more separators, or give a folder"),
        (("--separator", "x.pt2"), "give its card with --card"),
        (("--separator", "x.py:build", "--set", "a=1"), "brings its own weights"),
        (("mixture", "--permutation", "worst"), "unknown permutation 'worst'"),
    ],
)
def test_wrong_use_of_the_doors_is_one_sentence(
    arguments: tuple[str, ...],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["avss-bench", "run", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_the_best_permutation_is_found_and_said() -> None:
    """An audio-only system that gives the voices in the other order loses nothing by it."""
    import torch

    class Reversed(torch.nn.Module):
        def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
            (voices,) = [m.references for m in dataset if np.array_equal(m.mixture, mixture[0])]
            return torch.from_numpy(voices[::-1].copy())[None] + 0.01 * mixture[:, None]

    dataset = list(bench.load_dataset("talking-heads-2mix").subset(2))
    means = {}
    for permutation in ("given", "best"):
        run = bench.evaluate(Reversed(), dataset, metrics=("si_snr",), permutation=permutation)
        means[permutation] = run.summary.aggregates["si_snr_i"].mean
        said = "scored with the best permutation" in run.system.notes
        assert said is (permutation == "best")
    assert means["best"] > 20
    assert means["given"] < 0
