"""`prepare`, and `run` on every form of a licensed copy, as a person types them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from stand_in import StandIn, make_voxceleb2

from bench.cli import main
from bench.run.data_sameness import compare_data
from bench.run.result import Run

DATASET = "voxceleb2-2mix"


def bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    return make_voxceleb2(tmp_path_factory.mktemp("command") / "copy")


@pytest.fixture(scope="module")
def listed(corpus: StandIn) -> tuple[str | Path, ...]:
    """The options that name a corpus with its list."""
    return "--root", corpus.root, "--list", corpus.mixture_list, "--list-unofficial"


@pytest.fixture(scope="module")
def tree(listed: tuple[str | Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "tree"
    done = bench("prepare", DATASET, *listed, "--out", out, "--verify", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert "disk use: about 1 MB (mixtures 1 MB)" in done.stderr
    assert "6 mixtures (0 were there already), 0 mouths" in done.stdout
    assert "only systems that look at none" in done.stdout
    assert "peak of mix, s1, s2" in done.stdout
    assert "FAILED" not in done.stdout
    assert "note: unofficial mixture list" in done.stdout
    return out


def refused(
    patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], *arguments: str | Path
) -> str:
    """Run what must be refused in this process, and return the one sentence it gets."""
    patch.setattr(sys, "argv", ["avss-bench", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capture.readouterr().err
    assert len(said.strip().splitlines()) == 1
    return said


def test_run_gives_the_same_records_on_corpus_and_tree(
    listed: tuple[str | Path, ...], tree: Path, tmp_path: Path
) -> None:
    runs = []
    for name, options in (("native", listed), ("tree", ("--root", tree, "--list-unofficial"))):
        out = tmp_path / name
        arguments = ("--dataset", DATASET, *options, "--metrics", "si_snr", "--out", out)
        done = bench("run", "mixture", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        runs.append(Run.load(Path(json.loads(done.stdout)[0]["folder"])))
    first, second = runs
    assert first.records == second.records
    assert first.id == second.id
    assert compare_data(first, second).kind == "identical"
    assert first.plan.marks[0].startswith("unofficial mixture list")
    assert first.records[0].conditions["length_s"] == 2.0
    assert "pitch_difference_st" in first.records[0].conditions
    table = bench("table", tmp_path / "native", "--format", "md")
    assert "unofficial mixture list" in table.stdout


def test_fingerprints_are_compared(
    corpus: StandIn, listed: tuple[str | Path, ...], tree: Path, tmp_path: Path
) -> None:
    verify = ("prepare", DATASET, "--workers", "1", "--against", tree / "fingerprint.json")
    done = bench(*verify, *listed, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["comparison"]["kind"] == "identical"
    other = Path(shutil.copytree(corpus.root, tmp_path / "other"))
    first, second = (other / "test" / "mp4" / f"{corpus.clips[n]}.mp4" for n in (0, 1))
    shutil.copy(second, first)
    options = ("--root", other, *listed[2:])
    done = bench(*verify, *options, "--fingerprint", tmp_path / "mine.json")
    assert done.returncode == 1
    assert "different data; 2 of 6 mixtures hold other clips" in done.stdout
    assert (tmp_path / "mine.json").exists()


def test_systems_that_look_at_mouths_need_them_before_anything_starts(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--dataset", DATASET, "--root", tree, "--list-unofficial", "--out", tmp_path)
    said = refused(monkeypatch, capsys, "run", "avlit-8", "--random-weights", *arguments)
    assert "there are no mouth crops for 'voxceleb2-2mix'" in said
    assert not any(tmp_path.iterdir())


def test_crops_can_be_given_to_a_tree_that_has_none(
    corpus: StandIn, tree: Path, tmp_path: Path
) -> None:
    crops = tmp_path / "crops"
    crops.mkdir()
    for name in corpus.names:
        np.savez(crops / f"{name}.npz", data=np.zeros((50, 96, 96), np.uint8))
    again = bench(
        *("prepare", DATASET, "--root", tree, "--list-unofficial", "--crops", crops),
        *("--out", tmp_path / "tree", "--workers", "1", "--json"),
    )
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["prepared"]["mouths"] == 6


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("prepare",), "give a data set, --root, and --out or --verify"),
        (("prepare", "lrs2-2mix", "--root", "."), "give a data set, --root, and --out or --verify"),
        (("prepare", "lrs2-mix", "--root", ".", "--verify"), "did you mean 'lrs2-2mix'?"),
        (("prepare", "lrs2-2mix", "--root", ".", "--verify"), "does not ship; its authors publish"),
        (("prepare", "lrs2-2mix", "--root", "x", "--verify"), "folder x given for 'lrs2-2mix'"),
        (("run", "mixture", "--dataset", "lrs2-2mix"), "your own copy with --root ("),
        (("prepare", "--video", "absent.mp4"), "there is no video absent.mp4; check"),
        (("prepare", "--video", "a"), "a video needs --out, a folder"),
        (("prepare", "--video", "a", "--out", "b"), "a video needs --mediapipe PYTHON"),
        (("prepare", "--video", "a", "--out", "b", "--mediapipe", "c"), "cannot be started"),
        (("separate", "absent", "--separator", "ctcnet", "--out", "b"), "no video absent; check"),
        (("separate", "a", "--separator", "ctcnet", "--out", "b"), "was given no weights"),
        (("separate", "a", "--separator", "ideal-ratio-mask", "--out", "b"), "clean voices"),
        (("separate", "a", "--separator", "mixture", "--out", "b"), "a video needs --mediapipe"),
    ],
)
def test_wrong_use_is_one_sentence(
    arguments: tuple[str, ...],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_bytes(b"no video")
    monkeypatch.delenv("AVSS_BENCH_MEDIAPIPE", raising=False)
    assert sentence in refused(monkeypatch, capsys, *arguments)
