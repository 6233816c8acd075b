from __future__ import annotations

from pathlib import Path

import pytest
import torch
from vectors import faces, mixture, mouths, published_states, read_vectors

import bench
from bench.errors import CheckpointError, UsageError
from bench.separators.base import Separator
from bench.separators.registry import find_card
from bench.separators.visualvoice_unet import UNet

SYSTEM = "mmmc"
HEADS = {
    "vocal.fc.weight": torch.zeros(128, 512),
    "timbre_net.fc.weight": torch.zeros(128, 512),
    "phoneme_net.0.weight": torch.zeros(64, 2, 4, 4),
    "lip_projection.weight": torch.zeros(256, 512, 1),
    "D_id.0.weight": torch.zeros(256, 256),
    "D_ph.0.weight": torch.zeros(256, 512, 5),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Weight files of VisualVoice; training heads lie beside the separator."""
    folder = tmp_path_factory.mktemp("weights")
    states = published_states("visualvoice", read_vectors("visualvoice"), "mmmc")
    paths = {role: folder / f"{role}.pth" for role in [*states, "with_heads"]}
    for role, path in paths.items():
        torch.save(states.get(role, {**states["checkpoint"], **HEADS}), path)
    return paths


def load(system: str, files: dict[str, Path], checkpoint: str = "checkpoint") -> Separator:
    return bench.load_separator(
        system,
        checkpoint=files[checkpoint],
        lip_checkpoint=files["lip_checkpoint"],
        face_checkpoint=files["face_checkpoint"],
    )


@pytest.fixture(scope="module")
def separator(files: dict[str, Path]) -> Separator:
    return load(SYSTEM, files, "with_heads")


def test_has_the_parameters_of_the_sheet(separator: Separator) -> None:
    parts = {"network": 46_135_682, "lip_encoder": 9_136_480, "face_encoder": 11_242_176}
    for part, expected in parts.items():
        assert sum(p.numel() for p in separator.get_submodule(part).parameters()) == expected
    counted = separator.card.parameters
    assert counted is not None
    assert counted.total == 66_514_338


@torch.inference_mode()
@pytest.mark.parametrize(("frames", "columns"), [(50, 200), (64, 256)])
def test_the_network_has_the_shapes_of_the_sheet(
    separator: Separator, frames: int, columns: int
) -> None:
    network, lip_encoder = (
        separator.get_submodule("network"),
        separator.get_submodule("lip_encoder"),
    )
    assert isinstance(network, UNet)
    lips = lip_encoder(mouths("shapes", 1, frames)[:, 0])
    assert lips.shape == (1, 512, frames)
    spectrogram = torch.randn(1, 2, 256, columns)
    assert network.down(spectrogram).shape == (1, 512, 1, frames)
    visual = torch.cat((torch.ones(1, 128, frames), lips), 1)[:, :, None]
    mask = network.estimate_mask(network.analyse(spectrogram), visual)
    assert mask.shape == (1, 2, 256, columns)


@torch.inference_mode()
@pytest.mark.parametrize("samples", [32000, 40800, 81600, 24320])
def test_gives_the_voices_of_visualvoice_bit_for_bit(
    separator: Separator, files: dict[str, Path], samples: int
) -> None:
    heard, face = mixture("equal", 1, samples), faces("equal", 1)
    seen = mouths("equal", 1, round(samples / 640))
    voices = separator(heard, seen, faces=face)
    assert voices.shape == (1, 1, samples)
    assert voices.square().mean() > 1e-4
    assert torch.equal(voices, load("visualvoice", files)(heard, seen, faces=face))


@torch.inference_mode()
def test_heads_of_training_change_nothing_and_are_told(
    separator: Separator, files: dict[str, Path]
) -> None:
    bare = load(SYSTEM, files)
    heard, seen, face = mixture("heads", 1, 2000), mouths("heads", 1, 3), faces("heads", 1)
    expected = bare(heard, seen, faces=face)
    assert torch.equal(separator(heard, seen, faces=face), expected)
    card = find_card(SYSTEM)
    assert bare.notes == card.notes
    *same, told = separator.notes
    assert tuple(same) == card.notes
    assert told == (
        "the checkpoint carries 6 tensors that inference does not use and that were left out: "
        "D_id, D_ph, lip_projection, phoneme_net, timbre_net, vocal"
    )


def test_a_tensor_that_is_no_head_is_refused(files: dict[str, Path], tmp_path: Path) -> None:
    state = torch.load(files["checkpoint"]) | {"audionet_convlayer9.weight": torch.zeros(1)}
    torch.save(state, tmp_path / "more.pth")
    with pytest.raises(CheckpointError, match=r"1 left over: audionet_convlayer9\.weight"):
        load(SYSTEM, {**files, "checkpoint": tmp_path / "more.pth"})


def test_is_marked_as_a_re_implementation_with_choices_of_ours(separator: Separator) -> None:
    card = separator.card
    assert card.kind == "re-implementation"
    assert any("our choice" in note for note in card.notes)
    assert separator.mouth_input is not None
    assert separator.face_input is not None
    assert separator.mouth_input.convention == separator.face_input.convention == "ours"


def test_needs_a_face(separator: Separator) -> None:
    with pytest.raises(UsageError, match="needs faces="):
        separator(mixture("face", 1, 2000), mouths("face", 1, 3))
