"""Reading published weight files so that none can load silently wrong.

A file is read without running any code in it, its names are mapped to ours by the card, and it must
fill its part of the network exactly: a tensor missing, left over or of another shape is an error
that lists them.
"""

from __future__ import annotations

import argparse
import itertools
import pickle
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from bench.errors import CheckpointError
from bench.separators.card import WeightFile
from bench.separators.published_names import published_name

__all__ = [
    "fill_part",
    "left_out",
    "published_tensors",
    "read_arguments",
    "read_tensors",
    "refuse_web_page",
    "rename_tensors",
    "spelling",
]

# Where published files keep their tensors; a bare dictionary of tensors has none of these.
_CONTAINERS = ("state_dict", "model_state_dict", "model")

# Harmless types that published files carry beside their tensors.
_ALLOWED: list[Any] = [argparse.Namespace, torch.torch_version.TorchVersion]

_MOST_LISTED = 8

# Saved configurations are small and shallow; what is larger is not read to its end.
_DEEPEST = 6
_MOST_ARGUMENTS = 5000


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read all tensors of a file by their stored names, on the CPU.

    Understood are safetensors and PyTorch files that hold a dictionary of tensors, bare or under
    `state_dict`, `model_state_dict` or `model`. Nothing in the file is ever executed.

    Raises:
        CheckpointError: The file is absent, truncated, a web page, holds code, or no tensors.
    """
    return _tensors_in(_read(path), path)


def read_arguments(path: Path) -> dict[str, bool | int | float | str]:
    """Read the plain values that a file keeps beside its tensors, by dotted path.

    Authors save the arguments of their classes, or the configuration of a training, with the
    weights. They are hints about what leaves no trace in the tensors, never what is built from.

    Raises:
        CheckpointError: As `read_tensors`.
    """
    values = _plain_values(_read(path), "", _DEEPEST)
    return dict(itertools.islice(values, _MOST_ARGUMENTS))


def _read(path: Path) -> object:
    """Read a whole file; nothing in it is executed."""
    if not path.is_file():
        raise CheckpointError(f"there is no weight file {path}; check the path.")
    refuse_web_page(path)
    _refuse_wrapping(path)
    return _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)


def _plain_values(
    content: object, name: str, depth: int
) -> Iterator[tuple[str, bool | int | float | str]]:
    """Walk through dictionaries and namespaces, not without end: a file may hold itself."""
    if isinstance(content, argparse.Namespace):
        content = vars(content)
    if isinstance(content, Mapping) and depth > 0:
        for key, value in content.items():
            yield from _plain_values(value, f"{name}.{key}" if name else str(key), depth - 1)
    elif isinstance(content, bool | int | float | str):
        yield name, content


def refuse_web_page(path: Path) -> None:
    """Recognise a download page that was saved in the place of the file.

    Raises:
        CheckpointError: The file is HTML.
    """
    if _head(path, 512).lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise CheckpointError(
            f"{path} is a web page, not a weight file (the download page was saved instead of the "
            "file); download it again."
        )


def _refuse_wrapping(path: Path) -> None:
    """Recognise what weights are wrapped in: a Git LFS pointer, or a zip archive of a release."""
    if _head(path, 64).startswith(b"version https://git-lfs"):
        raise CheckpointError(
            f"{path} is a Git LFS pointer, not the weight file that it points to; fetch that with "
            "`git lfs pull`."
        )
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        if not any(name.endswith(("/data.pkl", "/constants.pkl")) for name in names):
            raise CheckpointError(
                f"{path} is an archive of {_listed(names)}; unpack it and give the weight file "
                "that lies in it."
            )


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(size)


def _read_safetensors(path: Path) -> Mapping[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is not a complete safetensors file ({error}); download it again."
        ) from error


def _read_torch(path: Path) -> object:
    try:
        with torch.serialization.safe_globals(_ALLOWED), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickle protocols: what cannot be read is refused
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        named = re.search(r"GLOBAL (\S+)", str(error))
        if named or _head(path, 1) == b"\x80":  # the first byte of every binary pickle
            what = named[1] if named else "a pickle of another layout"
            raise CheckpointError(
                f"{path} holds more than tensors ({what}) and was not opened, for unpickling it "
                "could run code; save its state dict alone."
            ) from error
        raise _unreadable(path) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path} is not a complete PyTorch weight file: it is truncated, damaged or something "
        "else; download it again."
    )


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
        entries = (
            f"a dictionary of {_listed([str(name) for name in inner])}"
            if isinstance(inner, Mapping)
            else f"one {type(inner).__name__}"
        )
        raise CheckpointError(
            f"{path} holds no tensors where they are expected, in a dictionary of tensors, bare or "
            f"under {' / '.join(_CONTAINERS)}, but {entries}; save its state dict alone."
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
    found = _with_names(found, file.older)
    for pattern, winner in file.duplicates:
        for match in [m for name in found if (m := re.fullmatch(pattern, name))]:
            copy = found.pop(match.string)
            found.setdefault(match.expand(winner), copy)
    return found


def _is_ignored(name: str, file: WeightFile) -> bool:
    return any(re.search(pattern, name) for pattern in file.ignore)


def rename_tensors(tensors: Mapping[str, Tensor], file: WeightFile) -> dict[str, Tensor]:
    """Give published tensors our names."""
    return _with_names(tensors, file.renames)


def spelling(tensors: Mapping[str, Tensor], file: WeightFile) -> Callable[[str], str]:
    """Return what turns a name of ours into the file's, or, if it lacks it, the published one."""
    known = {_renamed(name, file.renames): name for name in tensors}

    def spell(name: str) -> str:
        if name in known:
            return known[name]
        rename = partial(_renamed, pairs=file.renames)
        return published_name(name, file.renames, rename, list(tensors))

    return spell


def _with_names(
    tensors: Mapping[str, Tensor], pairs: Iterable[tuple[str, str]]
) -> dict[str, Tensor]:
    """Rename tensors, and refuse two that would become one."""
    origins: dict[str, str] = {}
    for name in tensors:
        first = origins.setdefault(_renamed(name, pairs), name)
        if first != name:
            raise CheckpointError(f"the file has the same tensor twice: {first} and {name}.")
    return {renamed: tensors[name] for renamed, name in origins.items()}


def _renamed(name: str, pairs: Iterable[tuple[str, str]]) -> str:
    for pattern, replacement in pairs:
        renamed, hits = re.subn(pattern, replacement, name, count=1)
        if hits:
            return renamed
    return name


def fill_part(
    module: torch.nn.Module,
    tensors: Mapping[str, Tensor],
    what: str,
    spell: Callable[[str], str] = str,
) -> None:
    """Load tensors into a module, all of them and nothing else.

    Args:
        module: The network or a part of it.
        tensors: By our names.
        what: For the message: the file and the system it was given for.
        spell: Turns our names into those of the file, for the message.

    Raises:
        CheckpointError: Lists the tensors that are missing, left over or of the wrong shape.
    """
    expected = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    problems = _mismatches(expected, tensors, spell)
    if problems:
        raise CheckpointError(f"{what} does not fit: {'; '.join(problems)}.")
    broken = [name for name, t in tensors.items() if not bool(torch.isfinite(t).all())]
    if broken:
        raise CheckpointError(f"{what} holds NaN or infinite weights in {_listed(broken, spell)}.")
    module.load_state_dict(dict(tensors), strict=True)


def _mismatches(
    expected: Mapping[str, tuple[int, ...]],
    given: Mapping[str, Tensor],
    spell: Callable[[str], str],
) -> list[str]:
    """Say what keeps the given tensors from filling the expected shapes; empty if nothing does."""

    def told(name: str) -> str:
        return f"{spell(name)} is {tuple(given[name].shape)} where {expected[name]} is expected"

    shared = expected.keys() & given.keys()
    kinds = (
        ("missing", expected.keys() - given.keys(), spell),
        ("left over", given.keys() - expected.keys(), spell),
        ("of another shape", {n for n in shared if tuple(given[n].shape) != expected[n]}, told),
    )
    return [
        f"{len(names)} {kind}: {_listed(sorted(names), tell)}"
        for kind, names, tell in kinds
        if names
    ]


def _listed(names: list[str], tell: Callable[[str], str] = str) -> str:
    rest = len(names) - _MOST_LISTED
    return ", ".join(map(tell, names[:_MOST_LISTED])) + (f" and {rest} more" if rest > 0 else "")
