"""What is not exactly the weight file that was asked for is refused, and nothing in it runs."""

from __future__ import annotations

import argparse
import io
import pickle
import tarfile
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.torch_version import TorchVersion

import bench
from bench.errors import CheckpointError
from bench.separators.card import WeightFile
from bench.separators.checkpoints import (
    fill_part,
    left_out,
    published_tensors,
    read_tensors,
    rename_tensors,
)

TENSORS = {"weight": torch.arange(6.0).view(2, 3), "bias": torch.ones(2)}


class CreatesAFile:
    """Unpickling this opens a file for writing: a stand-in for any code."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return (open, (str(self.path), "w"))


def weight_file(**entries: object) -> WeightFile:
    return WeightFile.model_validate(
        {"role": "checkpoint", "name": "model.pth", "where": "nowhere", **entries}
    )


# What is read


@pytest.mark.parametrize(
    "content",
    [
        TENSORS,
        OrderedDict(TENSORS),
        {"state_dict": TENSORS, "epoch": 3},
        {"model_state_dict": TENSORS, "optimizer": {"state": {0: {"step": torch.tensor(1.0)}}}},
        {"model": TENSORS, "args": argparse.Namespace(lr=1e-3)},
        {"state_dict": TENSORS, "infos": {"torch": TorchVersion("2.1.0")}, "model_name": "X"},
    ],
)
@pytest.mark.parametrize("zipped", [True, False])
def test_reads_the_layouts_that_are_published(content, zipped, tmp_path):
    path = tmp_path / "model.pth"
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    found = read_tensors(path)
    assert found.keys() == TENSORS.keys()
    assert all(torch.equal(found[name], TENSORS[name]) for name in TENSORS)


def test_reads_safetensors(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file(TENSORS, path)
    assert torch.equal(read_tensors(path)["weight"], TENSORS["weight"])


# What is refused


def zipped_pickle(path: Path, victim: Path) -> None:
    torch.save({"state_dict": TENSORS, "extra": CreatesAFile(victim)}, path)


def old_format_pickle(path: Path, victim: Path) -> None:
    content = {"state_dict": TENSORS, "extra": CreatesAFile(victim)}
    torch.save(content, path, _use_new_zipfile_serialization=False)


def plain_pickle(path: Path, victim: Path) -> None:
    path.write_bytes(pickle.dumps({"state_dict": CreatesAFile(victim)}))


def tarred_pickle(path: Path, victim: Path) -> None:
    code = pickle.dumps(CreatesAFile(victim))
    with tarfile.open(path, "w") as archive:
        for name in ("storages", "tensors", "pickle"):
            entry = tarfile.TarInfo(name)
            entry.size = len(code)
            archive.addfile(entry, io.BytesIO(code))


@pytest.mark.parametrize("write", [zipped_pickle, old_format_pickle, plain_pickle, tarred_pickle])
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_code_in_a_file_never_runs(write, suffix, tmp_path):
    victim = tmp_path / "created"
    write(tmp_path / f"model.{suffix}", victim)
    with pytest.raises(CheckpointError, match="model"):
        read_tensors(tmp_path / f"model.{suffix}")
    with pytest.raises(CheckpointError):
        bench.load_separator(
            "ctcnet",
            checkpoint=tmp_path / f"model.{suffix}",
            lip_checkpoint=tmp_path / f"model.{suffix}",
        )
    assert not victim.exists()


@pytest.mark.parametrize("write", [zipped_pickle, old_format_pickle, plain_pickle])
def test_code_in_a_file_is_named(write, tmp_path):
    write(tmp_path / "model.pth", tmp_path / "created")
    with pytest.raises(CheckpointError, match=r"more than tensors .* unpickling it could run code"):
        read_tensors(tmp_path / "model.pth")


def test_the_code_of_these_tests_would_run(tmp_path):
    zipped_pickle(tmp_path / "model.pth", tmp_path / "created")
    torch.load(tmp_path / "model.pth", weights_only=False)["extra"].close()
    assert (tmp_path / "created").exists()


def test_a_whole_module_is_refused(tmp_path):
    torch.save(nn.Linear(3, 2), tmp_path / "model.pth")
    with pytest.raises(CheckpointError, match=r"more than tensors \(torch\.nn\.modules"):
        read_tensors(tmp_path / "model.pth")


def saved(zipped: bool) -> bytes:
    stream = io.BytesIO()
    content = {"weight": torch.zeros(5000)}
    torch.save(content, stream, _use_new_zipfile_serialization=zipped)
    return stream.getvalue()


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(zipped, share, tmp_path):
    content = saved(zipped)
    (tmp_path / "model.pth").write_bytes(content[: int(share * len(content))])
    with pytest.raises(CheckpointError, match=r"not a complete .* download it again"):
        read_tensors(tmp_path / "model.pth")


def test_truncated_safetensors_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file(TENSORS, path)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(CheckpointError, match="not a complete safetensors file"):
        read_tensors(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE html><html><title>Google Drive - Quota exceeded</title>", "web page"),
        (b"\n  <html lang=en>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:a19b\nsize 7\n", "LFS pointer"),
        (b"", "not a complete PyTorch weight file"),
        (b"model:\n  n_filters: 512\n" * 40, "not a complete PyTorch weight file"),
        (bytes(range(256)) * 9, "not a complete PyTorch weight file"),
    ],
)
def test_what_is_no_weight_file_is_named(content, said, tmp_path):
    (tmp_path / "best_model.pth").write_bytes(content)
    with pytest.raises(CheckpointError, match=said):
        read_tensors(tmp_path / "best_model.pth")


def test_a_release_archive_must_be_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "lrs2.zip", "w") as archive:
        archive.writestr("lrs2/best_model.pth", b"")
        archive.writestr("lrs2/conf.yml", b"")
    with pytest.raises(CheckpointError, match=r"archive of lrs2/best_model.pth, .* unpack it"):
        read_tensors(tmp_path / "lrs2.zip")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"generator": {"w": torch.zeros(1)}, "epoch": 3}, "generator, epoch"),
        ({"state_dict": {}}, "no tensors"),
        ([1, 2], "one list; save its state dict"),
        (7, "no tensors"),
    ],
)
def test_a_container_that_is_not_known_is_described(content, said, tmp_path):
    torch.save(content, tmp_path / "model.pth")
    with pytest.raises(CheckpointError, match=said):
        read_tensors(tmp_path / "model.pth")


def test_an_absent_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "absent.pth", tmp_path):
        with pytest.raises(CheckpointError, match="no weight file"):
            read_tensors(path)


# From stored names to ours


def names(tensors: dict[str, Tensor]) -> list[str]:
    return sorted(tensors)


def tensors_called(*called: str) -> dict[str, Tensor]:
    return {name: torch.full((1,), float(number)) for number, name in enumerate(called)}


def test_a_prefix_selects_one_of_several_networks():
    stored = tensors_called("audio_model.a", "audio_model.b", "video_model.c")
    assert names(published_tensors(stored, weight_file(prefixes=["audio_model."]))) == ["a", "b"]
    bare = tensors_called("a", "b")
    assert names(published_tensors(bare, weight_file(prefixes=["audio_model."]))) == ["a", "b"]


def test_of_two_copies_the_named_one_wins():
    pairs = weight_file(duplicates=[("inner\\.w", "w")])
    assert float(published_tensors(tensors_called("inner.w", "w"), pairs)["w"]) == 1
    assert float(published_tensors(tensors_called("inner.w"), pairs)["w"]) == 0


def test_ignored_names_are_dropped_and_said():
    file = weight_file(ignore=["tcn"])
    stored = tensors_called("tcn.a", "trunk.tcn_b", "trunk.c")
    assert names(published_tensors(stored, file)) == ["trunk.c"]
    assert "2 tensors" in left_out(stored, file)
    assert left_out(tensors_called("trunk.c"), file) == ""


def test_the_first_rename_that_matches_is_applied_once():
    file = weight_file(renames=[("^a\\.(\\d)", "b.\\1"), ("^b", "c")])
    renamed = rename_tensors(tensors_called("a.1.a.1", "b.2"), file)
    assert names(renamed) == ["b.1.a.1", "c.2"]


@pytest.mark.parametrize("entry", ["older", "renames"])
def test_an_earlier_and_a_later_name_of_one_tensor_are_refused(entry):
    file = weight_file(**{entry: [("^old\\.", "new.")]})
    read = published_tensors if entry == "older" else rename_tensors
    with pytest.raises(CheckpointError, match=r"same tensor twice: old\.w and new\.w"):
        read(tensors_called("old.w", "new.w"), file)


# Filling


def test_fills_exactly():
    module = nn.Linear(3, 2)
    fill_part(module, TENSORS, "the file")
    assert torch.equal(module.weight, TENSORS["weight"])


def test_lists_everything_that_does_not_fit():
    module = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    before = module[0].weight.clone()
    given = {"0.weight": torch.zeros(2, 3), "0.bias": torch.zeros(5), "2.weight": torch.zeros(1)}
    with pytest.raises(CheckpointError) as caught:
        fill_part(module, given, "the file")
    assert str(caught.value) == (
        "the file does not fit: 2 missing: 1.bias, 1.weight; 1 left over: 2.weight; "
        "1 of another shape: 0.bias is (5,) where (2,) is expected."
    )
    assert torch.equal(module[0].weight, before)


def test_long_lists_are_cut():
    with pytest.raises(CheckpointError, match=r"12 left over: .* and 4 more"):
        fill_part(nn.Identity(), tensors_called(*map(str, range(12))), "the file")
