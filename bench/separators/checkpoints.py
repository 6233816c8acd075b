"""Reading published weight files so that none can load silently wrong.

A file is read without running any code in it, its names are mapped to ours by the card, and it must
fill its part of the network exactly: a tensor missing, left over or of another shape is an error
that lists them.
"""

from __future__ import annotations

import pickle
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from bench.errors import CheckpointError
from bench.separators.card import WeightFile

__all__ = [
    "fill_part",
    "left_out",
    "mismatches",
    "published_tensors",
    "read_tensors",
    "refuse_web_page",
    "rename_tensors",
]

# Where published files keep their tensors; a bare dictionary of tensors has none of these.
_CONTAINERS = ("state_dict", "model_state_dict", "model")

# Harmless types that published files carry beside their tensors.
_ALLOWED: list[Any] = [torch.torch_version.TorchVersion]

_MOST_LISTED = 8


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read all tensors of a file by their stored names, on the CPU.

    Understood are safetensors and PyTorch files that hold a dictionary of tensors, bare or under
    `state_dict`, `model_state_dict` or `model`. Nothing in the file is ever executed.

    Raises:
        CheckpointError: The file is absent, truncated, a web page, holds code, or no tensors.
    """
    if not path.is_file():
        raise CheckpointError(f"there is no weight file {path}; check the path.")
    refuse_web_page(path)
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    return _tensors_in(content, path)


def refuse_web_page(path: Path) -> None:
    """Recognise a download page that was saved in the place of the file.

    Raises:
        CheckpointError: The file is HTML.
    """
    with path.open("rb") as stream:
        head = stream.read(512).lstrip().lower()
    if head.startswith((b"<!doctype", b"<html")):
        raise CheckpointError(
            f"{path} is a web page, not a weight file (the download page was saved instead of the "
            "file); download it again."
        )


def _read_safetensors(path: Path) -> Mapping[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is not a complete safetensors file ({error}); download it again."
        ) from error


def _read_torch(path: Path) -> object:
    try:
        with torch.serialization.safe_globals(_ALLOWED):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "weights_only" in str(error).lower() or "unsupported" in str(error).lower():
            raise CheckpointError(
                f"{path} holds more than tensors and was not opened, for unpickling it could run "
                f"code ({_first_line(error)}); save its state dict alone."
            ) from error
        raise _broken(path, error) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise _broken(path, error) from error


def _broken(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"{path} is not a complete PyTorch weight file ({_first_line(error)}); download it again."
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160].rstrip(".") if lines else type(error).__name__


def _tensors_in(content: object, path: Path) -> dict[str, Tensor]:
    inner: Any = content
    for name in _CONTAINERS:
        if isinstance(inner, Mapping) and isinstance(inner.get(name), Mapping):
            inner = inner[name]
            break
    found = (
        {str(name): value for name, value in inner.items() if isinstance(value, Tensor)}
        if isinstance(inner, Mapping)
        else {}
    )
    if not found:
        raise CheckpointError(
            f"{path} holds no tensors; a dictionary of tensors, bare or under "
            f"{' / '.join(_CONTAINERS)}, is expected."
        )
    return found


def published_tensors(tensors: Mapping[str, Tensor], file: WeightFile) -> dict[str, Tensor]:
    """Undo what surrounds the published names: prefixes, older names, duplicates, extras."""
    found = _with_published_names(tensors, file)
    return {name: tensor for name, tensor in found.items() if not _is_ignored(name, file)}


def left_out(tensors: Mapping[str, Tensor], file: WeightFile) -> str:
    """Say which tensors of a file inference does not use; empty if it uses them all."""
    names = [name for name in _with_published_names(tensors, file) if _is_ignored(name, file)]
    if not names:
        return ""
    groups = sorted({name.partition(".")[0] for name in names})
    return (
        f"the {file.role} carries {len(names)} tensors that inference does not use and that were "
        f"left out: {_listed(groups)}"
    )


def _with_published_names(tensors: Mapping[str, Tensor], file: WeightFile) -> dict[str, Tensor]:
    found = dict(tensors)
    for prefix in file.prefixes:
        if any(name.startswith(prefix) for name in found):
            found = {n.removeprefix(prefix): t for n, t in found.items() if n.startswith(prefix)}
            break
    found = {_renamed(name, file.older): tensor for name, tensor in found.items()}
    for pattern, winner in file.duplicates:
        for match in [m for name in found if (m := re.fullmatch(pattern, name))]:
            copy = found.pop(match.string)
            found.setdefault(match.expand(winner), copy)
    return found


def _is_ignored(name: str, file: WeightFile) -> bool:
    return any(re.search(pattern, name) for pattern in file.ignore)


def rename_tensors(tensors: Mapping[str, Tensor], file: WeightFile) -> dict[str, Tensor]:
    """Give published tensors our names."""
    return {_renamed(name, file.renames): tensor for name, tensor in tensors.items()}


def _renamed(name: str, pairs: Iterable[tuple[str, str]]) -> str:
    for pattern, replacement in pairs:
        renamed, hits = re.subn(pattern, replacement, name, count=1)
        if hits:
            return renamed
    return name


def fill_part(module: torch.nn.Module, tensors: Mapping[str, Tensor], what: str) -> None:
    """Load tensors into a module, all of them and nothing else.

    Args:
        module: The network or a part of it.
        tensors: By our names.
        what: For the message: the file and the system it was given for.

    Raises:
        CheckpointError: Lists the tensors that are missing, left over or of the wrong shape.
    """
    problems = mismatches({n: tuple(t.shape) for n, t in module.state_dict().items()}, tensors)
    if problems:
        raise CheckpointError(f"{what} does not fit: {'; '.join(problems)}.")
    module.load_state_dict(dict(tensors), strict=True)


def mismatches(expected: Mapping[str, tuple[int, ...]], given: Mapping[str, Tensor]) -> list[str]:
    """Say what keeps the given tensors from filling the expected shapes; empty if nothing does."""
    missing = sorted(expected.keys() - given.keys())
    extra = sorted(given.keys() - expected.keys())
    shapes = [
        f"{name} is {tuple(given[name].shape)} where {expected[name]} is expected"
        for name in sorted(expected.keys() & given.keys())
        if tuple(given[name].shape) != expected[name]
    ]
    kinds = (("missing", missing), ("left over", extra), ("of another shape", shapes))
    return [f"{len(names)} {kind}: {_listed(names)}" for kind, names in kinds if names]


def _listed(names: list[str]) -> str:
    rest = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {rest} more" if rest > 0 else "")
