from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from published_files import complaint, damaged
from torch import Tensor
from vectors import (
    Vectors,
    filled_separator,
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

SYSTEM = "avlit-8"
SALT = "public"
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return read_vectors("avlit")


@pytest.fixture(scope="module")
def separator(vectors: Vectors) -> Separator:
    return filled_separator(SYSTEM, vectors, SALT)


@pytest.fixture(scope="module")
def state(vectors: Vectors) -> dict[str, Tensor]:
    return published_states(SYSTEM, vectors, SALT)["checkpoint"]


@torch.inference_mode()
def check(vectors: Vectors, name: str) -> None:
    """Hold one case to the published answers, frame vectors included."""
    case = vectors.case(name)
    position = int(vectors.arrays[f"{name}_fusion_positions"].item())
    separator = filled_separator(SYSTEM, vectors, case.salt, settings={"fusion_position": position})
    seen = mouths(case.salt, case.batch, case.frames, 64, speakers=2)
    embedding = separator.encode_mouths(seen)
    head = largest_difference(vectors, f"{name}_video_embedding_head", embedding[:, :, :4])
    assert head < TOLERANCE
    rms = float(vectors.arrays[f"{name}_video_embedding_rms"])
    assert float(embedding.double().square().mean().sqrt()) == pytest.approx(rms, rel=1e-6)
    estimate = separator(mixture(case.salt, case.batch, case.samples), embeddings=embedding)
    assert largest_difference(vectors, f"{name}_estimate", estimate) < TOLERANCE


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("two_seconds", 1),
        ("odd", 1),
        ("fusion_first", 1),
        pytest.param("odd", 2, marks=pytest.mark.slow),
    ],
)
def test_equals_the_published_code(vectors: Vectors, name: str, number: int) -> None:
    with threads(number):
        check(vectors, name)


@pytest.mark.parametrize("name", ["two_seconds", "odd", "fusion_first"])
def test_equals_the_complete_vectors(material: Path, name: str) -> None:
    check(read_vectors("avlit", material), name)


@torch.inference_mode()
def test_items_of_a_batch_do_not_meet(separator: Separator) -> None:
    heard, seen = mixture("batch", 3, 8001), mouths("batch", 3, 13, 64, speakers=2)
    together = separator(heard, seen)
    assert together.shape == (3, 2, 8001)
    for item in range(3):
        alone = separator(heard[item, None], seen[item, None])
        torch.testing.assert_close(together[item, None], alone, rtol=0, atol=1e-5)


@torch.inference_mode()
def test_embeddings_replace_mouths(separator: Separator) -> None:
    heard, seen = mixture("given", 1, 4000), mouths("given", 1, 7, 64, speakers=2)
    one_by_one = [separator.encode_mouths(seen[:, k, None]) for k in (0, 1)]
    voices = separator(heard, embeddings=torch.cat(one_by_one, 1))
    torch.testing.assert_close(voices, separator(heard, seen), rtol=0, atol=1e-6)


@torch.inference_mode()
def test_both_mouths_reach_both_voices(separator: Separator) -> None:
    heard, seen = mixture("both", 1, 4000), mouths("both", 1, 7, 64, speakers=2)
    voices = separator(heard, seen)
    for changed in (0, 1):
        other = seen.clone()
        other[:, changed] = seen[:, changed].flip(1)
        assert ((separator(heard, other) - voices).abs().amax(-1) > 1e-4).all()


@torch.inference_mode()
@pytest.mark.parametrize("samples", [1, 159, 160, 161])
def test_the_shortest_mixtures_keep_their_length(separator: Separator, samples: int) -> None:
    seen = mouths("short", 1, 1, 64, speakers=2)
    assert separator(mixture("short", 1, samples), seen).shape == (1, 2, samples)


def test_refuses_more_video_than_audio(separator: Separator) -> None:
    with pytest.raises(UsageError, match="25 mouth frames were given"):
        separator(mixture("short", 1, 160), mouths("short", 1, 25, 64, speakers=2))


def test_refuses_another_number_of_mouths(separator: Separator) -> None:
    with pytest.raises(UsageError, match="1 mouths were given, but this AVLIT separates 2"):
        separator(mixture("one", 1, 4000), mouths("one", 1, 7, 64))


@torch.inference_mode()
def test_built_for_one_source_it_extracts_one_voice_per_mouth() -> None:
    separator = bench.load_separator(SYSTEM, settings={"num_sources": 1})
    assert sum(p.numel() for p in separator.parameters()) == 5_548_486
    heard, seen = mixture("one", 1, 4000), mouths("one", 1, 7, 64, speakers=2)
    voices = separator(heard, seen)
    assert voices.shape == (1, 2, 4000)
    alone = separator(heard, seen[:, 1, None])
    torch.testing.assert_close(voices[:, 1, None], alone, rtol=0, atol=1e-6)


def test_refuses_a_fusion_that_would_never_happen() -> None:
    with pytest.raises(UsageError, match="the rounds are 0 to 3"):
        bench.load_separator(SYSTEM, settings={"audio_num_blocks": 4})


def test_has_as_many_parameters_as_published(separator: Separator) -> None:
    counted = separator.card.parameters
    assert counted is not None
    for part, expected in (("network", counted.separator), ("lip_encoder", counted.lip_encoder)):
        assert sum(p.numel() for p in separator.get_submodule(part).parameters()) == expected
    assert (counted.separator, counted.lip_encoder) == (5_740_179, 5_427)


def test_crops_are_fed_as_the_card_says(separator: Separator) -> None:
    crops = np.tile(np.arange(96, dtype=np.uint8), (2, 96, 1))
    prepared = separator.prepare_mouths(crops)
    assert prepared.shape == (2, 64, 64)
    # Column k of 64 lies at 1.5 k + 0.25 of 96, between the pixels that surround it.
    expected = (1.5 * torch.arange(64) + 0.25) / 255
    torch.testing.assert_close(prepared[0, 5], expected, rtol=0, atol=1e-6)
    faces = bench.load_separator(SYSTEM, settings={"mouth_input": "face"})
    white = faces.prepare_mouths(np.full((2, 224, 224, 3), 255, np.uint8))
    torch.testing.assert_close(white, torch.ones(2, 64, 64))
    assert {way.convention for way in separator.card.mouth_inputs.values()} == {"ours"}


@torch.inference_mode()
def test_loads_the_published_file(
    separator: Separator, state: dict[str, Tensor], tmp_path: Path
) -> None:
    torch.save(state, tmp_path / "avlit.pt")
    loaded = bench.load_separator(SYSTEM, checkpoint=tmp_path / "avlit.pt")
    assert loaded.identity.weights == "checkpoint"
    heard, seen = mixture("file", 1, 4000), mouths("file", 1, 7, 64, speakers=2)
    torch.testing.assert_close(loaded(heard, seen), separator(heard, seen), rtol=0, atol=0)


@pytest.mark.parametrize("problem", ["1 missing", "1 left over", "1 of another shape"])
def test_refuses_a_file_that_does_not_fill_the_network(
    state: dict[str, Tensor], tmp_path: Path, problem: str
) -> None:
    name = "video_branch.afrcnn_block.concat_layer.4.conv.bias"
    torch.save(damaged(state, name)[problem], tmp_path / "avlit.pt")
    with pytest.raises(CheckpointError, match=complaint(problem, name)):
        bench.load_separator(SYSTEM, checkpoint=tmp_path / "avlit.pt")


def test_a_network_for_one_source_has_to_be_asked_for(
    state: dict[str, Tensor], tmp_path: Path
) -> None:
    halves = {"mask_net.1.weight": 512, "mask_net.1.bias": 512}
    single = {name: t[: halves.get(name)] for name, t in state.items()}
    single["video_bottleneck.weight"] = state["video_bottleneck.weight"][:, :1024]
    torch.save(single, tmp_path / "avlit.pt")
    with pytest.raises(CheckpointError, match="say --set num_sources=1"):
        bench.load_separator(SYSTEM, checkpoint=tmp_path / "avlit.pt")
    loaded = bench.load_separator(
        SYSTEM, checkpoint=tmp_path / "avlit.pt", settings={"num_sources": 1}
    )
    assert loaded.identity.settings == {"num_sources": 1}


def test_recognises_the_file_of_another_system(state: dict[str, Tensor], tmp_path: Path) -> None:
    torch.save(state, tmp_path / "avlit.pt")
    with pytest.raises(CheckpointError, match="looks like the checkpoint of avlit-8"):
        bench.load_separator(
            "av-convtasnet",
            checkpoint=tmp_path / "avlit.pt",
            lip_checkpoint=tmp_path / "avlit.pt",
        )
