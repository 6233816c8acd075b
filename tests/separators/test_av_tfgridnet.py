from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from published_files import complaint, damaged, write_recipe
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

SYSTEM = "av-tfgridnet"
SALT = "public"
SIZE = 112
TOLERANCE = 1e-5
TOLERANCE_ON_THE_LAST_TAIL = 5e-5  # of the samples % 128 that one window alone covers


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return read_vectors(SYSTEM)


@pytest.fixture(scope="module")
def separator(vectors: Vectors) -> Separator:
    return filled_separator(SYSTEM, vectors, SALT)


@pytest.fixture(scope="module")
def small() -> Separator:
    """A network of one block: what does not depend on depth is tested with it."""
    return bench.load_separator(SYSTEM, settings={"n_layers": 1})


@pytest.fixture(scope="module")
def state(vectors: Vectors) -> dict[str, Tensor]:
    return published_states(SYSTEM, vectors, SALT)["checkpoint"]


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
    assert largest_difference(vectors, f"{name}_video_embedding", embedding) < TOLERANCE
    difference = difference_to(vectors, f"{name}_estimate", estimate)
    tail = estimate.shape[-1] % 128
    assert difference[: len(difference) - tail].max() < TOLERANCE
    assert difference.max() < TOLERANCE_ON_THE_LAST_TAIL


def difference_to(vectors: Vectors, name: str, estimate: Tensor) -> np.ndarray:
    """Absolute difference of every sample that the file holds, zero at the others."""
    expected = vectors.arrays[name].reshape(-1)
    stride = int(vectors.arrays.get(f"{name}_stride", np.array(1)))
    found = np.zeros(estimate.numel())
    found[::stride] = np.abs(estimate.double().numpy().reshape(-1)[::stride] - expected)
    return found


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
@pytest.mark.parametrize("samples", [129, 256, 1001])
def test_short_mixtures_keep_their_length(small: Separator, samples: int) -> None:
    voice = small(mixture("short", 1, samples), mouths("short", 1, 2, SIZE))
    assert voice.shape == (1, 1, samples)
    assert voice.isfinite().all()


def test_has_as_many_parameters_as_published(separator: Separator) -> None:
    counted = separator.card.parameters
    assert counted is not None
    for part, published in (("network", 8_130_176), ("lip_encoder", 12_649_925)):
        assert sum(p.numel() for p in separator.get_submodule(part).parameters()) == published
    assert (counted.separator, counted.total) == (8_130_176, 20_780_101)


def test_faces_are_fed_as_published_and_mouth_crops_are_called_ours(separator: Separator) -> None:
    assert separator.mouth_input is not None
    assert (separator.mouth_input.stream, separator.mouth_input.convention) == (
        "face_track",
        "published",
    )
    track = np.full((2, 5, 224, 224, 3), 128, np.uint8)
    prepared = separator.prepare_mouths(track)
    assert prepared.shape == (2, 5, SIZE, SIZE)
    np.testing.assert_allclose(prepared, (128 / 255 - 0.4161) / 0.1688, rtol=1e-6)
    other = separator.card.mouth_inputs["mouth-crops"]
    assert (other.stream, other.convention, other.shape) == ("mouth", "ours", (SIZE, SIZE))


@pytest.mark.parametrize("prefix", ["", "module."])
def test_loads_the_published_file(
    separator: Separator, state: dict[str, Tensor], tmp_path: Path, prefix: str
) -> None:
    path = write_recipe(tmp_path / "last_best_checkpoint.pt", state, prefix=prefix)
    loaded = bench.load_separator(SYSTEM, checkpoint=path)
    assert loaded.identity.weights == "checkpoint"
    expected = separator.state_dict()
    assert loaded.state_dict().keys() == expected.keys()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in loaded.state_dict().items())


@pytest.mark.parametrize("problem", ["1 missing", "1 left over", "1 of another shape"])
def test_refuses_a_file_that_does_not_fill_the_network(
    state: dict[str, Tensor], tmp_path: Path, problem: str
) -> None:
    name = "sep_network.deconv.bias"
    tensors = damaged(state, name)[problem]
    with pytest.raises(CheckpointError, match=complaint(problem, name)):
        bench.load_separator(SYSTEM, checkpoint=write_recipe(tmp_path / "a.pt", tensors))


def test_tells_a_file_with_fewer_blocks(state: dict[str, Tensor], tmp_path: Path) -> None:
    fewer = {name: t for name, t in state.items() if ".5." not in name or "ref_" in name}
    path = write_recipe(tmp_path / "a.pt", fewer)
    with pytest.raises(CheckpointError, match="n_layers=5"):
        bench.load_separator(SYSTEM, checkpoint=path)
    loaded = bench.load_separator(SYSTEM, checkpoint=path, settings={"n_layers": 5})
    assert loaded.identity.settings == {"n_layers": 5}


def test_says_what_a_wrong_file_looks_like(state: dict[str, Tensor], tmp_path: Path) -> None:
    path = write_recipe(tmp_path / "a.pt", state)
    with pytest.raises(CheckpointError, match="looks like the checkpoint of av-tfgridnet"):
        bench.load_separator("ctcnet", checkpoint=path, lip_checkpoint=path)
