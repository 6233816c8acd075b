"""Finding, making and refusing separators, and what holds for every card."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import Tensor
from vectors import DATA, ROLES, Vectors, read_vectors

import bench
from bench.errors import CheckpointError, UsageError
from bench.separators import registry
from bench.separators.base import Separator
from bench.separators.card import Card, shipped_cards
from bench.separators.registry import (
    build_on_meta,
    build_separator,
    find_card,
    list_separators,
    load_part,
)

CARDS = list(shipped_cards().values())
NETWORKS = [card for card in CARDS if card.is_network]
SMALL = {"n_filters": 16, "bn_chan": 8, "hid_chan": 8, "video_chan": 8}


def ids(cards):
    return [card.id for card in cards]


# Finding


def test_lists_in_natural_order_with_baselines_last():
    found = list_separators()
    networks, others = found[: len(NETWORKS)], found[len(NETWORKS) :]
    assert sorted(networks) == sorted(ids(NETWORKS))
    assert others == ["ideal-binary-mask", "ideal-ratio-mask", "mixture"]
    of_one_family = [name for name in networks if name.startswith("rtfsnet-")]
    assert of_one_family == ["rtfsnet-4", "rtfsnet-6", "rtfsnet-12"]
    keys = [[int(p) if p.isdigit() else p for p in re.split(r"(\d+)", name)] for name in networks]
    assert keys == sorted(keys)
    assert bench.list_separators() == found


def test_an_unknown_id_names_the_nearest():
    with pytest.raises(UsageError, match=r"unknown separator 'ctc-net': did you mean 'ctcnet'\?"):
        bench.load_separator("ctc-net")


# Every card


@pytest.mark.parametrize("card", CARDS, ids=ids(CARDS))
def test_every_card_builds_what_it_says(card):
    separator = build_on_meta(card)
    assert not separator.training
    assert not any(p.requires_grad for p in separator.parameters())
    assert separator.card is card
    assert "default" in card.mouth_inputs or not card.mouth_inputs
    for file in card.files:
        assert separator.get_submodule(file.part).state_dict()
        for pattern, _ in (*file.older, *file.renames, *file.duplicates):
            re.compile(pattern)
    roles = [file.role for file in card.files]
    assert len(set(roles)) == len(roles)


@pytest.mark.parametrize("card", NETWORKS, ids=ids(NETWORKS))
def test_every_network_has_its_published_number_of_parameters(card):
    separator = build_on_meta(card)
    assert card.parameters is not None
    assert sum(p.numel() for p in separator.parameters()) == card.parameters.total


@pytest.mark.parametrize("card", NETWORKS, ids=ids(NETWORKS))
def test_every_network_says_where_it_and_its_files_come_from(card):
    assert card.summary
    assert card.paper is not None
    assert card.paper.url.startswith("https://")
    assert all(file.name and file.where for file in card.files)
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in card.files if file.sha256)


# Making


def test_weights_follow_the_seed_and_leave_the_generator_alone():
    before = torch.random.get_rng_state()
    card = find_card("ctcnet")
    first, again = (build_separator(card, SMALL, seed=5).state_dict() for _ in range(2))
    other = build_separator(card, SMALL, seed=6).state_dict()
    name = "network.mask.weight"
    assert torch.equal(first[name], again[name])
    assert not torch.equal(first[name], other[name])
    assert torch.equal(torch.random.get_rng_state(), before)


def test_identity_says_what_was_made():
    identity = build_separator(find_card("ctcnet"), SMALL, seed=5).identity
    assert identity.separator == "ctcnet"
    assert identity.weights == "random"
    assert identity.seed == 5
    assert identity.settings == SMALL
    assert build_separator(find_card("mixture")).identity.weights == "none"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"bn_channels": 8}, r"unknown setting of ctcnet 'bn_channels': did you mean 'bn_chan'"),
        ({"bn_chan": 8.0}, r"must be of the type of the published value, 512"),
        ({"bn_chan": True}, r"must be of the type of the published value, 512"),
        ({"mouth_input": "colour"}, r"unknown mouth input 'colour'"),
    ],
)
def test_settings_that_do_not_exist_are_refused(settings, said):
    with pytest.raises(UsageError, match=said):
        bench.load_separator("ctcnet", settings=settings)


# Refusing


def test_files_that_a_system_does_not_take_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"ctcnet takes no face_checkpoint .* lip_checkpoint"):
        bench.load_separator("ctcnet", face_checkpoint=tmp_path / "face.pth")
    with pytest.raises(UsageError, match=r"takes no checkpoint .* no weight file at all"):
        bench.load_separator("mixture", checkpoint=tmp_path / "best_model.pth")


@pytest.mark.parametrize("given", ["checkpoint", "lip_checkpoint"])
def test_half_of_the_files_is_not_enough(given, tmp_path):
    with pytest.raises(UsageError, match="also needs"):
        bench.load_separator("ctcnet", **{given: tmp_path / "a.pth"})


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("tpu", "the device 'tpu' is unknown"),
        ("cuda:x", "the device 'cuda:x' is unknown"),
        ("cuda:64", "PyTorch sees [0-9]+ GPUs here; use --device cpu"),
    ],
)
def test_a_device_that_is_not_there_is_refused(device, said):
    with pytest.raises(UsageError, match=said):
        bench.load_separator("mixture", device=device)


# Recognising

SYSTEMS = {"avlit": "avlit-8", "swift-net-wide": "swift-net"}


def system_of(name: str) -> str:
    """Whose vectors these are; a longer name is a variant of the one it starts with."""
    fitting = [card.id for card in CARDS if name.startswith(card.id)]
    return SYSTEMS.get(name) or max(fitting, key=len)


@pytest.fixture(scope="module")
def built() -> dict[str, Separator]:
    return {}


@pytest.mark.parametrize("name", sorted(path.stem for path in DATA.glob("*.npz")))
def test_a_file_of_another_system_is_recognised(name, built, monkeypatch):
    def build_once(card: Card) -> Separator:
        if card.id not in built:
            built[card.id] = build_on_meta(card)
        return built[card.id]

    monkeypatch.setattr(registry, "build_on_meta", build_once)
    card = find_card(system_of(name))
    wrong = build_once(find_card("ctcnet" if card.id != "ctcnet" else "iianet"))
    for role, tensors in empty_files(card, read_vectors(name)).items():
        taken = next(file for file in wrong.card.files if file.role == "checkpoint")
        with pytest.raises(CheckpointError) as caught:
            load_part(wrong, taken, tensors, Path("some.pth"))
        said = re.search(r"looks like the (\w+) of ([\w-]+)(?: or [\w-]+)*\.$", str(caught.value))
        assert said, f"{role} of {name} was not recognised: {caught.value}"
        assert said[1] == role
        assert same_shapes(said[2], card.id, role)


def empty_files(card: Card, vectors: Vectors) -> dict[str, dict[str, Tensor]]:
    """Published names and shapes of each file of a system, by role, without any memory."""
    files: dict[str, dict[str, Tensor]] = {file.role: {} for file in card.files}
    for network, role in ROLES.items():
        shapes = vectors.shapes(network).items()
        tensors = {name: torch.empty(shape, device="meta") for name, shape in shapes}
        files[role if role in files else "checkpoint"] |= tensors
    return files


def same_shapes(first: str, second: str, role: str) -> bool:
    """Whether two systems share the file of a role (several use one lip encoder)."""

    def shapes(system: str) -> list[tuple[int, ...]]:
        separator = build_on_meta(find_card(system))
        part = next(file.part for file in separator.card.files if file.role == role)
        return sorted(tuple(t.shape) for t in separator.get_submodule(part).state_dict().values())

    return shapes(first) == shapes(second)
