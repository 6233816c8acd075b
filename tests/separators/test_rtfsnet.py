from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from published_files import complaint, damaged, write_lightning, write_model_state, write_packaged
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import conv2d, pad
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
from bench.separators.rtfsnet import RTFSNet
from bench.separators.rtfsnet_blocks import MapFilter
from bench.separators.rtfsnet_deferred import Deferred
from bench.separators.rtfsnet_sru import RecurrentLayer

SALT = "public"
TOLERANCE = 2e-5
BARE = "rtfsnet-4-bare-projection"
SHARP = "rtfsnet-4-sharp-attention"

# Systems and cases; the variants have vectors of their own.
CASES = [
    ("rtfsnet-4", "two_seconds"),
    ("rtfsnet-4", "odd"),
    ("rtfsnet-6", "odd"),
    ("rtfsnet-12", "odd"),
    (BARE, "odd"),
    (SHARP, "odd"),
]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return read_vectors("rtfsnet-4")


@pytest.fixture(scope="module")
def separator(vectors: Vectors) -> Separator:
    return filled_separator("rtfsnet-4", vectors, SALT)


@pytest.fixture(scope="module")
def states(vectors: Vectors) -> dict[str, dict[str, Tensor]]:
    return published_states("rtfsnet-4", vectors, SALT)


def filled(name: str, vectors: Vectors) -> Separator:
    """Build the system, or the variant of one, that a file of vectors is of."""
    if name in (BARE, SHARP):
        settings = {"bare_projection": name == BARE}
        return filled_separator("rtfsnet-4", vectors, SALT, settings=settings)
    return filled_separator(name, vectors, SALT)


def check(separator: Separator, vectors: Vectors, case: str) -> None:
    """Hold one case to the published answers."""
    heard, seen = inputs(vectors.case(case))
    embedding = separator.encode_mouths(seen)
    assert largest_difference(vectors, f"{case}_video_embedding", embedding) < TOLERANCE
    estimate = separator(heard, embeddings=embedding)
    assert largest_difference(vectors, f"{case}_estimate", estimate) < TOLERANCE


@torch.inference_mode()
@pytest.mark.parametrize(("name", "case"), CASES)
def test_equals_the_published_code(name: str, case: str) -> None:
    vectors = read_vectors(name)
    check(filled(name, vectors), vectors, case)


@torch.inference_mode()
def test_two_threads_compute_what_one_computes(separator: Separator) -> None:
    heard, seen = mixture("threads", 1, 2000), mouths("threads", 1, 3)
    voices = []
    for number in (1, 2):
        with threads(number):
            voices.append(separator(heard, seen))
    torch.testing.assert_close(*voices, rtol=0, atol=TOLERANCE)


@pytest.mark.slow
@torch.inference_mode()
def test_equals_the_published_code_with_two_threads(separator: Separator, vectors: Vectors) -> None:
    with threads(2):
        check(separator, vectors, "odd")


@torch.inference_mode()
@pytest.mark.parametrize("name", ["rtfsnet-4", "rtfsnet-6", "rtfsnet-12", BARE, SHARP])
def test_equals_the_complete_vectors(name: str, material: Path) -> None:
    vectors = read_vectors(name, material)
    separator = filled(name, vectors)
    for case in vectors.cases:
        check(separator, vectors, case.name)


@torch.inference_mode()
def test_the_network_takes_batches_as_a_gpu_gives_them(separator: Separator) -> None:
    heard, seen = mixture("batch", 3, 4001), mouths("batch", 3, 5, speakers=2)
    embeddings = separator.encode_mouths(seen)
    together = separator.network(heard, embeddings)
    one_by_one = separator(heard, embeddings=embeddings)
    torch.testing.assert_close(together, one_by_one, rtol=0, atol=1e-5)


@torch.inference_mode()
@pytest.mark.parametrize(("samples", "frames"), [(1920, 1), (2047, 4), (16000, 25), (5001, 60)])
def test_accepts_any_length_with_any_number_of_frames(
    separator: Separator, samples: int, frames: int
) -> None:
    voice = separator(mixture("length", 1, samples), mouths("length", 1, frames))
    assert voice.shape == (1, 1, samples)
    assert voice.isfinite().all()


def test_has_as_many_parameters_as_published(separator: Separator) -> None:
    counted = separator.card.parameters
    assert counted is not None
    bare = bench.load_separator("rtfsnet-4", settings={"bare_projection": True})
    for network, published in (
        (separator.network, counted.separator),
        (separator.lip_encoder, counted.lip_encoder),
        (bare.network, 739_952),
    ):
        assert sum(p.numel() for p in network.parameters()) == published
    assert (counted.separator, counted.lip_encoder) == (740_210, 11_186_688)


def test_the_cards_differ_in_the_number_of_repeats_alone() -> None:
    for repeats in (4, 6, 12):
        separator = bench.load_separator(f"rtfsnet-{repeats}")
        assert isinstance(separator, RTFSNet)
        assert separator.network.repeats == repeats
        assert separator.card.files == bench.load_separator("rtfsnet-4").card.files


@torch.inference_mode()
def test_the_number_of_repeats_can_be_set() -> None:
    separator = bench.load_separator("rtfsnet-4", settings={"repeats": 1})
    assert separator.identity.settings == {"repeats": 1}
    assert separator(mixture("once", 1, 2000), mouths("once", 1, 3)).isfinite().all()
    with pytest.raises(UsageError, match="repeats=0"):
        bench.load_separator("rtfsnet-4", settings={"repeats": 0})


def test_crops_are_fed_as_the_card_says(separator: Separator) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (3, 96, 96), np.uint8)
    expected = (crops[:, 4:92, 4:92] / 255 - 0.421) / 0.165
    np.testing.assert_array_equal(separator.prepare_mouths(crops), expected.astype(np.float32))


@torch.inference_mode()
@pytest.mark.parametrize("layout", ["packaged", "lightning", "safetensors"])
def test_loads_the_published_files(
    separator: Separator, states: dict[str, dict[str, Tensor]], tmp_path: Path, layout: str
) -> None:
    net, lips = states["checkpoint"], states["lip_checkpoint"]
    word_classifier = {"tcn.tcn_output.weight": torch.zeros(500, 512)}
    lip_path = write_model_state(tmp_path / "backbone.pth.tar", {**lips, **word_classifier})
    if layout == "packaged":
        path = write_packaged(tmp_path / "best_model.pth", net, "AVNet")
    elif layout == "lightning":
        path = lip_path = write_lightning(tmp_path / "a.ckpt", audio_model=net, video_model=lips)
    else:
        path = tmp_path / "a.safetensors"
        save_file(net, path)
    loaded = bench.load_separator("rtfsnet-4", checkpoint=path, lip_checkpoint=lip_path)
    assert loaded.identity.weights == "checkpoint"
    assert loaded.identity.settings == {}
    heard, seen = mixture("files", 1, 4000), mouths("files", 1, 7)
    torch.testing.assert_close(loaded(heard, seen), separator(heard, seen), rtol=0, atol=0)


def test_the_file_says_which_revision_it_is_of(
    states: dict[str, dict[str, Tensor]], tmp_path: Path
) -> None:
    older = published_states("rtfsnet-4", read_vectors(BARE), SALT)["checkpoint"]
    loaded = bench.load_separator(
        "rtfsnet-4",
        checkpoint=write_packaged(tmp_path / "best_model.pth", older, "AVNet"),
        lip_checkpoint=write_model_state(tmp_path / "lips.pt", states["lip_checkpoint"]),
    )
    assert loaded.identity.settings == {"bare_projection": True}


@pytest.mark.parametrize("problem", ["1 missing", "1 left over", "1 of another shape"])
def test_refuses_a_file_that_does_not_fill_the_network(
    states: dict[str, dict[str, Tensor]], tmp_path: Path, problem: str
) -> None:
    name = "decoder.decoder.weight"
    tensors = damaged(states["checkpoint"], name)[problem]
    with pytest.raises(CheckpointError, match=complaint(problem, name)):
        bench.load_separator(
            "rtfsnet-4",
            checkpoint=write_packaged(tmp_path / "best_model.pth", tensors, "AVNet"),
            lip_checkpoint=write_model_state(tmp_path / "lips.pt", states["lip_checkpoint"]),
        )


def test_says_what_a_wrong_file_looks_like(
    states: dict[str, dict[str, Tensor]], tmp_path: Path
) -> None:
    lips = write_model_state(tmp_path / "lips.pt", states["lip_checkpoint"])
    with pytest.raises(CheckpointError, match="looks like the lip_checkpoint of"):
        bench.load_separator("rtfsnet-4", checkpoint=lips, lip_checkpoint=lips)
    path = write_packaged(tmp_path / "best_model.pth", states["checkpoint"], "AVNet")
    with pytest.raises(CheckpointError, match="looks like the checkpoint of rtfsnet"):
        bench.load_separator("ctcnet", checkpoint=path, lip_checkpoint=lips)


def test_a_lone_file_asks_for_the_other(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="also needs lip_checkpoint"):
        bench.load_separator("rtfsnet-4", checkpoint=tmp_path / "best_model.pth")


@torch.inference_mode()
@pytest.mark.parametrize(("channels", "taps"), [(5, 8), (6, 1)])
def test_a_recurrent_layer_follows_its_equations(channels: int, taps: int) -> None:
    """Step by step, in float64, with the products of one window at a time."""
    torch.manual_seed(0)
    units = 3
    layer = RecurrentLayer(channels, units, taps=taps).double()
    for parameter in layer.parameters():
        parameter.copy_(torch.randn_like(parameter))
    given = torch.randn(12, 4, channels, dtype=torch.float64)  # (steps, sequences, channels)
    windows = given.unfold(0, taps, 1).flatten(2)  # a feature is a channel and then a tap
    products = (windows @ layer.weight).unflatten(-1, (2, units, layer.products))
    weight, bias = layer.state_weight.view(2, 2, units), layer.bias.view(2, 2, units)
    expected = torch.zeros(len(windows), 4, 2, units, dtype=torch.float64)
    for way in (0, 1):
        state = torch.zeros(4, units, dtype=torch.float64)
        for step in range(len(windows))[:: 1 - 2 * way]:
            u = products[step, :, way]
            forget = torch.sigmoid(u[..., 1] + weight[0, way] * state + bias[0, way])
            reset = torch.sigmoid(u[..., 2] + weight[1, way] * state + bias[1, way])
            state = forget * state + (1 - forget) * u[..., 0]
            own = given[step].view(4, 2, -1)[:, way] if taps == 1 else u[..., 3]
            expected[step, :, way] = reset * state + (1 - reset) * own
    torch.testing.assert_close(layer(given), expected.flatten(2))


@torch.inference_mode()
def test_a_filter_pads_one_zero_before_and_two_after() -> None:
    torch.manual_seed(0)
    layer = MapFilter(6, bias=True)
    layer.norm = torch.nn.Identity()
    features = torch.randn(2, 6, 9, 8).contiguous(memory_format=torch.channels_last)
    padded = pad(features, (1, 2, 1, 2))
    expected = conv2d(padded, layer.conv.weight, layer.conv.bias, groups=6)
    torch.testing.assert_close(layer(features), expected)


def test_a_deferred_map_may_replace_what_it_is_computed_from() -> None:
    first, second = torch.randn(2, 3, 37, 5), torch.randn(2, 3, 37, 1)
    target = first.clone()
    doubled = Deferred(lambda features: 2 * features, (target,))
    result = doubled.then(lambda features, other: features - other, second).into(target)
    assert result is target
    torch.testing.assert_close(target, 2 * first - second)
