from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from published_files import complaint, damaged, write_lightning, write_model_state, write_packaged
from torch import Tensor
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
from bench.separators.card import Setting

SYSTEM = "swift-net"
SALT = "public"
TOLERANCE = 1e-5
WIDTHS = {"swift-net": 64, "swift-net-wide": 256}
CASES = [
    ("swift-net", "two_seconds"),
    ("swift-net", "odd"),
    ("swift-net", "odd_6"),
    ("swift-net", "probe"),
    ("swift-net", "rows50"),
    ("swift-net-wide", "odd"),
    ("swift-net-wide", "shallow"),
]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return read_vectors(SYSTEM)


@pytest.fixture(scope="module")
def states(vectors: Vectors) -> dict[str, dict[str, Tensor]]:
    return published_states(SYSTEM, vectors, SALT)


@pytest.fixture(scope="module")
def shallow(vectors: Vectors) -> Separator:
    """One use of the audio block keeps the video visible in the waveform."""
    return filled_separator(SYSTEM, vectors, SALT, settings={"repeats": 1})


@torch.inference_mode()
def check(vectors: Vectors, width: int, name: str) -> None:
    """Hold one case to the published answers, lip embedding included."""
    case = vectors.case(name)
    repeats = int(vectors.arrays[f"{name}_repeats"].item())
    settings: dict[str, Setting] = {"repeats": repeats, "video_hid_chan": width}
    separator = filled_separator(SYSTEM, vectors, case.salt, settings=settings)
    heard, seen = inputs(case)
    rows = int(vectors.arrays.get(f"{name}_rows", np.array(88)).item())
    embedding = separator.encode_mouths(seen[..., :rows, :])
    assert largest_difference(vectors, f"{name}_video_embedding", embedding) < TOLERANCE
    estimate = separator(heard, embeddings=embedding)
    assert largest_difference(vectors, f"{name}_estimate", estimate) < TOLERANCE


@pytest.mark.parametrize(("file", "name"), CASES)
def test_equals_the_published_code(file: str, name: str) -> None:
    check(read_vectors(file), WIDTHS[file], name)


def test_equals_the_published_code_with_two_threads(vectors: Vectors) -> None:
    with threads(2):
        check(vectors, 64, "probe")


@pytest.mark.parametrize(("file", "name"), CASES)
def test_equals_the_complete_vectors(material: Path, file: str, name: str) -> None:
    check(read_vectors(file, material), WIDTHS[file], name)


@torch.inference_mode()
def test_a_voice_does_not_depend_on_what_else_is_in_the_call(shallow: Separator) -> None:
    # In the released code the second item of a batch sees the lips of the first.
    heard, seen = mixture("batch", 2, 8010), mouths("batch", 2, 13, speakers=2)
    together = shallow(heard, seen)
    assert together.shape == (2, 2, 8010)
    for item in range(2):
        for speaker in range(2):
            alone = shallow(heard[item, None], seen[item, None, speaker, None])
            torch.testing.assert_close(together[item, speaker], alone[0, 0], rtol=0, atol=1e-6)


@torch.inference_mode()
@pytest.mark.parametrize("samples", [129, 255, 256])
def test_short_mixtures_keep_their_length(shallow: Separator, samples: int) -> None:
    assert shallow(mixture("short", 1, samples), mouths("short", 1, 1)).shape == (1, 1, samples)


@pytest.mark.parametrize(("width", "count"), [(64, 530_290), (256, 1_467_826)])
def test_has_as_many_parameters_as_published(width: int, count: int) -> None:
    separator = bench.load_separator(SYSTEM, settings={"video_hid_chan": width})
    assert sum(p.numel() for p in separator.get_submodule("network").parameters()) == count
    counted = separator.card.parameters
    assert counted is not None
    lips = sum(p.numel() for p in separator.get_submodule("lip_encoder").parameters())
    assert (counted.separator, counted.lip_encoder) == (530_290, lips)


def test_crops_are_fed_as_the_card_says(shallow: Separator) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (3, 96, 96), np.uint8)
    expected = ((crops[:, 4:92, 4:92] / 255 - 0.421) / 0.165).astype(np.float32)
    np.testing.assert_array_equal(shallow.prepare_mouths(crops).numpy(), expected)
    released = bench.load_separator(SYSTEM, settings={"mouth_input": "as-published"})
    np.testing.assert_array_equal(released.prepare_mouths(crops).numpy(), expected[:, :50])


@torch.inference_mode()
def test_loads_the_published_files(
    shallow: Separator, states: dict[str, dict[str, Tensor]], tmp_path: Path
) -> None:
    lips = write_model_state(tmp_path / "lips.pth.tar", states["lip_checkpoint"])
    training = {"audio_model": states["checkpoint"], "video_model": states["lip_checkpoint"]}
    files = [
        (write_packaged(tmp_path / "a.pth", states["checkpoint"], "SwiftNet"), lips),
        (write_lightning(tmp_path / "b.ckpt", **training), tmp_path / "b.ckpt"),
    ]
    heard, seen = mixture("files", 1, 4000), mouths("files", 1, 7)
    for checkpoint, lip_checkpoint in files:
        loaded = bench.load_separator(
            SYSTEM,
            checkpoint=checkpoint,
            lip_checkpoint=lip_checkpoint,
            settings={"repeats": 1},
        )
        assert loaded.identity.weights == "checkpoint"
        torch.testing.assert_close(loaded(heard, seen), shallow(heard, seen), rtol=0, atol=0)


def test_the_file_says_how_wide_the_video_branch_is(tmp_path: Path) -> None:
    wide = published_states(SYSTEM, read_vectors("swift-net-wide"), SALT)
    loaded = bench.load_separator(
        SYSTEM,
        checkpoint=write_packaged(tmp_path / "a.pth", wide["checkpoint"], "SwiftNet"),
        lip_checkpoint=write_model_state(tmp_path / "lips.pth.tar", wide["lip_checkpoint"]),
    )
    assert loaded.identity.settings == {"video_hid_chan": 256}


@pytest.mark.parametrize("problem", ["1 missing", "1 left over", "1 of another shape"])
def test_refuses_a_file_that_does_not_fill_the_network(
    states: dict[str, dict[str, Tensor]], tmp_path: Path, problem: str
) -> None:
    tensors = damaged(states["checkpoint"], "separator.audio_net.residual_conv.conv.bias")[problem]
    with pytest.raises(
        CheckpointError,
        match=complaint(problem, "separator.audio_net.residual_conv.conv.bias"),
    ):
        bench.load_separator(
            SYSTEM,
            checkpoint=write_packaged(tmp_path / "a.pth", tensors, "SwiftNet"),
            lip_checkpoint=write_model_state(tmp_path / "lips.pth", states["lip_checkpoint"]),
        )


def test_recognises_the_file_of_another_system(
    states: dict[str, dict[str, Tensor]], tmp_path: Path
) -> None:
    lips = write_model_state(tmp_path / "lips.pth", states["lip_checkpoint"])
    ours = write_packaged(tmp_path / "a.pth", states["checkpoint"], "SwiftNet")
    with pytest.raises(CheckpointError, match="looks like the checkpoint of swift-net"):
        bench.load_separator("ctcnet", checkpoint=ours, lip_checkpoint=lips)


def test_a_lone_file_asks_for_the_other(
    states: dict[str, dict[str, Tensor]], tmp_path: Path
) -> None:
    path = write_packaged(tmp_path / "a.pth", states["checkpoint"], "SwiftNet")
    with pytest.raises(UsageError, match="also needs lip_checkpoint"):
        bench.load_separator(SYSTEM, checkpoint=path)
