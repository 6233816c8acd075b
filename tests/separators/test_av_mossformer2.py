from __future__ import annotations

import re
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

SYSTEM = "av-mossformer2"
SALT = "public"
SIZE = 112
TOLERANCE = 2e-6
TOLERANCE_OF_EMBEDDINGS = 1e-5


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return read_vectors(SYSTEM)


@pytest.fixture(scope="module")
def separator(vectors: Vectors) -> Separator:
    return filled_separator(SYSTEM, vectors, SALT)


@pytest.fixture(scope="module")
def small() -> Separator:
    """A network of one layer: what does not depend on depth is tested with it."""
    return bench.load_separator(SYSTEM, settings={"intra_numlayers": 1})


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
    difference = largest_difference(vectors, f"{name}_video_embedding", embedding)
    assert difference < TOLERANCE_OF_EMBEDDINGS
    assert largest_difference(vectors, f"{name}_estimate", estimate) < TOLERANCE


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
@pytest.mark.parametrize("samples", [16, 31, 1001])
def test_short_mixtures_keep_their_length(small: Separator, samples: int) -> None:
    voice = small(mixture("short", 1, samples), mouths("short", 1, 2, SIZE))
    assert voice.shape == (1, 1, samples)
    assert voice.isfinite().all()


@torch.inference_mode()
def test_what_the_last_hop_leaves_over_is_zero(small: Separator) -> None:
    voice = small(mixture("short", 1, 1005), mouths("short", 1, 2, SIZE))[0, 0]
    assert not voice[1000:].any()
    assert voice[:1000].abs().max() > 0


def test_has_as_many_parameters_as_published(separator: Separator) -> None:
    counted = separator.card.parameters
    assert counted is not None
    for part, published in (("network", 55_866_482), ("lip_encoder", 12_649_925)):
        assert sum(p.numel() for p in separator.get_submodule(part).parameters()) == published
    assert (counted.separator, counted.total) == (55_866_482, 68_516_407)


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


def is_constant(name: str) -> bool:
    return name.endswith((".rotary_pos_emb.freqs", ".pos_enc.inv_freq"))


@pytest.fixture(scope="module")
def first_layer(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """What a file of a network of one layer holds, without the constants."""
    later = re.compile(r"\.(layers|fsmn)\.[1-9]\d*\.")
    return {n: t for n, t in state.items() if not later.search(n) and not is_constant(n)}


def load(path: Path) -> Separator:
    return bench.load_separator(SYSTEM, checkpoint=path, settings={"intra_numlayers": 1})


def test_loads_the_published_file(
    separator: Separator, vectors: Vectors, state: dict[str, Tensor], tmp_path: Path
) -> None:
    constants = {n: torch.ones(s) for n, s in vectors.shapes("sep").items() if is_constant(n)}
    assert len(constants) == 25
    path = write_recipe(
        tmp_path / "last_best_checkpoint.pt", {**state, **constants}, prefix="module."
    )
    loaded = bench.load_separator(SYSTEM, checkpoint=path)
    assert loaded.identity.weights == "checkpoint"
    expected = separator.state_dict()
    assert loaded.state_dict().keys() == expected.keys()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in loaded.state_dict().items())


def test_constants_may_be_missing(first_layer: dict[str, Tensor], tmp_path: Path) -> None:
    path = tmp_path / "bare.pt"
    torch.save(first_layer, path)
    constant = load(path).state_dict()["network.rotary_frequencies"]
    expected = 10000 ** (-np.arange(16) / 16)
    np.testing.assert_allclose(constant.numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("problem", ["1 missing", "1 left over", "1 of another shape"])
def test_refuses_a_file_that_does_not_fill_the_network(
    first_layer: dict[str, Tensor], tmp_path: Path, problem: str
) -> None:
    name = "sep_network.separator.av_conv.bias"
    tensors = damaged(first_layer, name)[problem]
    with pytest.raises(
        CheckpointError,
        match=complaint(problem, name),
    ):
        load(write_recipe(tmp_path / "a.pt", tensors))


def test_tells_a_file_with_fewer_layers(first_layer: dict[str, Tensor], tmp_path: Path) -> None:
    path = write_recipe(tmp_path / "a.pt", first_layer)
    with pytest.raises(CheckpointError, match="intra_numlayers=1"):
        bench.load_separator(SYSTEM, checkpoint=path)
    assert load(path).identity.settings == {"intra_numlayers": 1}


def test_says_what_a_wrong_file_looks_like(state: dict[str, Tensor], tmp_path: Path) -> None:
    path = write_recipe(tmp_path / "a.pt", state)
    with pytest.raises(CheckpointError, match="looks like the checkpoint of av-mossformer2"):
        bench.load_separator("av-tfgridnet", checkpoint=path)
