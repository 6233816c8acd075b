from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from published_files import damaged, write_lightning, write_model_state
from vectors import (
    Vectors,
    filled_separator,
    inputs,
    largest_difference,
    mixture,
    mouths,
    published_states,
    read_vectors,
    threads,
)

import bench
from bench.errors import CheckpointError, UsageError
from bench.separators.base import Separator

SYSTEM = "av-convtasnet"
SALT = "public"
TOLERANCE = 2e-5


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return read_vectors(SYSTEM)


@pytest.fixture(scope="module")
def separator(vectors: Vectors) -> Separator:
    return filled_separator(SYSTEM, vectors, SALT)


@pytest.fixture(scope="module")
def states(vectors: Vectors) -> dict[str, dict[str, torch.Tensor]]:
    return published_states(SYSTEM, vectors, SALT)


def check(separator: Separator, vectors: Vectors, name: str) -> None:
    """Hold one case to the published answers; what the hop leaves over must be zero."""
    heard, seen = inputs(vectors.case(name))
    embedding = separator.encode_mouths(seen)
    assert largest_difference(vectors, f"{name}_video_embedding", embedding) < TOLERANCE
    estimate = separator(heard, embeddings=embedding)
    covered = 20 * ((heard.shape[-1] - 40) // 20) + 40
    assert largest_difference(vectors, f"{name}_estimate", estimate[..., :covered]) < TOLERANCE
    assert not estimate[..., covered:].any()


@pytest.mark.parametrize(
    ("name", "number"),
    [("two_seconds", 1), ("odd", 1), pytest.param("odd", 2, marks=pytest.mark.slow)],
)
def test_equals_the_published_code(
    separator: Separator, vectors: Vectors, name: str, number: int
) -> None:
    with threads(number), torch.inference_mode():
        check(separator, vectors, name)


@pytest.mark.parametrize("name", ["two_seconds", "odd"])
def test_equals_the_complete_vectors(separator: Separator, material: Path, name: str) -> None:
    with torch.inference_mode():
        check(separator, read_vectors(SYSTEM, material), name)


@torch.inference_mode()
@pytest.mark.parametrize("samples", [40, 59, 1001])
def test_short_mixtures_keep_their_length(separator: Separator, samples: int) -> None:
    assert separator(mixture("short", 1, samples), mouths("short", 1, 2)).shape == (1, 1, samples)


def test_refuses_a_fusion_that_would_never_happen() -> None:
    with pytest.raises(UsageError, match="after 2 stacks, but there are 1"):
        bench.load_separator(SYSTEM, settings={"R": 1, "audio_index": 2})


def test_has_as_many_parameters_as_published(separator: Separator) -> None:
    counted = separator.card.parameters
    assert counted is not None
    for part, published in (("network", 13_696_065), ("lip_encoder", 11_318_465)):
        assert sum(p.numel() for p in separator.get_submodule(part).parameters()) == published
    assert (counted.separator, counted.lip_encoder) == (13_696_065, 11_318_465)


def test_crops_are_fed_as_the_card_says(separator: Separator) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (3, 96, 96), np.uint8)
    prepared = separator.prepare_mouths(crops)
    expected = (crops[:, 4:92, 4:92] / 255 - 0.361858) / 0.147485
    np.testing.assert_array_equal(prepared.numpy(), expected.astype(np.float32))
    assert separator.mouth_input is not None
    assert separator.mouth_input.convention == "ours"


def test_the_published_crop_needs_larger_crops_than_are_stored() -> None:
    separator = bench.load_separator(SYSTEM, settings={"mouth_input": "as-published"})
    with pytest.raises(UsageError, match="too small for a centre crop of 112x112"):
        separator.prepare_mouths(np.zeros((3, 96, 96), np.uint8))
    assert separator.prepare_mouths(np.zeros((3, 120, 120), np.uint8)).shape == (3, 112, 112)


def lip_file_names(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Give tensors the names of the published lip file, which holds a word classifier too."""
    older = {
        re.sub(r"^front3d\.conv3d\.", "video_front3D.", name).removeprefix("front3d."): tensor
        for name, tensor in tensors.items()
    }
    return {**older, "lstm.weight_ih_l0": torch.zeros(4, 4)}


@torch.inference_mode()
def test_loads_the_published_files(
    separator: Separator, states: dict[str, dict[str, torch.Tensor]], tmp_path: Path
) -> None:
    lips = lip_file_names(states["lip_checkpoint"])
    loaded = bench.load_separator(
        SYSTEM,
        checkpoint=write_lightning(tmp_path / "a.ckpt", av_model=states["checkpoint"], other=lips),
        lip_checkpoint=write_model_state(tmp_path / "video_resnet18.pt", lips),
    )
    assert loaded.identity.weights == "checkpoint"
    heard, seen = mixture("files", 1, 4000), mouths("files", 1, 7)
    torch.testing.assert_close(loaded(heard, seen), separator(heard, seen), rtol=0, atol=0)


def test_the_file_says_where_the_video_enters(
    states: dict[str, dict[str, torch.Tensor]], tmp_path: Path
) -> None:
    def later(name: str) -> str:
        number = int(name.split(".")[2])
        if number < 8:
            return name.replace(f"feats_conv.lists.{number}.", f"audio_conv.lists.{number + 8}.")
        return name.replace(f"lists.{number}.", f"lists.{number - 8}.")

    moved = {
        later(name) if name.startswith("feats_conv") else name: tensor
        for name, tensor in states["checkpoint"].items()
    }
    loaded = bench.load_separator(
        SYSTEM,
        checkpoint=write_lightning(tmp_path / "a.ckpt", av_model=moved),
        lip_checkpoint=write_model_state(tmp_path / "lips.pt", states["lip_checkpoint"]),
    )
    assert loaded.identity.settings == {"audio_index": 2}


@pytest.mark.parametrize("problem", ["1 missing", "1 left over", "1 of another shape"])
def test_refuses_a_file_that_does_not_fill_the_network(
    states: dict[str, dict[str, torch.Tensor]], tmp_path: Path, problem: str
) -> None:
    tensors = damaged(states["checkpoint"], "mask.bias")[problem]
    with pytest.raises(CheckpointError, match=rf"{problem}: mask\.bias"):
        bench.load_separator(
            SYSTEM,
            checkpoint=write_lightning(tmp_path / "a.ckpt", av_model=tensors),
            lip_checkpoint=write_model_state(tmp_path / "lips.pt", states["lip_checkpoint"]),
        )


def test_says_what_a_wrong_file_looks_like(
    states: dict[str, dict[str, torch.Tensor]], tmp_path: Path
) -> None:
    lips = write_model_state(tmp_path / "lips.pt", states["lip_checkpoint"])
    with pytest.raises(CheckpointError, match="looks like the lip_checkpoint of av-convtasnet"):
        bench.load_separator(SYSTEM, checkpoint=lips, lip_checkpoint=lips)


def test_a_lone_file_asks_for_the_other(tmp_path: Path) -> None:
    path = write_lightning(tmp_path / "a.ckpt", av_model={"mask.bias": torch.zeros(256)})
    with pytest.raises(UsageError, match="also needs lip_checkpoint"):
        bench.load_separator(SYSTEM, checkpoint=path)
