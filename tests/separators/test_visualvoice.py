from __future__ import annotations

from copy import copy as copy_of
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from published_files import damaged
from vectors import (
    Case,
    Vectors,
    faces,
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
from bench.separators.checkpoints import published_tensors
from bench.separators.registry import build_on_meta, find_card, load_part
from bench.separators.visualvoice import Span, VisualVoice, spans
from bench.separators.visualvoice_unet import StretchingLayer, UNet

SYSTEM = "visualvoice"
SALT = "public"
TOLERANCE = 2e-6
WINDOW = 40800

States = dict[str, dict[str, torch.Tensor]]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return read_vectors(SYSTEM)


@pytest.fixture(scope="module")
def states(vectors: Vectors) -> States:
    return published_states(SYSTEM, vectors, SALT)


@pytest.fixture(scope="module")
def files(states: States, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The published files: bare state dicts."""
    folder = tmp_path_factory.mktemp("published")
    paths = {}
    for file in find_card(SYSTEM).files:
        paths[file.role] = folder / file.name
        torch.save(states[file.role], paths[file.role])
    return paths


@pytest.fixture(scope="module")
def separator(files: dict[str, Path]) -> Separator:
    return bench.load_separator(SYSTEM, **files)


@pytest.fixture(scope="module")
def empty() -> Separator:
    """The system without memory for its weights."""
    return build_on_meta(find_card(SYSTEM))


def shortened(separator: Separator, longest: int) -> Separator:
    """The same network with another length of the windows."""
    copy = copy_of(separator)
    copy.longest = longest  # type: ignore[assignment]
    return copy


def check(separator: Separator, vectors: Vectors, case: Case) -> None:
    """Hold one case to the published answers: both embeddings, and the waveform."""
    heard, seen = inputs(case)
    face = faces(case.salt, case.batch)
    identity = separator.get_submodule("face_encoder")(face[:, 0])
    lips = separator.encode_mouths(seen, samples=case.samples)
    estimate = separator(heard, embeddings=lips, faces=face)
    found = {"face_embedding": identity, "video_embedding": lips[:, 0, -1], "estimate": estimate}
    for name, actual in found.items():
        assert largest_difference(vectors, f"{case.name}_{name}", actual) < TOLERANCE


@pytest.mark.parametrize(
    ("name", "number"),
    [("window", 1), ("two_seconds", 1), ("odd", 1), ("utterance", 1), ("odd", 2)],
)
def test_equals_the_published_code(
    separator: Separator, vectors: Vectors, name: str, number: int
) -> None:
    with threads(number), torch.inference_mode():
        check(separator, vectors, vectors.case(name))


def test_equals_the_complete_vectors(separator: Separator, material: Path) -> None:
    vectors = read_vectors(SYSTEM, material)
    with torch.inference_mode():
        for case in vectors.cases:
            check(separator, vectors, case)


def test_has_as_many_parameters_as_published(separator: Separator) -> None:
    counted = separator.card.parameters
    assert counted is not None
    parts = {"network": 46_135_682, "lip_encoder": 9_136_480, "face_encoder": 11_242_176}
    for part, published in parts.items():
        assert sum(p.numel() for p in separator.get_submodule(part).parameters()) == published
    assert counted.total == 66_514_338 == sum(p.numel() for p in separator.parameters())


@torch.inference_mode()
def test_a_voice_does_not_depend_on_what_else_is_in_the_call(separator: Separator) -> None:
    heard, seen = mixture("batch", 2, 4000), mouths("batch", 2, 7, speakers=2)
    face = faces("batch", 2, speakers=2)
    together = separator(heard, seen, faces=face)
    assert together.shape == (2, 2, 4000)
    for item in range(2):
        for speaker in range(2):
            one = slice(item, item + 1), slice(speaker, speaker + 1)
            alone = separator(heard[one[0]], seen[one], faces=face[one])
            torch.testing.assert_close(together[one], alone, rtol=0, atol=1e-5)


def loud(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Let through what is seen, which weights that follow the rule all but silence."""
    scale = {n for n, t in state.items() if n.endswith("weight") and t.ndim == 1}
    return {n: (3 * t if n in scale else t) for n, t in state.items()}


@torch.inference_mode()
def test_lips_equal_a_plain_writing_where_they_are_loud(states: States) -> None:
    state = loud(states["lip_checkpoint"])
    separator = bench.load_separator(SYSTEM)
    file = next(file for file in separator.card.files if file.role == "lip_checkpoint")
    load_part(separator, file, published_tensors(state, file), file.name)
    seen = mouths("loud", 1, 6)
    precise = {name: tensor.double() for name, tensor in state.items()}
    expected = plain_lips(precise, seen.double()[:, 0])
    changed = plain_lips(precise, seen.double()[:, 0].flip(1))
    assert (expected - changed).abs().mean() > 0.02 * expected.abs().mean()
    found = separator.encode_mouths(seen, samples=6 * 640 - 160)[:, 0, 0]
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-4 * expected.abs().max())


def plain_lips(state: dict[str, torch.Tensor], clip: torch.Tensor) -> torch.Tensor:
    """The lip network step by step, by its published names: `(1, frames, 88, 88)` to 512."""

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        mean, variance = state[f"{name}.running_mean"], state[f"{name}.running_var"]
        return F.batch_norm(x, mean, variance, state[f"{name}.weight"], state[f"{name}.bias"])

    def branch(x: torch.Tensor, name: str, kinds: str, stride: int) -> torch.Tensor:
        """p = 1x1 with ReLU, d = depthwise; a norm follows each."""
        number = 0
        for kind in kinds:
            weight = state[f"{name}.{number}.weight"]
            if kind == "d":
                x = F.conv2d(x, weight, stride=stride, padding=1, groups=len(weight))
                x, number = norm(x, f"{name}.{number + 1}"), number + 2
            else:
                x = norm(F.conv2d(x, weight), f"{name}.{number + 1}").relu()
                number += 3
        return x

    x = F.conv3d(clip[None], state["frontend3D.0.weight"], stride=(1, 2, 2), padding=(2, 3, 3))
    x = F.prelu(norm(x, "frontend3D.1"), state["frontend3D.2.weight"])
    x = F.max_pool3d(x, (1, 3, 3), (1, 2, 2), (0, 1, 1))[0].transpose(0, 1)
    for unit in range(16):
        name = f"trunk.0.{unit}"
        if unit in (0, 4, 12):
            parts = branch(x, f"{name}.banch1", "dp", 2), branch(x, f"{name}.banch2", "pdp", 2)
        else:
            half = x.shape[1] // 2
            parts = x[:, :half], branch(x[:, half:], f"{name}.banch2", "pdp", 1)
        x = torch.cat(parts, 1)
        frames, channels, height, width = x.shape
        x = x.view(frames, 2, channels // 2, height, width).transpose(1, 2).reshape(x.shape)
    x = F.avg_pool2d(branch(x, "trunk.1", "p", 1), 3)[..., 0, 0].t()[None]
    for block in range(4):
        name, dilation, before = f"tcn.tcn_trunk.network.{block}", 2**block, x
        for first in (0, 5):
            weight, bias = (state[f"{name}.net.{first}.{kind}"] for kind in ("weight", "bias"))
            x = F.conv1d(x, weight, bias, padding=2 * dilation, dilation=dilation)
            x = norm(x, f"{name}.net.{first + 1}")[..., dilation:-dilation]
            x = F.prelu(x, state[f"{name}.net.{first + 3}.weight"])
        if f"{name}.downsample.weight" in state:
            shortcut = state[f"{name}.downsample.weight"], state[f"{name}.downsample.bias"]
            before = F.conv1d(before, *shortcut)
        x = F.prelu(x + before, state[f"{name}.relu.weight"])
    return x


@torch.inference_mode()
def test_masks_equal_a_plain_writing_where_the_video_is_loud(separator: Separator) -> None:
    network = separator.get_submodule("network")
    assert isinstance(network, UNet)
    spectrogram, visual = torch.randn(1, 2, 256, 12), 100 * torch.randn(2, 640, 1, 3)
    shares = network.analyse(spectrogram)
    masks = [network.estimate_mask(shares, speaker[None]) for speaker in visual]
    assert (masks[0] - masks[1]).abs().max() > 0.02
    for mask, speaker in zip(masks, visual, strict=True):
        expected = plain_mask(network, spectrogram, speaker[None])
        torch.testing.assert_close(mask, expected, rtol=0, atol=2e-5)


def plain_mask(network: UNet, spectrogram: torch.Tensor, visual: torch.Tensor) -> torch.Tensor:
    """The U-Net with its concatenations spelled out."""
    maps = [spectrogram]
    for layer in network.down:
        maps.append(layer(maps[-1]))
    features = visual
    for layer, skip in zip(network.up, reversed(maps[1:]), strict=True):
        features = torch.cat((features, skip), 1)
        if isinstance(layer, StretchingLayer):
            features = features.repeat_interleave(2, dim=2)
        features = layer.finish(layer.convolution(features))
    return 5 * features.tanh()


@torch.inference_mode()
def test_the_identity_comes_before_the_lips(
    separator: Separator, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined = []
    network = separator.get_submodule("network")
    estimate_mask = network.estimate_mask
    monkeypatch.setattr(
        network, "estimate_mask", lambda *given: joined.append(given[1]) or estimate_mask(*given)
    )
    seen, face = mouths("join", 1, 3, speakers=2), faces("join", 1, speakers=2)
    lips = separator.encode_mouths(seen, samples=1760)
    separator(mixture("join", 1, 1760), embeddings=lips, faces=face)
    identities = separator.get_submodule("face_encoder")(face[0])
    for visual, identity, lip in zip(joined, identities, lips[0, :, 0], strict=True):
        assert torch.equal(visual[0, :128, 0], identity[:, None].expand(-1, 3))
        assert torch.equal(visual[0, 128:, 0], lip)


@torch.inference_mode()
@pytest.mark.parametrize("samples", [1, 480, 481, 2000, 5001])
def test_every_length_is_kept(separator: Separator, samples: int) -> None:
    heard, seen = mixture("length", 1, samples), mouths("length", 1, 3)
    voices = shortened(separator, 4)(heard, seen, faces=faces("length", 1))
    assert voices.shape == (1, 1, samples)
    assert voices.isfinite().all()


@torch.inference_mode()
def test_long_mixtures_do_not_depend_on_their_level(separator: Separator) -> None:
    windowed = shortened(separator, 4)  # windows of 2400 samples
    heard, seen, face = mixture("level", 1, 5000), mouths("level", 1, 8), faces("level", 1)
    lips = windowed.encode_mouths(seen, samples=5000)
    assert lips.shape == (1, 1, 3, 512, 4)
    loud, quiet = (windowed(gain * heard, embeddings=lips, faces=face) for gain in (0.5, 0.25))
    torch.testing.assert_close(2 * quiet, loud, rtol=0, atol=1e-5)


def test_short_mixtures_are_one_span_of_their_own() -> None:
    assert spans(WINDOW, 64) == [Span(0, 64, 0)]
    assert spans(32000, 64) == [Span(0, 51, 0)]
    assert (spans(480, 64)[0].samples, spans(481, 64)[0].samples) == (480, 1120)


def test_spans_lie_side_by_side_and_the_last_ends_with_the_mixture() -> None:
    assert spans(WINDOW + 1, 64) == [Span(0, 64, 0), Span(1, 64, None)]
    assert spans(2 * WINDOW, 64) == [Span(0, 64, 0), Span(WINDOW, 64, None)]
    third = 2 * WINDOW
    assert spans(third + 1, 64)[1:] == [Span(WINDOW, 64, 64), Span(third + 1 - WINDOW, 64, None)]
    assert spans(3 * WINDOW + 1, 64)[2] == Span(third, 64, 128)  # 127.5 frames, halves to even


def test_a_span_repeats_the_last_mouth_and_fills_up_with_silence() -> None:
    video = torch.arange(5.0)[:, None, None]
    assert Span(0, 3, 0).cut_mouths(video).flatten().tolist() == [0, 1, 2]
    assert Span(0, 7, 0).cut_mouths(video).flatten().tolist() == [0, 1, 2, 3, 4, 4, 4]
    assert Span(0, 3, 4).cut_mouths(video).flatten().tolist() == [4, 4, 4]
    assert Span(0, 3, None).cut_mouths(video).flatten().tolist() == [2, 3, 4]
    assert Span(0, 6, None).cut_mouths(video).flatten().tolist() == [0, 1, 2, 3, 4, 4]
    assert Span(2, 1, 0).cut_mixture(torch.ones(12)).tolist() == [1.0] * 10 + [0.0] * 470


def test_prepares_faces_as_published(separator: Separator) -> None:
    image = np.zeros((2, 224, 224, 3), np.uint8)
    image[1, 0, 5] = (255, 128, 0)
    prepared = separator.prepare_faces(image)
    assert (prepared.dtype, prepared.shape) == (torch.float32, (2, 3, 224, 224))
    expected = [(1 - 0.485) / 0.229, (128 / 255 - 0.456) / 0.224, (0 - 0.406) / 0.225]
    assert prepared[1, :, 0, 5].tolist() == pytest.approx(expected, abs=1e-6)
    assert prepared[0, 0].unique().tolist() == pytest.approx([-0.485 / 0.229], abs=1e-6)


@pytest.mark.parametrize(
    "image", [np.zeros((96, 96, 3), np.uint8), np.zeros((224, 224, 3), np.float32)]
)
def test_refuses_other_images(separator: Separator, image: np.ndarray) -> None:
    with pytest.raises(UsageError, match=r"uint8 \(\.\.\., 224, 224, 3\) is expected"):
        separator.prepare_faces(image)


def test_refuses_faces_that_do_not_fit(separator: Separator) -> None:
    heard, seen, face = mixture("bad", 1, 2000), mouths("bad", 1, 3), faces("bad", 1)
    wrong = {
        "needs faces=": None,
        "one face for each mouth": face.repeat(1, 2, 1, 1, 1),
        "2 items of faces": face.repeat(2, 1, 1, 1, 1),
        "3, 224, 224": face[..., :112],
        "normalised float32": face.double(),
        "look like 0..255": face * 100,
    }
    for message, given in wrong.items():
        with pytest.raises(UsageError, match=message):
            separator(heard, seen, faces=given)


def test_refuses_embeddings_of_another_length(separator: Separator) -> None:
    lips = separator.encode_mouths(mouths("bad", 1, 3), samples=2000)
    with pytest.raises(UsageError, match="samples="):
        separator(mixture("bad", 1, 4000), embeddings=lips, faces=faces("bad", 1))


def test_loads_the_published_files(separator: Separator) -> None:
    assert separator.identity.weights == "checkpoint"
    assert set(separator.identity.files) == {"checkpoint", "lip_checkpoint", "face_checkpoint"}
    assert separator.notes == find_card(SYSTEM).notes


def test_says_that_short_clips_are_fed_by_a_convention_of_ours() -> None:
    assert any("the convention for them is ours" in note for note in find_card(SYSTEM).notes)


@pytest.mark.parametrize("role", ["checkpoint", "lip_checkpoint", "face_checkpoint"])
def test_needs_all_its_files(files: dict[str, Path], role: str) -> None:
    given = {name: path for name, path in files.items() if name != role}
    with pytest.raises(UsageError, match=f"also needs {role} "):
        bench.load_separator(SYSTEM, **given)


@pytest.mark.parametrize(
    ("problem", "role", "name"),
    [
        ("1 missing", "checkpoint", "audionet_upconvlayer8.0.bias"),
        ("1 left over", "lip_checkpoint", "tcn.tcn_output.bias"),
        ("1 of another shape", "face_checkpoint", "fc.bias"),
    ],
)
def test_refuses_a_file_that_does_not_fill_the_network(
    empty: Separator, states: States, problem: str, role: str, name: str
) -> None:
    file = next(file for file in empty.card.files if file.role == role)
    tensors = published_tensors(damaged(states[role], name)[problem], file)
    with pytest.raises(CheckpointError, match=problem):
        load_part(empty, file, tensors, file.name)


def test_says_which_of_its_files_was_mistaken(empty: Separator, states: States) -> None:
    file = next(file for file in empty.card.files if file.role == "lip_checkpoint")
    tensors = published_tensors(states["face_checkpoint"], file)
    with pytest.raises(CheckpointError, match="looks like the face_checkpoint of visualvoice"):
        load_part(empty, file, tensors, "facial_best.pth")


def test_reads_hyper_parameters_from_the_shapes() -> None:
    shapes = {"audionet_convlayer1.0.weight": (32, 2, 4, 4), "fc.weight": (256, 512)}
    assert VisualVoice.read_settings(shapes) == {"unet_ngf": 32, "identity_feature_dim": 256}
