"""What is exported is the data set, sample for sample, in a layout that others can read."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tiny import tiny_mixture

import bench
from bench.cli import main
from bench.core.mixture import Mixture
from bench.errors import DataError
from bench.run.files.export import export_dataset
from bench.run.files.saved import SavedEstimates


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tree")
    export_dataset(bench.load_dataset("talking-heads-2mix").subset(3), out)
    return out


def test_every_sample_and_every_frame_is_there(tree: Path) -> None:
    manifest = json.loads((tree / "manifest.json").read_text())
    entries = {entry["mixture"]: entry for entry in manifest["mixtures"]}
    for mixture in bench.load_dataset("talking-heads-2mix").subset(3):
        folder = tree / "audio" / "wav16k" / "min" / "tt"
        parts = zip(("mix", "s1", "s2"), (mixture.mixture, *mixture.references), strict=True)
        for part, expected in parts:
            found, rate = soundfile.read(folder / part / f"{mixture.id}.wav", dtype="float32")
            assert rate == 16000
            assert np.array_equal(found, expected)
        for name, expected in zip(entries[mixture.id]["mouths"], mixture.mouths, strict=True):
            assert np.array_equal(np.load(tree / name)["data"], expected)


def test_what_another_program_writes_is_a_full_run(tree: Path, tmp_path: Path) -> None:
    """Stands for any program: it reads the manifest and the mixtures, and writes two voices."""
    for entry in json.loads((tree / "manifest.json").read_text())["mixtures"]:
        name = f"{entry['mixture']}.wav"
        samples, rate = soundfile.read(tree / "audio" / "wav16k" / "min" / "tt" / "mix" / name)
        for speaker in ("s1", "s2"):
            (tmp_path / speaker).mkdir(exist_ok=True)
            soundfile.write(tmp_path / speaker / name, samples, rate)
    dataset = bench.load_dataset("talking-heads-2mix").subset(3)
    run = bench.evaluate(SavedEstimates(tmp_path, "Copy"), dataset, metrics=("si_snr",))
    assert run.summary.ok == 6
    assert run.summary.aggregates["si_snr_i"].mean == 0.0


def test_the_verb_exports_the_embedded_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["prepare", "talking-heads-2mix", "--export", str(tmp_path), "--json"]
    monkeypatch.setattr(sys, "argv", ["avss-bench", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    manifest = json.loads(Path(json.loads(capsys.readouterr().out)["manifest"]).read_text())
    assert len(manifest["mixtures"]) == 100
    assert len(list((tmp_path / "mouths").iterdir())) == 64


def test_an_interrupted_export_is_never_taken_for_complete(tree: Path, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(KeyboardInterrupt):
        dataset = bench.load_dataset("talking-heads-2mix").subset(2)
        export_dataset(dataset, tmp_path, progress=stop)
    assert not (tmp_path / "manifest.json").exists()


def _named(mixture: Mixture, name: str, utterance: str, samples: int) -> Mixture:
    """A mixture whose first utterance has another id, cut to so many samples."""
    first = replace(mixture.videos[0], utterance=utterance)
    return replace(
        mixture,
        id=name,
        mixture=mixture.mixture[:samples],
        references=mixture.references[:, :samples],
        videos=(first, mixture.videos[1]),
    )


def test_utterances_whose_files_would_share_a_name_have_their_own(tmp_path: Path) -> None:
    dataset = [
        _named(tiny_mixture(0), "a", "u_4000", 8000),
        _named(tiny_mixture(1), "b", "u", 8000),
        _named(tiny_mixture(1), "c", "u", 4000),
    ]
    manifest = json.loads(export_dataset(dataset, tmp_path).read_text())
    names = [entry["mouths"][0] for entry in manifest["mixtures"]]
    assert len(set(names)) == 3
    for name, mixture in zip(names, dataset, strict=True):
        assert np.array_equal(np.load(tmp_path / name)["data"], mixture.mouths[0])


@pytest.mark.parametrize(("name", "utterance"), [("../x", "u"), ("x", "../../u")])
def test_ids_that_leave_the_tree_are_refused(tmp_path: Path, name: str, utterance: str) -> None:
    out = tmp_path / "tree"
    with pytest.raises(DataError, match="cannot name a file"):
        export_dataset([_named(tiny_mixture(0), name, utterance, 8000)], out)
    assert not [path for path in tmp_path.iterdir() if path != out]
