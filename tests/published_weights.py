"""Weight files with random values in the layouts that authors publish, in the published size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

DATA = Path(__file__).parent / "separators" / "data"
LIPS = "frcnn_128_512.backbone.pth.tar"


def published_shapes(system: str, network: str) -> dict[str, tuple[int, ...]]:
    """Shapes by published name of "sep", "lip" or "face"; empty if the system has none."""
    with np.load(DATA / f"{system}.npz") as file:
        if f"{network}_keys" not in file:
            return {}
        names, shapes = file[f"{network}_keys"], file[f"{network}_shapes"]
    return {
        str(name): tuple(int(size) for size in str(shape).split(",") if size)
        for name, shape in zip(names, shapes, strict=True)
    }


def random_tensors(shapes: Mapping[str, tuple[int, ...]], seed: int = 0) -> dict[str, Tensor]:
    """Small random weights; statistics of norms are neutral."""
    generator = torch.Generator().manual_seed(seed)

    def make(name: str, shape: tuple[int, ...]) -> Tensor:
        if name.endswith("num_batches_tracked"):
            return torch.zeros(shape, dtype=torch.int64)
        if name.endswith("running_var"):
            return torch.ones(shape)
        return 0.1 * torch.randn(shape, generator=generator)

    return {name: make(name, shape) for name, shape in shapes.items()}


def write_separator(path: Path, system: str, seed: int = 0, **arguments: Any) -> Path:
    """Write an exported separator: its tensors, and the arguments of its class."""
    tensors = random_tensors(published_shapes(system, "sep"), seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"model_name": "AVNet", "state_dict": tensors, "model_args": arguments}, path)
    return path


def write_lips(path: Path, system: str = "rtfsnet-4", seed: int = 1) -> Path:
    """Write a lip encoder's training checkpoint."""
    tensors = random_tensors(published_shapes(system, "lip"), seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"epoch": 3, "model_state_dict": tensors}, path)
    return path
