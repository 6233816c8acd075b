"""IIANet and IIANet-fast equal their published code, take its files and refuse all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from plain_iianet import PlainIIANet
from published_files import complaint, damaged, write_lightning, write_model_state, write_packaged
from safetensors.torch import save_file
from torch import Tensor
from vectors import (
    Vectors,
    fill,
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
from bench.separators.checkpoints import rename_tensors
from bench.separators.registry import build_separator, find_card, load_part

SYSTEMS = ("iianet", "iianet-fast")
SALT = "public"
TOLERANCE = 2e-6
# Narrow but complete: every path runs, in a hundredth of the time.
SMALL: dict[str, bool | int | float | str] = {
    "num_blocks": 5,
    "out_channels": 12,
    "in_channels": 20,
    "vin_channels": 6,
    "vout_channels": 8,
    "upsampling_depth": 3,
}
Answer = tuple[Tensor, Tensor]


@pytest.fixture(scope="module")
def reduced() -> Vectors:
    return read_vectors("iianet")


@pytest.fixture(scope="module")
def separators() -> dict[str, Separator]:
    return {name: filled_separator(name, read_vectors(name), SALT) for name in SYSTEMS}


@pytest.fixture(scope="module")
def answers(separators: dict[str, Separator]) -> Callable[[str, str], Answer]:
    """Embedding and estimate of a system's case, computed once."""
    known: dict[tuple[str, str], Answer] = {}

    @torch.inference_mode()
    def answer(system: str, name: str) -> Answer:
        if (system, name) not in known:
            case = read_vectors(system).case(name.removesuffix("_rows50"))
            seen = mouths(case.salt, case.batch, case.frames)
            seen = seen[..., :50, :] if name.endswith("_rows50") else seen
            embedding = separators[system].encode_mouths(seen)
            heard = mixture(case.salt, case.batch, case.samples)
            known[system, name] = embedding, separators[system](heard, embeddings=embedding)
        return known[system, name]

    return answer


def published_tensors(separator: Separator, salt: str) -> dict[str, Tensor]:
    """Fill a network of any size by the rule, under published names."""
    ours = separator.network.state_dict()
    file = separator.card.files[0]
    shapes = {}
    for name in read_vectors("iianet").shapes("sep"):
        (own,) = rename_tensors({name: torch.empty(0)}, file)
        if own in ours:
            shapes[name] = tuple(ours[own].shape)
    return {name: torch.from_numpy(fill(salt, name, shape)) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def small() -> Separator:
    return small_separator()


def small_separator(**settings: int) -> Separator:
    separator = build_separator(find_card("iianet"), {**SMALL, **settings}, seed=3)
    file = separator.card.files[0]
    load_part(separator, file, published_tensors(separator, "small"), "small")
    return separator


CASES = [(s, c) for s in SYSTEMS for c in ("two_seconds", "odd_length", "two_seconds_rows50")]


@pytest.mark.parametrize(("system", "name"), CASES)
def test_equals_the_published_code(system, name, answers):
    vectors = read_vectors(system)
    embedding, estimate = answers(system, name)
    assert largest_difference(vectors, f"{name}_video_embedding", embedding) < TOLERANCE
    assert largest_difference(vectors, f"{name}_estimate", estimate) < TOLERANCE


@pytest.mark.parametrize(("system", "name"), CASES)
def test_equals_the_complete_vectors(system, name, answers, material):
    vectors = read_vectors(system, material)
    embedding, estimate = answers(system, name)
    assert largest_difference(vectors, f"{name}_video_embedding", embedding) < TOLERANCE
    assert largest_difference(vectors, f"{name}_estimate", estimate) < TOLERANCE
    assert largest_difference(vectors, f"{name}_estimate64", estimate) < TOLERANCE


@torch.inference_mode()
def test_equals_the_published_code_with_two_threads(separators, reduced):
    vectors = read_vectors("iianet-fast")
    with threads(2):
        heard, seen = mixture(SALT, 1, 24003), mouths(SALT, 1, 37)
        embedding = separators["iianet-fast"].encode_mouths(seen)
        estimate = separators["iianet-fast"](heard, embeddings=embedding)
    assert largest_difference(vectors, "odd_length_video_embedding", embedding) < TOLERANCE
    assert largest_difference(vectors, "odd_length_estimate", estimate) < TOLERANCE


@torch.inference_mode()
@pytest.mark.parametrize(("samples", "frames"), [(16000, 25), (4001, 60), (9999, 1), (1, 3)])
def test_equals_the_equations_written_plainly(samples, frames, reduced):
    separator = filled_separator("iianet", reduced, "other", settings={"num_blocks": 5})
    plain = PlainIIANet(reduced.state("sep", "other"), cycles=5)
    assert_equal_to_plain(separator, plain, samples, frames)


@torch.inference_mode()
@pytest.mark.parametrize("cycles", [1, 4, 7])
@pytest.mark.parametrize(
    ("samples", "frames"),
    # 100 frames stretched to 16010 is one of the pairs where float32 picks other frames than exact
    # arithmetic does; a coarse audio scale can be shorter than a video scale.
    [(64000, 100), (32001, 50), (80, 40), (17, 2)],
)
def test_other_sizes_equal_the_equations_written_plainly(samples, frames, cycles):
    separator = small_separator(num_blocks=cycles)
    plain = PlainIIANet(published_tensors(separator, "small"), cycles=cycles)
    assert_equal_to_plain(separator, plain, samples, frames)


def assert_equal_to_plain(
    separator: Separator, plain: PlainIIANet, samples: int, frames: int
) -> None:
    heard = mixture("other", 1, samples)
    embedding = torch.randn(1, 512, frames, generator=torch.Generator().manual_seed(1))
    ours = separator(heard, embeddings=embedding[:, None])
    assert ours.shape == (1, 1, samples)
    torch.testing.assert_close(ours[:, 0], plain(heard, embedding), rtol=0, atol=TOLERANCE)


@torch.inference_mode()
def test_the_video_activation_is_the_exact_gelu(small):
    # In the estimate its usual approximation changes less than the tolerance.
    features = torch.linspace(-4, 4, 101).double()
    exact = features * 0.5 * (1 + torch.erf(features / 2**0.5))
    activated = small.network.video.act(features)
    torch.testing.assert_close(activated, exact, rtol=0, atol=1e-12)
    approximate = torch.nn.functional.gelu(features, approximate="tanh")
    assert (approximate - exact).abs().max() > 1e-4


@torch.inference_mode()
def test_what_depends_on_the_mixture_alone_runs_once(small):
    runs: list[object] = []
    handle = small.network.encoder.register_forward_hook(lambda *_: runs.append(1))
    small(mixture("once", 2, 3000), embeddings=torch.randn(2, 3, 512, 5))
    handle.remove()
    assert len(runs) == 2


@torch.inference_mode()
def test_embeddings_replace_mouths(small):
    heard, seen = mixture("embeddings", 2, 4000), mouths("embeddings", 2, 7, speakers=2)
    embeddings = small.encode_mouths(seen)
    assert embeddings.shape == (2, 2, 512, 7)
    torch.testing.assert_close(small(heard, embeddings=embeddings), small(heard, seen))


@torch.inference_mode()
def test_the_mouth_reaches_the_estimate(small):
    heard, seen = mixture("seen", 1, 4000), mouths("seen", 1, 9)
    turned = small(heard, seen.flip(2))
    assert (small(heard, seen) - turned).abs().max() > 1e-4


def test_runs_outside_inference_mode_too(small):
    assert not small(mixture("grad", 1, 3000), mouths("grad", 1, 5)).requires_grad


# Cards


def test_mouths_as_published_are_the_top_50_rows():
    crops = np.random.default_rng(0).integers(0, 256, (2, 3, 96, 96), dtype=np.uint8)
    documented = build_separator(find_card("iianet"), SMALL)
    published = build_separator(find_card("iianet"), {**SMALL, "mouth_input": "as-published"})
    whole, top = documented.prepare_mouths(crops), published.prepare_mouths(crops)
    assert top.shape == (2, 3, 50, 88)
    assert torch.equal(top, whole[..., :50, :])
    assert published.identity.mouth_input == "as-published"
    assert published(mixture("rows", 2, 2000), top[:, None]).shape == (2, 1, 2000)


@pytest.mark.parametrize("system", SYSTEMS)
def test_counts_as_many_parameters_as_the_published_code(system, separators):
    counted = find_card(system).parameters
    assert counted is not None
    for part, number in (("network", counted.separator), ("lip_encoder", counted.lip_encoder)):
        found = sum(p.numel() for p in separators[system].get_submodule(part).parameters())
        assert found == number
    assert (counted.separator, counted.lip_encoder) == (3_036_670, 11_186_688)


def test_the_cards_differ_in_the_cycles_alone():
    slow, fast = (find_card(system) for system in SYSTEMS)
    assert slow.settings == {**fast.settings, "num_blocks": 16}
    assert fast.settings["num_blocks"] == 10
    own = {"id", "name", "summary", "notes", "settings", "files"}
    assert slow.model_dump(exclude=own) == fast.model_dump(exclude=own)
    files = zip(slow.files, fast.files, strict=True)
    assert all(s.model_dump(exclude={"where"}) == f.model_dump(exclude={"where"}) for s, f in files)
    assert any("10 cycles are inferred" in note for note in fast.notes)


@torch.inference_mode()
def test_iianet_with_ten_blocks_is_iianet_fast(answers, reduced):
    _, estimate = answers("iianet-fast", "odd_length")
    separator = filled_separator("iianet", reduced, SALT, settings={"num_blocks": 10})
    assert separator.identity.settings == {"num_blocks": 10}
    same = separator(mixture(SALT, 1, 24003), mouths(SALT, 1, 37))
    torch.testing.assert_close(same, estimate, rtol=0, atol=1e-6)


def test_refuses_no_blocks_at_all():
    with pytest.raises(UsageError, match="num_blocks=0 was given, but IIANet needs at least 1"):
        bench.load_separator("iianet", settings={"num_blocks": 0})


# Weight files


@pytest.fixture(scope="module")
def states(reduced: Vectors) -> dict[str, dict[str, Tensor]]:
    return published_states("iianet", reduced, SALT)


@pytest.fixture(scope="module")
def lip_file(states, tmp_path_factory) -> Iterator[Path]:
    classifier = {"tcn.mb_ms_tcn.0.weight": torch.zeros(2), "tcn_output.bias": torch.ones(3)}
    path = tmp_path_factory.mktemp("lip") / "lrw_resnet18_mstcn_adamw_s3.pth.tar"
    yield write_model_state(path, states["lip_checkpoint"] | classifier)
    path.unlink()


def packaged(path: Path, state: dict[str, Tensor]) -> Path:
    return write_packaged(path / "best_model.pth", state, "IIANet")


def bare(path: Path, state: dict[str, Tensor]) -> Path:
    torch.save(state, path / "best_model.pth")
    return path / "best_model.pth"


def safetensors(path: Path, state: dict[str, Tensor]) -> Path:
    save_file(state, path / "model.safetensors")
    return path / "model.safetensors"


def with_older_names(path: Path, state: dict[str, Tensor]) -> Path:
    for now, before in (
        ("InterA_T", "mlp_avfusion"),
        ("InterA_B_A", "concat_block"),
        ("InterA_B_V", "video_concat"),
    ):
        state = {name.replace(now, before): tensor for name, tensor in state.items()}
    assert "sm.mlp_avfusion.W_wav.conv.weight" in state
    return packaged(path, state)


@pytest.mark.parametrize("layout", [packaged, bare, safetensors, with_older_names])
def test_loads_published_layouts(layout, states, separators, lip_file, tmp_path):
    path = layout(tmp_path, states["checkpoint"])
    loaded = bench.load_separator("iianet", checkpoint=path, lip_checkpoint=lip_file)
    assert_same(loaded, separators["iianet"])
    assert loaded.identity.weights == "checkpoint"
    assert set(loaded.identity.files) == {"checkpoint", "lip_checkpoint"}


def test_loads_a_training_checkpoint_that_holds_both_networks(states, separators, tmp_path):
    path = write_lightning(
        tmp_path / "epoch=99.ckpt",
        {"training_config": {"audionet": {"n_src": 1}}},
        audio_model=states["checkpoint"],
        video_model=states["lip_checkpoint"],
    )
    loaded = bench.load_separator("iianet-fast", checkpoint=path, lip_checkpoint=path)
    assert_same(loaded, separators["iianet-fast"])


def assert_same(separator: Separator, expected: Separator) -> None:
    found, wanted = separator.state_dict(), expected.state_dict()
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


@pytest.mark.parametrize("problem", ["1 missing", "1 left over", "1 of another shape"])
def test_refuses_a_file_that_does_not_fill_the_network(problem, states, lip_file, tmp_path):
    name = "sm.audio_blocks.1.last_layer.3.global_act.norm.bias"
    path = bare(tmp_path, damaged(states["checkpoint"], name)[problem])
    with pytest.raises(CheckpointError, match=complaint(problem, name)):
        bench.load_separator("iianet", checkpoint=path, lip_checkpoint=lip_file)


def test_refuses_an_unexpected_tensor_in_the_lip_file(states, tmp_path):
    spare = write_model_state(
        tmp_path / "lip.pth.tar", states["lip_checkpoint"] | {"head.weight": torch.zeros(3)}
    )
    with pytest.raises(CheckpointError, match=r"1 left over: head\.weight"):
        bench.load_separator(
            "iianet", checkpoint=bare(tmp_path, states["checkpoint"]), lip_checkpoint=spare
        )


def test_needs_the_lip_encoder_too(tmp_path):
    with pytest.raises(UsageError, match=r"also needs lip_checkpoint \(lrw_resnet18_mstcn"):
        bench.load_separator("iianet", checkpoint=tmp_path / "best_model.pth")


def test_the_file_of_another_system_is_recognised(states, lip_file, tmp_path):
    path = bare(tmp_path, states["checkpoint"])
    with pytest.raises(CheckpointError, match="looks like the checkpoint of iianet"):
        bench.load_separator("ctcnet", checkpoint=path, lip_checkpoint=lip_file)
    other = bare(tmp_path, published_states("ctcnet", read_vectors("ctcnet"), SALT)["checkpoint"])
    with pytest.raises(CheckpointError, match="looks like the checkpoint of ctcnet"):
        bench.load_separator("iianet", checkpoint=other, lip_checkpoint=lip_file)


def test_another_size_is_asked_for_and_then_read(small, lip_file, tmp_path):
    # Of the settings, only num_blocks leaves no trace in the shapes.
    sizes = {name: value for name, value in SMALL.items() if name != "num_blocks"}
    path = packaged(tmp_path, published_tensors(small, "small"))
    with pytest.raises(CheckpointError, match=r"say --set \w+=\d+"):
        bench.load_separator("iianet", checkpoint=path, lip_checkpoint=lip_file)
    with pytest.raises(CheckpointError, match="those of in_channels=20"):
        bench.load_separator(
            "iianet", checkpoint=path, lip_checkpoint=lip_file, settings={**sizes, "in_channels": 8}
        )
    loaded = bench.load_separator(
        "iianet", checkpoint=path, lip_checkpoint=lip_file, settings=sizes
    )
    assert loaded.identity.settings == sizes
