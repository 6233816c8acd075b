"""Weight files in the layouts that authors publish, filled by the rule of `vectors`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

Tensors = Mapping[str, Tensor]


def write_lightning(
    path: Path, beside: Mapping[str, Any] | None = None, **networks: Tensors
) -> Path:
    """Write a training checkpoint: each network's tensors under its name as a prefix."""
    state = {f"{name}.{key}": t for name, part in networks.items() for key, t in part.items()}
    torch.save({"epoch": 3, "state_dict": state, **(beside or {})}, path)
    return path


def write_packaged(path: Path, tensors: Tensors, model: str) -> Path:
    """Write an exported model: its tensors with its class, its arguments and its environment."""
    infos = {"software_versions": {"torch_version": torch.torch_version.TorchVersion("2.0.1")}}
    content = {"model_name": model, "state_dict": dict(tensors), "model_args": {}, "infos": infos}
    torch.save(content, path)
    return path


def write_model_state(path: Path, tensors: Tensors) -> Path:
    """Write a lip encoder's training checkpoint: its tensors under `model_state_dict`."""
    torch.save({"epoch": 3, "model_state_dict": dict(tensors)}, path)
    return path


def write_recipe(path: Path, tensors: Tensors, *, prefix: str = "") -> Path:
    """Write what ClearerVoice-Studio's training leaves: all tensors under `model`."""
    model = {f"{prefix}{name}": tensor for name, tensor in tensors.items()}
    beside = {"optimizer": {}, "epoch": 3, "step_num": 9, "best_val_loss": -14.5, "val_no_impv": 0}
    torch.save({"model": model, **beside}, path)
    return path


def complaint(problem: str, name: str) -> str:
    """Pattern of the refusal: tensors are named as in the published file, missing ones too."""
    return re.escape(f"{problem}: {name}")


def damaged(tensors: Tensors, name: str) -> dict[str, dict[str, Tensor]]:
    """Return copies of tensors that must be refused, by what their error must say."""
    tensor = tensors[name]
    rest = {key: value for key, value in tensors.items() if key != name}
    return {
        "1 missing": rest,
        "1 left over": {**tensors, f"{name}_twice": tensor},
        "1 of another shape": {**tensors, name: torch.zeros(7, *tensor.shape)},
    }
