"""CTCNet equals its published code, takes its published files and refuses all others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import torch
from plain_ctcnet import PlainCTCNet
from safetensors.torch import save_file
from torch import Tensor
from torch.torch_version import TorchVersion
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
from bench.separators.checkpoints import rename_tensors
from bench.separators.registry import build_separator, find_card

TOLERANCE = 1e-5
CASES = ("two_seconds", "odd", "probe")
# Narrow but complete: every path runs, in a hundredth of the time.
SMALL: dict[str, bool | int | float | str] = {
    "n_filters": 32,
    "bn_chan": 16,
    "hid_chan": 24,
    "video_chan": 8,
    "an_repeats": 2,
    "fn_repeats": 1,
}


@pytest.fixture(scope="module")
def reduced() -> Vectors:
    return read_vectors("ctcnet")


@pytest.fixture(scope="module")
def answers(reduced: Vectors) -> Callable[[str], tuple[Tensor, Tensor]]:
    """Embedding and estimate of a case, computed once."""
    separators: dict[int, Separator] = {}
    known: dict[str, tuple[Tensor, Tensor]] = {}

    @torch.inference_mode()
    def answer(name: str) -> tuple[Tensor, Tensor]:
        rounds = int(reduced.arrays.get(f"{name}_fn_repeats", torch.tensor(13)))
        if rounds not in separators:
            separators[rounds] = filled_separator(
                "ctcnet", reduced, "public", settings={"fn_repeats": rounds}
            )
        if name not in known:
            waveform, clips = inputs(reduced.case(name))
            embedding = separators[rounds].encode_mouths(clips)
            known[name] = embedding, separators[rounds](waveform, embeddings=embedding)
        return known[name]

    return answer


@pytest.fixture(scope="module")
def small() -> Separator:
    return build_separator(find_card("ctcnet"), SMALL, seed=3)


@pytest.mark.parametrize("name", CASES)
def test_equals_the_published_code_on_reduced_vectors(name, answers, reduced):
    embedding, estimate = answers(name)
    assert largest_difference(reduced, f"{name}_video_embedding", embedding) < 1e-6
    assert largest_difference(reduced, f"{name}_estimate", estimate) < TOLERANCE


@pytest.mark.parametrize("name", CASES)
def test_equals_the_published_code_on_complete_vectors(name, answers, material):
    complete = read_vectors("ctcnet", material)
    embedding, estimate = answers(name)
    assert largest_difference(complete, f"{name}_video_embedding", embedding) < 1e-6
    assert largest_difference(complete, f"{name}_estimate", estimate) < TOLERANCE
    assert largest_difference(complete, f"{name}_estimate64", estimate) < TOLERANCE


@torch.inference_mode()
def test_equals_the_published_code_with_two_threads(reduced):
    separator = filled_separator("ctcnet", reduced, "public", settings={"fn_repeats": 0})
    with threads(2):
        estimate = separator(*inputs(reduced.case("probe")))
    assert largest_difference(reduced, "probe_estimate", estimate) < TOLERANCE


@torch.inference_mode()
@pytest.mark.parametrize(
    ("samples", "frames"),
    # 33 frames stretched to 2464 is one of the pairs where float32 picks other frames than exact
    # arithmetic does; 16000 needs both steps of padding; 160 is shorter than a lip frame.
    [(24640, 33), (16000, 25), (33, 1), (160, 12)],
)
def test_equals_the_equations_written_plainly(samples, frames, reduced):
    settings = {"an_repeats": 3, "fn_repeats": 0}
    separator = filled_separator("ctcnet", reduced, "other", settings=settings)
    plain = PlainCTCNet(reduced.state("sep", "other"), an_repeats=3, fn_repeats=0)
    waveform = mixture("other", 1, samples)
    embedding = torch.randn(1, 512, frames, generator=torch.Generator().manual_seed(1))
    ours = separator(waveform, embeddings=embedding[:, None])
    assert ours.shape == (1, 1, samples)
    torch.testing.assert_close(ours[:, 0], plain(waveform, embedding), atol=TOLERANCE, rtol=0)


@torch.inference_mode()
def test_embeddings_replace_mouths(small):
    waveform, clips = mixture("embeddings", 2, 4000), mouths("embeddings", 2, 7, speakers=2)
    embeddings = small.encode_mouths(clips)
    assert embeddings.shape == (2, 2, 512, 7)
    torch.testing.assert_close(small(waveform, embeddings=embeddings), small(waveform, clips))


def test_counts_as_many_parameters_as_the_published_code():
    separator = build_separator(find_card("ctcnet"))
    counted = find_card("ctcnet").parameters
    assert counted is not None
    for part, number in (
        ("network", counted.separator),
        ("lip_encoder", counted.lip_encoder),
    ):
        found = sum(p.numel() for p in separator.get_submodule(part).parameters())
        assert found == number
    assert counted.total == 18_334_045


# Checkpoints


@pytest.fixture(scope="module")
def states(reduced: Vectors) -> dict[str, dict[str, Tensor]]:
    return published_states("ctcnet", reduced, "public")


@pytest.fixture(scope="module")
def expected(reduced: Vectors) -> dict[str, Tensor]:
    """What must be in the network, whatever the layout of the file."""
    return filled_separator("ctcnet", reduced, "public").state_dict()


@pytest.fixture(scope="module")
def lip_file(states, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("lip") / "frcnn_128_512.backbone.pth.tar"
    classifier = {"tcn.mb_ms_tcn.tcn0.weight": torch.zeros(2), "tcn_output.bias": torch.ones(3)}
    content = {"epoch_idx": 7, "model_state_dict": states["lip_checkpoint"] | classifier}
    torch.save(content, path)
    return path


def bare(state: dict[str, Tensor]) -> object:
    return state


def as_published(state: dict[str, Tensor]) -> object:
    versions = {"torch_version": TorchVersion("1.13.1"), "pytorch_lightning_version": "1.8.4"}
    return {
        "model_name": "AVFRCNN2",
        "state_dict": state,
        "model_args": {"n_filters": 512, "encoder_activation": None, "fout_chan": 512},
        "infos": {"software_versions": versions},
    }


def with_older_names(state: dict[str, Tensor]) -> object:
    def older(name: str) -> str:
        for now, before in (
            ("masker.audio_block.", "masker.audio_frcnn."),
            ("masker.video_block.video.", "masker.video_frcnn.frcnn."),
            ("masker.video_block.concat_block.", "masker.video_frcnn.concat_block."),
        ):
            name = name.replace(now, before)
        return name

    return {"state_dict": {older(name): tensor for name, tensor in state.items()}}


def without_the_copy(state: dict[str, Tensor]) -> object:
    return {n: t for n, t in state.items() if n != "encoder.encoder.filterbank._filters"}


def assert_same(separator: Separator, expected: dict[str, Tensor]) -> None:
    found = separator.state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.mark.parametrize("layout", [bare, as_published, with_older_names, without_the_copy])
def test_loads_published_layouts(layout, states, expected, lip_file, tmp_path):
    torch.save(layout(states["checkpoint"]), tmp_path / "best_model.pth")
    separator = bench.load_separator(
        "ctcnet", checkpoint=tmp_path / "best_model.pth", lip_checkpoint=lip_file
    )
    assert_same(separator, expected)
    assert separator.identity.weights == "checkpoint"
    assert set(separator.identity.files) == {"checkpoint", "lip_checkpoint"}


def test_loads_a_training_checkpoint_that_holds_both_networks(states, expected, tmp_path):
    path = tmp_path / "epoch=99.ckpt"
    both = {f"audio_model.{n}": t for n, t in states["checkpoint"].items()}
    both |= {f"video_model.{n}": t for n, t in states["lip_checkpoint"].items()}
    torch.save({"state_dict": both, "training_config": {"audionet": {"n_src": 1}}}, path)
    assert_same(bench.load_separator("ctcnet", checkpoint=path, lip_checkpoint=path), expected)


def test_loads_safetensors(states, expected, lip_file, tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({n: t.contiguous() for n, t in states["checkpoint"].items()}, path)
    separator = bench.load_separator("ctcnet", checkpoint=path, lip_checkpoint=lip_file)
    assert_same(separator, expected)


def test_refuses_a_missing_a_spare_and_a_misshapen_tensor(states, lip_file, tmp_path):
    state = dict(states["checkpoint"])
    state["masker.surplus"] = state.pop("masker.post.1.bias")
    state["masker.pre_a.1.weight"] = torch.zeros(512, 256, 1)
    state["masker.audio_block.last_layer.0.conv.weight"] = torch.zeros(512, 2048, 1)
    torch.save(state, tmp_path / "best_model.pth")
    with pytest.raises(CheckpointError) as caught:
        bench.load_separator(
            "ctcnet", checkpoint=tmp_path / "best_model.pth", lip_checkpoint=lip_file
        )
    message = str(caught.value)
    assert "left over: masker.surplus" in message
    assert "masker.post.1.bias" in message
    assert "masker.pre_a.1.weight is (512, 256, 1) where (512, 512, 1) is expected" in message
    assert "masker.audio_block.last_layer.0.conv" in message


def test_refuses_an_unexpected_tensor_in_the_lip_file(states, tmp_path):
    torch.save(states["checkpoint"], tmp_path / "best_model.pth")
    spare = states["lip_checkpoint"] | {"head.weight": torch.zeros(3)}
    torch.save({"model_state_dict": spare}, tmp_path / "lip.pth.tar")
    with pytest.raises(CheckpointError, match=r"1 left over: head\.weight"):
        bench.load_separator(
            "ctcnet",
            checkpoint=tmp_path / "best_model.pth",
            lip_checkpoint=tmp_path / "lip.pth.tar",
        )


def test_needs_both_files(tmp_path):
    with pytest.raises(UsageError, match=r"also needs lip_checkpoint \(frcnn_128_512"):
        bench.load_separator("ctcnet", checkpoint=tmp_path / "best_model.pth")


def test_files_in_each_others_place_are_recognised(states, lip_file, tmp_path):
    path = tmp_path / "best_model.pth"
    torch.save(states["checkpoint"], path)
    with pytest.raises(CheckpointError, match=r"looks like the lip_checkpoint of ctcnet"):
        bench.load_separator("ctcnet", checkpoint=lip_file, lip_checkpoint=path)


def test_another_size_is_asked_for_and_then_read(reduced, small, lip_file, tmp_path):
    # Of the settings, only fn_repeats leaves no trace in the shapes.
    sizes = {name: value for name, value in SMALL.items() if name != "fn_repeats"}
    path = tmp_path / "best_model.pth"
    torch.save(published_tensors_of(small, reduced.shapes("sep")), path)
    with pytest.raises(CheckpointError, match=r"say --set \w+=\d+"):
        bench.load_separator("ctcnet", checkpoint=path, lip_checkpoint=lip_file)
    with pytest.raises(CheckpointError, match=r"those of bn_chan=16"):
        bench.load_separator(
            "ctcnet", checkpoint=path, lip_checkpoint=lip_file, settings=sizes | {"bn_chan": 20}
        )
    separator = bench.load_separator(
        "ctcnet", checkpoint=path, lip_checkpoint=lip_file, settings=sizes
    )
    assert separator.identity.settings == sizes


def published_tensors_of(separator: Separator, names: Iterable[str]) -> dict[str, Tensor]:
    """Write a network as its authors would, as far as it has tensors of these published names."""
    ours = separator.network.state_dict()
    published = {}
    for name in names:
        (own,) = rename_tensors({name: torch.empty(0)}, separator.card.files[0])
        shares = own.removesuffix("weight") + "shares."
        parts = [t for n, t in ours.items() if n == own or n.startswith(shares)]
        if parts:
            published[name] = parts[0] if len(parts) == 1 else torch.cat(parts, 1)
    return published


def test_one_misshapen_tensor_is_no_other_network(states, lip_file, tmp_path):
    state = dict(states["checkpoint"])
    state["masker.pre_a.1.bias"] = torch.zeros(3, 3)
    torch.save(state, tmp_path / "best_model.pth")
    with pytest.raises(CheckpointError, match=r"1 of another shape: masker\.pre_a\.1\.bias is"):
        bench.load_separator(
            "ctcnet", checkpoint=tmp_path / "best_model.pth", lip_checkpoint=lip_file
        )


def test_weights_that_are_not_numbers_are_refused(states, lip_file, tmp_path):
    state = dict(states["checkpoint"])
    state["masker.post.1.bias"] = torch.full((512,), float("nan"))
    torch.save(state, tmp_path / "best_model.pth")
    with pytest.raises(CheckpointError, match=r"NaN or infinite weights in masker\.post\.1\.bias"):
        bench.load_separator(
            "ctcnet", checkpoint=tmp_path / "best_model.pth", lip_checkpoint=lip_file
        )


def test_a_setting_has_to_be_possible():
    with pytest.raises(UsageError, match="fn_repeats=-3 of ctcnet must not be negative"):
        bench.load_separator("ctcnet", settings={"fn_repeats": -3})
