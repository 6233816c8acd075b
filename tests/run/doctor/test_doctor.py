"""What is found on a machine that lacks this or that."""

from __future__ import annotations

import gzip
import importlib
import os
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest

from bench.asr import board_model
from bench.core.hashing import hash_bytes
from bench.run.doctor import devices, doctor, installed, material, storage
from bench.run.doctor.finding import Finding
from bench.separators import find_card

STATES = {"ok", "missing", "broken"}


def named(findings: Iterable[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def program(path: Path, *lines: str) -> Path:
    """Write a program that prints lines."""
    said = "".join(f"echo '{line}'\n" for line in lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{said}")
    path.chmod(0o755)
    return path


# The whole


def test_every_finding_that_is_not_ok_says_how_to_mend_it(tmp_path: Path) -> None:
    findings = doctor(roots=[tmp_path], results=tmp_path / "results")
    assert {finding.state for finding in findings} <= STATES
    assert all(finding.found for finding in findings if finding.state == "ok")
    assert all(finding.mend for finding in findings if finding.state != "ok")
    assert not [finding for finding in findings if finding.state == "ok" and finding.mend]
    assert [finding.name for finding in findings if finding.stops] == ["--root"]
    assert not list(tmp_path.iterdir())


def test_no_library_of_tensors_is_loaded_where_there_is_no_gpu(tmp_path: Path) -> None:
    code = (
        "import sys; from bench.run.doctor import devices, doctor; devices._gpus = list; doctor();"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    assert done.returncode == 0


# Packages and programs


def test_the_versions_that_can_move_a_number_are_told() -> None:
    found = named(installed.examine_installed(None))
    for package in ("numpy", "torch", "pesq", "scipy"):
        assert found[package].found == metadata.version(package)
        assert found[package].needed
    assert "h264" in found["ffmpeg"].found


def test_a_missing_and_an_old_package_stop_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["numpy>=999", "surely-not-installed>=2", "tabulate", "nothing; extra == 'more'"]
    monkeypatch.setattr(metadata, "requires", lambda name: wanted)
    found = named(installed.examine_installed(None))
    assert found["numpy"].state == "broken"
    assert found["numpy"].found.endswith("where >=999 is expected")
    missing = found["surely-not-installed"]
    assert (missing.state, missing.stops) == ("missing", True)
    assert missing.mend == "pip install 'surely-not-installed>=2'"
    assert found["other packages"].found == "1, as required"


def test_a_package_that_cannot_be_loaded_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    load = importlib.import_module

    def without_libsndfile(name: str, package: str | None = None) -> object:
        if name == "soundfile":
            raise OSError("cannot load library 'libsndfile.so'")
        return load(name, package)

    monkeypatch.setattr(importlib, "import_module", without_libsndfile)
    found = named(installed.examine_installed(None))["soundfile"]
    assert (found.state, found.stops) == ("broken", True)
    assert "cannot load library" in found.found


def test_an_extra_names_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["absent-package; extra == 'faster-whisper'", "numpy; extra == 'dev'"]
    monkeypatch.setattr(metadata, "requires", lambda name: wanted)
    found = named(installed.examine_installed(None))
    assert found["extra faster-whisper"].found == "without absent-package"
    assert "avss-bench[faster-whisper]" in found["extra faster-whisper"].mend
    assert found["extra dev"].state == "ok"
    assert not any(f.needed for name, f in found.items() if name.startswith("extra"))


def test_a_compiler_is_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = named(installed.examine_installed(None))
    assert found["C compiler"].state == "missing"
    compiler = program(tmp_path / "cc")
    assert named(installed.examine_installed(None))["C compiler"].found == str(compiler)


def test_how_pesq_is_computed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVSS_BENCH_PLAIN_PESQ", "1")
    alone = installed._fast_pesq()
    assert (alone.state, alone.needed) == ("missing", False)
    assert alone.found == "same scores, half as fast: AVSS_BENCH_PLAIN_PESQ is set"
    monkeypatch.delenv("AVSS_BENCH_PLAIN_PESQ")
    monkeypatch.setattr(installed, "Guest", lambda name: lambda: ("", ""))
    assert installed._fast_pesq().state == "ok"


@pytest.mark.parametrize(
    ("says", "state"), [("0.10.21", "ok"), ("0.9.0", "broken")], ids=["right", "old"]
)
def test_the_version_of_mediapipe_is_asked_for(tmp_path: Path, says: str, state: str) -> None:
    found = named(installed.examine_installed(program(tmp_path / "python", says)))
    assert found["mediapipe"].state == state
    assert says in found["mediapipe"].found


def test_an_environment_of_mediapipe_that_is_none(tmp_path: Path) -> None:
    for python in (tmp_path / "absent", program(tmp_path / "python", "")):
        found = named(installed.examine_installed(python))["mediapipe"]
        assert (found.state, found.needed) == ("broken", False)


# Devices


def test_without_a_gpu_the_reason_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = named(devices.examine_devices())
    assert "core" in found["cpu"].found
    assert (found["cuda"].state, found["cuda"].needed) == ("missing", False)


@pytest.mark.parametrize(
    ("build", "said"),
    [(("2.9.0+cpu", None), "built for processors only"), (("2.9.0", "12.8"), "cannot use it")],
)
def test_a_gpu_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, build: tuple[str, str | None], said: str
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(devices, "_torch_build", lambda: build)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    program(tmp_path / "nvidia-smi", "NVIDIA H200, 570.86.15, 143771 MiB")
    found = named(devices.examine_devices())["cuda"]
    assert found.state == "broken"
    assert found.found.startswith("NVIDIA H200 (driver 570.86.15, 143771 MiB)")
    assert said in found.found


def test_the_build_of_torch_is_read_without_loading_it() -> None:
    assert devices._torch_build()[0] == metadata.version("torch")


# Material


def test_sets_that_ship_are_opened_and_others_need_a_root() -> None:
    found = named(material.examine_data_sets([]))
    assert found["talking-heads-2mix"].state == "ok"
    assert found["talking-heads-2mix"].needed
    missing = found["lrs2-2mix"]
    assert (missing.state, missing.needed) == ("missing", False)
    assert "--root" in missing.mend


def test_a_root_without_any_set_is_told(tmp_path: Path) -> None:
    strange = [
        f for f in material.examine_data_sets([tmp_path, tmp_path / "a"]) if f.name == "--root"
    ]
    assert [finding.state for finding in strange] == ["broken", "broken"]
    assert str(tmp_path) in strange[0].found
    assert strange[1].found == f"no folder {tmp_path / 'a'}"
    assert strange[1].mend == "check the path"
    assert all(finding.stops for finding in strange)


@pytest.mark.parametrize(
    ("folder", "set"),
    [
        ("LRS3", "lrs3-2mix"),
        ("mine/main", "lrs2-2mix"),
        ("mine/trainval", "lrs3-2mix"),
        ("x", "SET"),
    ],
)
def test_the_set_that_a_folder_is_likely_a_copy_of_is_suggested(
    tmp_path: Path, folder: str, set: str
) -> None:
    (tmp_path / folder).mkdir(parents=True)
    root = tmp_path / folder.partition("/")[0]
    assert f"`avss-bench prepare {set} --root {root} --verify`" in material._strange_root(root).mend


def test_a_recogniser_is_known_by_its_hash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "small.pt"
    monkeypatch.setenv("AVSS_BENCH_WHISPER", str(path))
    assert named(material.examine_model_files())["whisper"].state == "missing"
    path.write_bytes(b"another model")
    assert named(material.examine_model_files())["whisper"].state == "broken"
    monkeypatch.setattr(material, "BOARD_SHA256", hash_bytes(b"another model"))
    found = named(material.examine_model_files())["whisper"]
    assert (found.state, found.found) == ("ok", str(path))
    assert board_model.BOARD_SHA256 != material.BOARD_SHA256


def test_weights_in_the_cache_are_found_and_held_against_their_hash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path))
    missing = named(material.examine_model_files())["visualvoice"]
    assert missing.state == "missing"
    assert missing.mend == "`avss-bench run visualvoice --download`"
    folder = tmp_path / "weights" / "visualvoice"
    folder.mkdir(parents=True)
    for file in find_card("visualvoice").files:
        (folder / file.name).write_bytes(gzip.compress(b"weights"))
    pinned = any(file.sha256 for file in find_card("visualvoice").files)
    found = named(material.examine_model_files())["visualvoice"]
    assert found.state == ("broken" if pinned else "ok")


def test_what_no_program_can_fetch_says_where_it_is_published() -> None:
    assert "`avss-bench list ctcnet`" in named(material.examine_model_files())["ctcnet"].mend


# Room


def test_a_folder_that_cannot_be_written_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = named(storage.examine_storage(Path("/proc/results")))
    assert (found["results"].state, found["results"].stops) == ("broken", True)
    assert named(storage.examine_storage(tmp_path / "new"))["results"].state == "ok"
    assert not (tmp_path / "new").exists()


def test_the_size_of_the_cache_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "kept").write_bytes(bytes(3_000_000))
    assert "3 MB" in named(storage.examine_storage(tmp_path))["cache"].found


def test_little_room_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(storage, "_LITTLE", 1e18)
    found = named(storage.examine_storage(tmp_path))["results"]
    assert found.state == "broken"
    assert "which is little" in found.found
