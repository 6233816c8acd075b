"""What makes two separators, or two copies of data, the same: hashes for the plan of a run.

A run is resumed where everything that can move a number is equal, so what is missing here would
give an old result for a new question.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from bench.core.hashing import hash_array, hash_settings
from bench.core.mixture import Mixture
from bench.run.own_code import hash_sources
from bench.separators.base import Separator
from bench.separators.own import factory_file

__all__ = ["Progress", "hash_code", "hash_mixtures", "hash_pictures", "hash_weights"]

Progress = Callable[[int, int], None]


def hash_weights(module: torch.nn.Module) -> str:
    """Hash every tensor of a module: weights that were changed after loading are other weights."""
    state = module.state_dict()
    return hash_settings({name: hash_array(t.detach().cpu().numpy()) for name, t in state.items()})


def hash_code(module: torch.nn.Module) -> dict[str, Any]:
    """Identify a user's own module beside its tensors: its code and its plain attributes.

    Its code is the file of its class, and every file beside or below that file that it imports;
    likewise the file of the factory that made it, where that is another one.
    """
    found: dict[str, Any] = {"attributes": _attributes(module)}
    source, factory = _source_of(type(module)), factory_file(module)
    if source is not None:
        found["files"] = hash_sources(source)
    if factory is not None and factory != source:
        found["factory"] = hash_sources(factory)
    return found


def _source_of(kind: type) -> Path | None:
    try:
        return Path(inspect.getfile(kind)).resolve()
    except (OSError, TypeError):  # typed into an interpreter
        return None


def _attributes(module: torch.nn.Module) -> dict[str, str]:
    """Plain values that the module and its parts hold beside their tensors."""
    return {
        f"{name}.{key}": repr(value)
        for name, part in module.named_modules()
        for key, value in vars(part).items()
        if isinstance(value, bool | int | float | str | tuple | None) and key != "training"
    }


def hash_mixtures(dataset: Sequence[Mixture], progress: Progress | None = None) -> str:
    """Hash the sound of mixtures that nobody pins: ids, mixtures and references."""
    digest = hashlib.sha256()
    for mixture in _each(dataset, progress):
        digest.update(mixture.id.encode())
        digest.update(hash_array(mixture.mixture).encode())
        digest.update(hash_array(mixture.references).encode())
    return digest.hexdigest()


def _each(dataset: Sequence[Mixture], progress: Progress | None) -> Iterator[Mixture]:
    """Go through all mixtures and tell how far it is."""
    for position in range(len(dataset)):
        yield dataset[position]
        if progress:
            progress(position + 1, len(dataset))


def hash_pictures(
    separator: object, dataset: Sequence[Mixture], progress: Progress | None = None
) -> str | None:
    """Hash the pictures that a separator looks at; None where it looks at none.

    Drawn pictures follow from the audio's index, which is pinned, and are only named.
    """
    streams = _streams(separator)
    if not streams:
        return None
    if getattr(dataset, "mouth_origin", None) == "drawn":
        return "drawn"
    found: dict[str, str] = {}
    for mixture in _each(dataset, progress):
        for video in mixture.videos:
            for stream in streams:
                key = f"{stream}/{video.utterance}/{len(mixture.mixture)}"
                reader = getattr(video, f"read_{stream}")
                if key not in found and reader is not None:
                    found[key] = hash_array(reader())
    return hash_settings(found)


def _streams(separator: object) -> list[str]:
    """Names of the pictures that a separator looks at; a user's own module looks at mouths."""
    if not isinstance(separator, torch.nn.Module):
        return []
    if not isinstance(separator, Separator):
        return ["mouth"]
    streams: list[str] = [separator.mouth_input.stream] if separator.mouth_input else []
    return [*streams, "face"] if separator.face_input is not None else streams
