from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from published_files import damaged
from safetensors.torch import save_file
from torch import Tensor
from vectors import (
    Case,
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
from bench.errors import CheckpointError
from bench.separators.base import Separator

SYSTEM = "dolphin"
SALT = "public"
# The published float32 answer is good to 3e-4 of the peak, and 1e-3 is the bound that its authors'
# arithmetic deserves; with the same rounding of the cosines a tenth of it is kept.
TOLERANCE_OF_THE_PEAK = 1e-4
TOLERANCE_OF_EMBEDDINGS = 1e-5
CODEBOOK = "video_encoder.semantic_model.quantizer.layers.0._codebook."


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return read_vectors(SYSTEM)


@pytest.fixture(scope="module")
def state(vectors: Vectors) -> dict[str, Tensor]:
    """The published tensors by the rule, but with codes of unit variance."""
    tensors = published_states(SYSTEM, vectors, SALT)["checkpoint"]
    return tensors | {f"{CODEBOOK}embed": tensors[f"{CODEBOOK}embed"] * 128}


@pytest.fixture(scope="module")
def separator(vectors: Vectors, state: dict[str, Tensor]) -> Separator:
    return filled_separator(SYSTEM, vectors, SALT, replaced=state)


@pytest.fixture(scope="module")
def answers(separator: Separator, vectors: Vectors) -> dict[str, tuple[Tensor, Tensor]]:
    """Embedding and estimate of every case, computed once with one thread."""
    with threads(1), torch.inference_mode():
        return {case.name: answer(separator, case) for case in vectors.cases}


def answer(separator: Separator, case: Case) -> tuple[Tensor, Tensor]:
    heard, seen = inputs(case)
    embedding = separator.encode_mouths(seen)
    return embedding, separator(heard, embeddings=embedding)


def check(vectors: Vectors, name: str, embedding: Tensor, estimate: Tensor) -> None:
    head = f"{name}_video_embedding_head"
    assert largest_difference(vectors, head, embedding[0, :, :4]) < TOLERANCE_OF_EMBEDDINGS
    assert embedding.shape[1:] == tuple(vectors.arrays[f"{name}_video_embedding_shape"])
    size = float(embedding.square().mean().sqrt())
    assert abs(size - vectors.arrays[f"{name}_video_embedding_rms"]) < TOLERANCE_OF_EMBEDDINGS
    difference = largest_difference(vectors, f"{name}_estimate", estimate)
    assert difference < TOLERANCE_OF_THE_PEAK * float(estimate.abs().max())


@pytest.mark.parametrize("name", ["odd", "two_seconds"])
def test_equals_the_published_code(
    answers: dict[str, tuple[Tensor, Tensor]], vectors: Vectors, name: str
) -> None:
    check(vectors, name, *answers[name])


@pytest.mark.parametrize("name", ["odd", "two_seconds"])
def test_equals_the_complete_vectors(
    answers: dict[str, tuple[Tensor, Tensor]], material: Path, name: str
) -> None:
    check(read_vectors(SYSTEM, material), name, *answers[name])


@pytest.mark.slow
@torch.inference_mode()
def test_equals_the_published_code_with_two_threads(separator: Separator, vectors: Vectors) -> None:
    with threads(2):
        check(vectors, "odd", *answer(separator, vectors.case("odd")))


@torch.inference_mode()
def test_exact_cosines_stay_within_the_error_of_the_published_ones(
    answers: dict[str, tuple[Tensor, Tensor]], vectors: Vectors, state: dict[str, Tensor]
) -> None:
    exact = filled_separator(
        SYSTEM, vectors, SALT, settings={"exact_cosines": True}, replaced=state
    )
    embedding, rounded = answers["odd"]
    voice = exact(inputs(vectors.case("odd"))[0], embeddings=embedding)
    error = float(vectors.arrays["odd_estimate64_max_abs_error"])  # of the published answer
    difference = float((voice - rounded).abs().max())
    assert 0.5 * error < difference < 1.5 * error


@torch.inference_mode()
@pytest.mark.parametrize(("samples", "frames"), [(16, 1), (19, 2), (82, 1), (1001, 3)])
def test_short_mixtures_keep_their_length(separator: Separator, samples: int, frames: int) -> None:
    voice = separator(mixture("short", 1, samples), mouths("short", 1, frames))
    assert voice.shape == (1, 1, samples)
    assert voice.isfinite().all()
    assert not voice[..., samples - samples % 4 :].any()


def test_has_as_many_parameters_as_published(separator: Separator) -> None:
    counted = separator.card.parameters
    assert counted is not None
    for part, published in (("network", 6_218_630), ("lip_encoder", 781_818)):
        assert sum(p.numel() for p in separator.get_submodule(part).parameters()) == published
    assert (counted.separator, counted.total) == (6_218_630, 7_000_448)


def test_crops_are_fed_as_published(separator: Separator) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (3, 96, 96), np.uint8)
    expected = (crops[:, 4:92, 4:92] / 255 - 0.421) / 0.165
    prepared = separator.prepare_mouths(crops)
    np.testing.assert_array_equal(prepared.numpy(), expected.astype(np.float32))


def write(path: Path, tensors: dict[str, Tensor]) -> Path:
    save_file({name: tensor.clone() for name, tensor in tensors.items()}, path)
    return path


def test_loads_the_published_file(
    separator: Separator, state: dict[str, Tensor], tmp_path: Path
) -> None:
    statistics = {
        f"{CODEBOOK}{name}": torch.zeros(1, 256) for name in ("cluster_size", "batch_mean")
    }
    flag = {f"{CODEBOOK}initted": torch.tensor([True])}
    path = write(tmp_path / "model.safetensors", state | statistics | flag)
    loaded = bench.load_separator(SYSTEM, checkpoint=path)
    assert loaded.identity.weights == "checkpoint"
    expected = separator.state_dict()
    assert loaded.state_dict().keys() == expected.keys()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in loaded.state_dict().items())


def test_refuses_a_codebook_that_was_never_filled(state: dict[str, Tensor], tmp_path: Path) -> None:
    flag = {f"{CODEBOOK}initted": torch.tensor([False])}
    with pytest.raises(CheckpointError, match="never initialised"):
        bench.load_separator(SYSTEM, checkpoint=write(tmp_path / "a.safetensors", state | flag))


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        ("1 missing", "pre_v1.conv.bias"),
        ("1 left over", "pre_v1.conv.bias_twice"),
        ("1 of another shape", "pre_v1.conv.bias"),
    ],
)
def test_refuses_a_file_that_does_not_fill_the_network(
    state: dict[str, Tensor], tmp_path: Path, problem: str, name: str
) -> None:
    tensors = damaged(state, "pre_v1.conv.bias")[problem]
    path = write(tmp_path / "a.safetensors", tensors)
    with pytest.raises(CheckpointError, match=re.escape(f"{problem}: {name}")):
        bench.load_separator(SYSTEM, checkpoint=path)


def test_tells_a_file_with_another_codebook(state: dict[str, Tensor], tmp_path: Path) -> None:
    codes = {f"{CODEBOOK}embed": state[f"{CODEBOOK}embed"][:, :128].contiguous()}
    path = write(tmp_path / "a.safetensors", state | codes)
    with pytest.raises(CheckpointError, match="codebook_size=128"):
        bench.load_separator(SYSTEM, checkpoint=path)
    loaded = bench.load_separator(SYSTEM, checkpoint=path, settings={"codebook_size": 128})
    assert loaded.identity.settings == {"codebook_size": 128}


def test_says_what_a_wrong_file_looks_like(state: dict[str, Tensor], tmp_path: Path) -> None:
    path = write(tmp_path / "a.safetensors", state)
    with pytest.raises(CheckpointError, match="looks like the checkpoint of dolphin"):
        bench.load_separator("av-tfgridnet", checkpoint=path)
