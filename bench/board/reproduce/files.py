"""What the files in a folder are: recognised by their hash, or by the names of their tensors.

No file is executed: tensors are read as `bench.separators.checkpoints` reads them. A file that was
saved with its class's arguments says what its tensors cannot (how often a block is used).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch

from bench.core.hashing import hash_file
from bench.errors import CheckpointError, DataError
from bench.separators.card import known_cards
from bench.separators.checkpoints import read_arguments, read_tensors
from bench.separators.recognition import Fit, nearest_file, own_states, recognise_tensors

__all__ = ["WEIGHT_SUFFIXES", "FoundFile", "look_through"]

# What authors save weights as; nothing else in a folder is opened.
WEIGHT_SUFFIXES = (".pth", ".pt", ".ckpt", ".tar", ".safetensors", ".bin", ".zip")

_HIDDEN = "."


@dataclass(frozen=True)
class FoundFile:
    """One file of a folder.

    Attributes:
        path: Relative to the folder.
        sha256: Of the file; empty where it could not be read.
        fits: Every published file whose tensors it has.
        pinned: Names of the published file whose known SHA-256 it has.
        arguments: Plain values that were saved with the tensors, by dotted path.
        reason: Why it was not recognised; empty where it was.
    """

    path: Path
    sha256: str = ""
    fits: tuple[Fit, ...] = ()
    pinned: frozenset[str] = frozenset()
    arguments: Mapping[str, bool | int | float | str] = field(default_factory=dict)
    reason: str = ""

    def fills(self, separator: str, role: str) -> bool:
        """Whether it has the tensors of this file of a system."""
        return any((fit.separator, fit.role) == (separator, role) for fit in self.fits)

    @property
    def names(self) -> frozenset[str]:
        """Published names that it goes by: those of its hash, else its own if it is one of them."""
        return self.pinned or frozenset({fit.name for fit in self.fits} & {self.path.name})

    @property
    def recognised_by(self) -> str:
        """How it was recognised."""
        return "its published SHA-256" if self.pinned else "its tensors"


def look_through(folder: Path) -> tuple[FoundFile, ...]:
    """Recognise every weight file at or below a folder.

    Args:
        folder: Holds weight files, at any depth; hidden ones are passed over.

    Raises:
        DataError: There is no such folder, or no weight file is in it.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder} with checkpoints; check the path.")
    paths = sorted(path for path in folder.rglob("*") if _is_weight_file(path, folder))
    if not paths:
        raise DataError(
            f"{folder} holds no weight file ({', '.join(WEIGHT_SUFFIXES)}); give the folder that "
            "the published files were unpacked to."
        )
    return tuple(_look(path, folder) for path in paths)


def _is_weight_file(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(_HIDDEN) for part in path.relative_to(folder).parts)
    return not hidden and path.suffix.lower() in WEIGHT_SUFFIXES and path.is_file()


def _look(path: Path, folder: Path) -> FoundFile:
    name = path.relative_to(folder)
    try:
        # Names and shapes are enough: the weights of one file are let go before the next is read.
        shapes = {key: tensor.to("meta") for key, tensor in read_tensors(path).items()}
        arguments = read_arguments(path)
        sha256 = hash_file(path)
    except (CheckpointError, OSError) as error:
        return FoundFile(name, reason=str(error))
    fits = recognise_tensors(shapes)
    reason = "" if fits else _strange(shapes)
    return FoundFile(name, sha256, fits, _pinned(sha256), arguments, reason)


def _pinned(sha256: str) -> frozenset[str]:
    files = (file for card in known_cards().values() for file in card.files)
    return frozenset(file.name for file in files if file.sha256 == sha256)


def _strange(shapes: Mapping[str, torch.Tensor]) -> str:
    if own := own_states(shapes):
        return (
            f"it is the state of avss-bench's own {' or '.join(own)}, not a published layout; "
            "score it from Python with load_state_dict and bench.evaluate"
        )
    near = nearest_file(shapes)
    if near is None:
        return f"its {len(shapes)} tensors are those of no system that is known"
    id, role, share = near
    return (
        f"{share:.0%} of its tensors are those of the {role} of {id}, which is not enough to run "
        "it; a variant with other settings runs with `avss-bench run --set NAME=VALUE`"
    )
