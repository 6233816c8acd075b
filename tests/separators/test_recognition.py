"""Every published file is recognised by names and shapes alone, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from published_weights import DATA, published_shapes, random_tensors
from torch import Tensor

from bench.errors import CheckpointError
from bench.separators.checkpoints import read_arguments
from bench.separators.recognition import Fit, nearest_file, own_states, recognise_tensors
from bench.separators.registry import build_separator, find_card, load_separator

NETWORKS = {"sep": "checkpoint", "lip": "lip_checkpoint", "face": "face_checkpoint"}
# Vectors of a system under another name than its id.
IDS = {"avlit": "avlit-8", "rtfsnet-4-bare-projection": "rtfsnet-4", "swift-net-wide": "swift-net"}
SYSTEMS = sorted(path.stem for path in DATA.glob("*.npz") if "attention" not in path.stem)


def stored(system: str, role: str) -> dict[str, Tensor]:
    """Tensors of a published file, without memory for their values."""
    roles = {file.role for file in find_card(IDS.get(system, system)).files}
    shapes = {}
    for network, own in NETWORKS.items():
        if role == (own if own in roles else "checkpoint"):
            shapes |= published_shapes(system, network)
    return {name: torch.empty(shape, device="meta") for name, shape in shapes.items()}


def fits(system: str, role: str) -> set[tuple[str, str]]:
    return {(fit.separator, fit.role) for fit in recognise_tensors(stored(system, role))}


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_published_file_is_recognised(system: str) -> None:
    id = IDS.get(system, system)
    for file in find_card(id).files:
        assert (id, file.role) in fits(system, file.role)


def test_what_equal_tensors_cannot_tell_apart_is_all_named() -> None:
    variants = {(f"rtfsnet-{number}", "checkpoint") for number in (4, 6, 12)}
    assert fits("rtfsnet-6", "checkpoint") == variants
    lips = {id for id, role in fits("ctcnet", "lip_checkpoint") if role == "lip_checkpoint"}
    assert lips == {
        *("caffnet", "caffnet-c", "ctcnet", "iianet", "iianet-fast"),
        *("rtfsnet-4", "rtfsnet-6", "rtfsnet-12", "swift-net"),
    }


def test_a_training_checkpoint_holds_both_files() -> None:
    both = {f"audio_model.{n}": t for n, t in stored("ctcnet", "checkpoint").items()}
    both |= {f"video_model.{n}": t for n, t in stored("ctcnet", "lip_checkpoint").items()}
    found = recognise_tensors(both)
    assert Fit("ctcnet", "checkpoint", "best_model.pth") in found
    assert ("ctcnet", "lip_checkpoint") in {(fit.separator, fit.role) for fit in found}


def test_one_tensor_more_or_less_is_no_published_file() -> None:
    tensors = stored("iianet", "checkpoint")
    name = next(iter(tensors))
    for changed in (
        {**tensors, "extra": tensors[name]},
        {n: t for n, t in tensors.items() if n != name},
        {**tensors, name: torch.empty(3, 5, 7, device="meta")},
    ):
        assert recognise_tensors(changed) == ()
        near = nearest_file(changed)
        assert near is not None
        assert near[1] == "checkpoint"
        assert near[0].startswith("iianet")
        assert 0.9 < near[2] < 1.0


def test_the_state_of_our_own_network_is_recognised_and_refused(tmp_path) -> None:
    state = build_separator(find_card("ctcnet")).state_dict()
    assert own_states(state) == ("ctcnet",)
    assert own_states(dict(list(state.items())[1:])) == ()
    assert own_states(stored("ctcnet", "checkpoint")) == ()
    path = tmp_path / "own.pt"
    torch.save(state, path)
    said = "is the state of avss-bench's own ctcnet, not a published layout: in Python, "
    with pytest.raises(CheckpointError, match=said):
        load_separator("ctcnet", checkpoint=path, lip_checkpoint=path)


def test_strange_tensors_are_like_nothing() -> None:
    assert recognise_tensors({"weight": torch.zeros(3, 2)}) == ()
    assert nearest_file({"weight": torch.zeros(3, 2)}) is None


def test_arguments_beside_the_tensors_are_read_and_bounded(tmp_path) -> None:
    path = tmp_path / "best_model.pth"
    arguments: dict[str, object] = {"audio_params": {"repeats": 6, "bias": True}, "lr": 1e-3}
    arguments["self"] = arguments  # a dictionary that holds itself must not be walked for ever
    torch.save({"state_dict": random_tensors({"weight": (2, 2)}), "model_args": arguments}, path)
    found = read_arguments(path)
    assert found["model_args.audio_params.repeats"] == 6
    assert found["model_args.lr"] == pytest.approx(1e-3)
    assert not any(isinstance(value, np.ndarray | Tensor) for value in found.values())
    assert len(found) < 100
