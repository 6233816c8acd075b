"""`avss-bench profile` from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from bench.cli.app import app
from bench.errors import DataError, UsageError

OWN = """
import torch

class Own(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.filters = torch.nn.Conv1d(1, 2, 5, padding=2)

    def forward(self, mixture, *, mouths):
        return self.filters(mixture[:, None])

def build():
    return Own()

def broken():
    return torch.nn.Conv1d(7, 2, 5)
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / f"own_{tmp_path.name}.py"  # modules of one name would meet in one process
    path.write_text(OWN)
    return path


def run(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["profile", *args])
    if isinstance(result.exception, Exception):
        raise result.exception
    return result.exit_code, result.stdout


def test_lengths_and_threads_take_several_values(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "profiles"
    code, text = run(
        f"{own}:build", "--seconds", "0.5", "1", "--counts", "--out", str(out), "--json"
    )
    (profile,) = json.loads(text)
    assert code == 0
    assert [costs["seconds"] for costs in profile["costs"]] == [0.5, 1.0]
    assert profile["costs"][1]["executed_mixture"]["separator"] == 2 * 16000 * 5
    (path,) = out.glob(f"*/{own.stem}.json")
    assert json.loads(path.read_text())["measured"] == []


def test_measuring_against_another_system(own: Path, tmp_path: Path) -> None:
    # The numbers after --threads are numbers of threads, the ids after them are systems.
    arguments = ["--threads", "1", "--seconds", "0.25", "--longest", "0", "--against", "mixture"]
    code, text = run(f"{own}:build", *arguments, "--out", str(tmp_path / "out"))
    assert code == 0
    assert "0.25 s of audio, 1 thread" in text
    assert "/ Mixture" in text
    assert torch.get_num_threads() >= 1


def test_one_that_fails_is_named_and_the_others_are_profiled(own: Path, tmp_path: Path) -> None:
    code, text = run(
        f"{own}:broken", "mixture", "--seconds", "1", "--counts", "--out", str(tmp_path / "out")
    )
    assert code == 1
    assert text.count(f"{own.stem}: ") == 1
    assert f"{own.stem}: 1 s: " in text
    assert "Mixture" in text


def test_what_failed_is_not_called_unmeasured(own: Path, tmp_path: Path) -> None:
    arguments = ["--threads", "1", "--seconds", "0.25", "--longest", "0"]
    code, text = run(f"{own}:broken", *arguments, "--out", str(tmp_path / "out"))
    assert code == 1
    assert text.startswith(f"{own.stem}: 0.25 s: ")
    assert "not measured yet" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ctcnett"], "did you mean 'ctcnet'"),
        (["ctcnet", "--device", "cuda:99"], "PyTorch sees"),
        (["ctcnet", "--device", "tpu"], "device 'tpu' is unknown"),
        (["mixture", "--threads", "0"], "--threads 0"),
        (["mixture", "--against", "nothing"], "unknown separator 'nothing'"),
        (["mixture", "--from", "here"], "--from was given without --show"),
    ],
)
def test_wrong_use_is_one_sentence(arguments: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        run(*arguments, "--out", str(tmp_path / "out"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["colours"], "unknown table 'colours'"),
        (["costs", "--counts"], "--counts was given with --show"),
        (["latency", "--threads", "1", "2"], "--threads was given with --show"),
        (["costs", "--out", "elsewhere"], "--out was given with --show"),
        (["claims", "--seconds", "2"], "--seconds was given with --show claims"),
        (["published", "--against", "ctcnet"], "--against was given with --show published"),
        (["published", "--from", "here"], "--from was given with --show published"),
    ],
)
def test_what_does_not_apply_to_a_shown_table_is_refused(
    arguments: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        run("--show", *arguments)


def test_an_impossible_length_is_a_sentence_of_that_system(tmp_path: Path) -> None:
    code, text = run("mixture", "--seconds", "-1", "--counts", "--out", str(tmp_path / "out"))
    assert code == 1
    assert "-1 s: --seconds -1 was given" in text


def test_tables_that_need_no_measurement(tmp_path: Path) -> None:
    code, text = run("--show", "published", "--json")
    assert code == 0
    assert any(row["value"] == "167.2" for row in json.loads(text))
    code, text = run("--show", "claims", "--from", str(tmp_path))
    assert code == 0
    assert "not measured yet" in text.replace("\n", " ")


def test_a_folder_without_profiles_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no profile"):
        run("--show", "costs", "--from", str(tmp_path))


@pytest.fixture
def out(own: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    run(f"{own}:build", "mixture", "--seconds", "1", "2", "--counts", "--out", str(folder))
    return folder


def test_tables_show_the_named_systems_at_every_length(own: Path, out: Path) -> None:
    shown = ["--from", str(out), "--seconds", "1", "2"]
    _, text = run(f"{own}:build", "--show", "costs", *shown)
    assert "1 s, one" in text
    assert "2 s, one" in text
    assert own.stem in text
    assert "Mixture" not in text
    _, text = run(f"{own}:build", "--show", "costs", "--against", "mixture", *shown)
    assert "/ Mixture" in text
    _, text = run("--show", "costs", "--json", "--from", str(out), "--seconds", "2")
    assert [[c["seconds"] for c in p["costs"]] for p in json.loads(text)] == [[2.0], [2.0]]
    with pytest.raises(UsageError, match="unknown profile 'ctcnet'"):
        run("ctcnet", "--show", "layers", *shown)
    with pytest.raises(DataError, match="holds costs of 3 s"):
        run("--show", "costs", "--from", str(out), "--seconds", "3")


def test_claims_and_figures_of_the_named_systems() -> None:
    _, text = run("dolphin", "--show", "claims", "--json")
    assert [row["claim"].partition(":")[0] for row in json.loads(text)] == ["Dolphin"]
    _, text = run("dolphin", "--show", "published", "--json")
    assert {row["card"] for row in json.loads(text)} == {"dolphin"}
    with pytest.raises(UsageError, match="no claim is known of avlit-8"):
        run("avlit-8", "--show", "claims")
    with pytest.raises(UsageError, match="unknown system with published figures"):
        run("mixture", "--show", "published")


def test_a_count_prints_only_claims_about_what_was_counted(tmp_path: Path) -> None:
    arguments = ["--against", "ctcnet", "--seconds", "0.25", "--counts", "--out", str(tmp_path)]
    _, text = run("mixture", *arguments)
    assert "claim" not in text
    _, text = run("rtfsnet-4", "rtfsnet-6", *arguments)
    assert "RTFS-Net-6: 18" in text
    assert "IIANet" not in text
    assert "not measured" not in text


def test_what_was_written_can_be_shown(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(f"{own}:build", "--seconds", "1", "--counts", "--out", str(out))
    for table, words in (("costs", "G MAC/s"), ("layers", "filters"), ("latency", "Empty")):
        code, text = run("--show", table, "--from", str(out))
        assert code == 0
        assert words in text
