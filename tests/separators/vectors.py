"""Reference vectors: what a published network answers when weights and inputs follow a fixed rule.

Every tensor depends on a salt and its published name alone, so a vector is names, shapes and the
answer; no weights are shipped. `tests/separators/data/<system>.npz` holds a strided part of every
answer (made by `tools/reduce_vectors.py`); the complete ones are reference material.

    vectors = read_vectors("ctcnet")                        # or read_vectors("ctcnet", material)
    separator = filled_separator("ctcnet", vectors, salt)
    estimate = separator(mixture(salt, 1, 32000), mouths(salt, 1, 50))
    assert largest_difference(vectors, "two_seconds_estimate", estimate) < 1e-5
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bench.separators.base import Separator
from bench.separators.card import Setting
from bench.separators.checkpoints import published_tensors
from bench.separators.registry import build_separator, find_card, load_part

DATA = Path(__file__).parent / "data"

ROLES = {"sep": "checkpoint", "lip": "lip_checkpoint", "face": "face_checkpoint"}


@dataclass(frozen=True)
class Case:
    """One input: how it is made, and its name."""

    name: str
    salt: str
    batch: int
    samples: int
    frames: int
    size: int


@dataclass(frozen=True)
class Vectors:
    """One file of reference vectors, complete or reduced."""

    arrays: Mapping[str, NDArray[np.generic]]

    @property
    def cases(self) -> list[Case]:
        """All cases, probes included, in the order of the file."""
        ending = "_samples"
        return [self.case(n.removesuffix(ending)) for n in self.arrays if n.endswith(ending)]

    def case(self, name: str) -> Case:
        """Describe the input of one case."""

        def number(what: str, default: int = 0) -> int:
            return int(self.arrays.get(f"{name}_{what}", np.array(default)))

        return Case(
            name=name,
            salt=str(self.arrays[f"{name}_salt"]),
            batch=number("batch", 1),
            samples=number("samples"),
            frames=number("frames"),
            size=number("size", 88),
        )

    def shapes(self, network: str) -> dict[str, tuple[int, ...]]:
        """Shapes by published name of "sep", "lip" or "face"; empty if the file has none."""
        if f"{network}_keys" not in self.arrays:
            return {}
        names, shapes = self.arrays[f"{network}_keys"], self.arrays[f"{network}_shapes"]
        return {
            str(name): tuple(int(size) for size in str(shape).split(",") if size)
            for name, shape in zip(names, shapes, strict=True)
        }

    def state(self, network: str, salt: str) -> dict[str, Tensor]:
        """Fill a network by the rule; constants that the rule leaves alone are ones here."""
        kept = set(self.arrays[f"{network}_keep"].tolist())
        scaled = set(self.arrays.get(f"{network}_scaled", np.array([])).tolist())
        scale = float(self.arrays.get(f"{network}_scale", np.array(1.0)))
        state = {
            name: torch.ones(shape) if name in kept else torch.from_numpy(fill(salt, name, shape))
            for name, shape in self.shapes(network).items()
        }
        return {name: value * scale if name in scaled else value for name, value in state.items()}


def read_vectors(system: str, material: Path | None = None) -> Vectors:
    """Read the reduced vectors of a system, or the complete ones in a folder of material."""
    path = DATA / f"{system}.npz" if material is None else material / "reference" / f"{system}.npz"
    with np.load(path) as file:
        return Vectors({name: file[name] for name in file.files})


def published_states(system: str, vectors: Vectors, salt: str) -> dict[str, dict[str, Tensor]]:
    """Return the tensors of each published file, by role; what has no file is in the checkpoint."""
    roles = {file.role for file in find_card(system).files}
    states: dict[str, dict[str, Tensor]] = {role: {} for role in roles}
    for network, role in ROLES.items():
        if vectors.shapes(network):
            states[role if role in roles else "checkpoint"] |= vectors.state(network, salt)
    return states


def filled_separator(
    system: str,
    vectors: Vectors,
    salt: str,
    *,
    settings: Mapping[str, Setting] | None = None,
    replaced: Mapping[str, Tensor] | None = None,
) -> Separator:
    """Build a system and load into it, by its published names, weights that follow the rule.

    Args:
        system: Id of the separator.
        vectors: Where names and shapes come from.
        salt: Of the weights.
        settings: As for `build_separator`.
        replaced: Tensors by published name that do not follow the rule.
    """
    separator = build_separator(find_card(system), settings)
    states = published_states(system, vectors, salt)
    for file in separator.card.files:
        state = states[file.role]
        state |= {name: value for name, value in (replaced or {}).items() if name in state}
        load_part(separator, file, published_tensors(state, file), "vectors")
    return separator


def largest_difference(vectors: Vectors, name: str, actual: Tensor) -> float:
    """Return the largest absolute difference to an array of the file.

    Args:
        vectors: Complete or reduced.
        name: Of the array, such as "odd_estimate".
        actual: Of the same size, with any axes of length one.
    """
    expected = vectors.arrays[name]
    stride = int(vectors.arrays.get(f"{name}_stride", np.array(1)))
    shape = tuple(vectors.arrays.get(f"{name}_shape", np.array(expected.shape)).tolist())
    assert [n for n in actual.shape if n > 1] == [n for n in shape if n > 1]
    found = actual.detach().cpu().double().numpy().reshape(-1)[::stride]
    return float(np.abs(found - expected.reshape(-1)).max())


def mixture(salt: str, batch: int, samples: int) -> Tensor:
    """Make the mixture of a case, `(batch, samples)`."""
    noise = 0.1 * _generator(salt, "mixture").standard_normal((batch, samples))
    return torch.from_numpy(noise.astype(np.float32))


def mouths(salt: str, batch: int, frames: int, size: int = 88, *, speakers: int = 1) -> Tensor:
    """Make the normalised mouths of a case, `(batch, speakers, frames, size, size)`."""
    noise = _generator(salt, "mouth").standard_normal((batch, speakers, frames, size, size))
    return torch.from_numpy(noise.astype(np.float32))


def faces(salt: str, batch: int, *, speakers: int = 1) -> Tensor:
    """Make the normalised faces of a case, `(batch, speakers, 3, 224, 224)`."""
    noise = _generator(salt, "face").standard_normal((batch, speakers, 3, 224, 224))
    return torch.from_numpy(noise.astype(np.float32))


def inputs(case: Case) -> tuple[Tensor, Tensor]:
    """Make mixture and mouths of a case with one speaker."""
    return (
        mixture(case.salt, case.batch, case.samples),
        mouths(case.salt, case.batch, case.frames, case.size),
    )


def fill(salt: str, name: str, shape: tuple[int, ...]) -> NDArray[np.generic]:
    """The value of the tensor of this published name."""
    if name.endswith("num_batches_tracked"):
        return np.zeros(shape, np.int64)
    noise = np.asarray(_generator(salt, name).standard_normal(shape))
    is_scale = name.endswith(("weight", "gamma"))
    if name.endswith("running_var"):
        value = 0.5 + np.abs(noise)
    elif len(shape) >= 2 and (max(shape[1:]) > 1 or not is_scale):
        value = noise / np.sqrt(max(1, int(np.prod(shape[1:]))))
    elif is_scale:  # of norms, and slopes, whatever their rank
        value = 0.5 + 0.1 * noise
    else:
        value = 0.1 * noise
    return np.asarray(value.astype(np.float32))


def _generator(salt: str, name: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{salt}/{name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "little")))


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Compute with this many threads inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
