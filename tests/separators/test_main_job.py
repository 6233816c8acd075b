"""The main job with real networks: from published files to records, on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from published_files import write_model_state, write_packaged
from vectors import published_states, read_vectors

import bench
from bench.core.hashing import hash_file
from bench.core.recordfile import read_records

SYSTEM = "rtfsnet-4"
NETWORKS = [name for name in bench.list_separators() if bench.separators.find_card(name).is_network]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both files of RTFS-Net as its authors would publish them, with the vectors' weights."""
    folder = tmp_path_factory.mktemp("published")
    states = published_states(SYSTEM, read_vectors(SYSTEM), "public")
    lips = write_model_state(folder / "lips.pth.tar", states["lip_checkpoint"])
    network = write_packaged(folder / "best_model.pth", states["checkpoint"], "AVNet")
    return {"checkpoint": network, "lip_checkpoint": lips}


def _run(out: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    quick = ("--limit", "2", "--metrics", "si_snr", "--out", out, "--json")
    command = [sys.executable, "-m", "bench", "run", *map(str, (*arguments, *quick))]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _weights(files: dict[str, Path]) -> tuple[str | Path, ...]:
    return ("--checkpoint", files["checkpoint"], "--lip-checkpoint", files["lip_checkpoint"])


def test_published_files_are_evaluated_and_named_in_the_run(
    files: dict[str, Path], tmp_path: Path
) -> None:
    done = _run(tmp_path, SYSTEM, *_weights(files))
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)
    folder = Path(result["folder"])
    identity = json.loads((folder / "run.json").read_text())["plan"]["separator"]
    assert identity["weights"] == "checkpoint"
    assert identity["files"] == {role: hash_file(path) for role, path in files.items()}
    records = read_records(folder / "records.jsonl.gz")
    assert len(records) == 4
    assert all(record.status == "ok" for record in records)


def test_processes_threads_apart_give_the_same_bytes(
    files: dict[str, Path], tmp_path: Path
) -> None:
    folders = []
    for name, workers in (("one", "1"), ("two", "2")):
        done = _run(tmp_path / name, SYSTEM, *_weights(files), "--workers", workers)
        folders.append(Path(json.loads(done.stdout)[0]["folder"]))
    first, second = ((folder / "records.jsonl.gz").read_bytes() for folder in folders)
    assert first == second


def test_a_network_without_weights_has_to_be_meant_and_is_not_ranked(tmp_path: Path) -> None:
    refused = _run(tmp_path, SYSTEM)
    assert refused.returncode == 2
    assert "give --checkpoint (best_model.pth), --lip-checkpoint" in refused.stderr
    assert _run(tmp_path, SYSTEM, "--random-weights").returncode == 0
    command = [sys.executable, "-m", "bench", "table", str(tmp_path), "--json"]
    table = subprocess.run(command, capture_output=True, text=True, check=True)
    (row,) = json.loads(table.stdout)["boards"][0]["rows"]
    assert row["rank"] is None
    assert "random weights" in row["not_ranked"]


def test_a_setting_makes_another_run_and_a_named_variant(
    files: dict[str, Path], tmp_path: Path
) -> None:
    runs = [
        json.loads(_run(tmp_path, SYSTEM, *_weights(files), *more).stdout)[0]["run"]
        for more in ((), ("--set", "repeats=2"))
    ]
    assert runs[0] != runs[1]
    command = [sys.executable, "-m", "bench", "table", str(tmp_path), "--json"]
    rows = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    labels = {row["system"] for board in rows["boards"] for row in board["rows"]}
    assert labels == {"RTFS-Net-4 (2 mixtures)", "RTFS-Net-4 (repeats=2, 2 mixtures)"}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_runs_on_the_embedded_set(name: str) -> None:
    """One mixture, random weights: every stream is offered, every output has the right form."""
    separator = bench.load_separator(name)
    dataset = bench.load_dataset("talking-heads-2mix").subset(1)
    run = bench.evaluate(separator, dataset, metrics=("si_snr",), mouths="frozen")
    assert run.summary.failed == 0, run.records[0].error
    assert run.summary.expected == 2


def test_voices_do_not_depend_on_who_else_is_asked_for(files: dict[str, Path]) -> None:
    separator = bench.load_separator(SYSTEM, **files)
    mixture = bench.load_dataset("talking-heads-2mix")[0]
    crops = np.stack(mixture.mouths)
    mouths = separator.prepare_mouths(crops)[None]
    heard = torch.from_numpy(mixture.mixture)[None]
    with torch.inference_mode():
        both = separator(heard, mouths)
        alone = separator(heard, mouths[:, 1:])
        exchanged = separator(heard, mouths.flip(1))
    torch.testing.assert_close(both[:, 1:], alone, rtol=0, atol=1e-6)
    torch.testing.assert_close(both.flip(1), exchanged, rtol=0, atol=1e-6)
