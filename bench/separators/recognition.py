"""Which published file a weight file is, by the names and shapes of its tensors alone.

Systems that share a file (a lip encoder taken over, a block used more or less often) cannot be told
apart by it: all of them are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bench.errors import CheckpointError
from bench.separators.card import Setting, WeightFile, known_cards
from bench.separators.checkpoints import published_tensors
from bench.separators.registry import build_on_meta, share_of

if TYPE_CHECKING:
    from torch import Tensor

    from bench.separators.base import Separator

__all__ = ["Fit", "nearest_file", "own_states", "recognise_tensors"]

# Below this share of names and shapes in common, "nearly" would be a guess.
_NEARLY = 0.5


@dataclass(frozen=True)
class Fit:
    """One published file that a weight file fills exactly.

    Attributes:
        separator: Id of the system.
        role: The argument of `load_separator` that takes the file.
        name: What the authors call the file.
    """

    separator: str
    role: str
    name: str


def recognise_tensors(tensors: Mapping[str, Tensor]) -> tuple[Fit, ...]:
    """Find every published file that has exactly these tensors.

    Args:
        tensors: By stored name, as `read_tensors` gives them; tensors on the meta device will do.

    Returns:
        One entry per system and role, systems in alphabetical order.
    """
    return tuple(
        Fit(id, file.role, file.name)
        for id, file in _published_files()
        if _share(tensors, id, file, _chosen_by_tensors(id, file, tensors)) == 1.0
    )


def nearest_file(tensors: Mapping[str, Tensor]) -> tuple[str, str, float] | None:
    """Name the published file that has most names and shapes in common; None if none has half.

    Returns:
        Id of the system, role, and the share in common.
    """
    shares = [(_share(tensors, id, file, {}), id, file.role) for id, file in _published_files()]
    share, id, role = max(shares, key=lambda found: found[0])
    return (id, role, share) if share > _NEARLY else None


def own_states(tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Find the systems of ours whose whole state these tensors are, by our names and shapes.

    Returns:
        Ids in alphabetical order; several where only settings tell the systems apart.
    """
    shapes = {name: tensor.shape for name, tensor in tensors.items()}
    return tuple(
        id for id, card in sorted(known_cards().items()) if card.files and _state(id) == shapes
    )


def _state(id: str) -> dict[str, object]:
    try:
        state = _network(id, ()).state_dict()
    except Exception:  # of somebody's plug-in: it is not this system
        return {}
    return {name: tensor.shape for name, tensor in state.items()}


def _published_files() -> list[tuple[str, WeightFile]]:
    return [(id, file) for id, card in sorted(known_cards().items()) for file in card.files]


def _share(
    tensors: Mapping[str, Tensor], id: str, file: WeightFile, settings: Mapping[str, Setting]
) -> float:
    try:
        return share_of(tensors, _network(id, tuple(sorted(settings.items()))), file)
    except Exception:  # of somebody's plug-in, or settings that no network has: it is not this file
        return 0.0


@cache
def _network(id: str, settings: tuple[tuple[str, Setting], ...]) -> Separator:
    return build_on_meta(known_cards()[id], dict(settings))


def _chosen_by_tensors(
    id: str, file: WeightFile, tensors: Mapping[str, Tensor]
) -> dict[str, Setting]:
    """Read what a file may choose by itself: the authors published both readings."""
    card = known_cards()[id]
    if not card.read_from_file:
        return {}
    try:
        stored = published_tensors(tensors, file)
    except CheckpointError:
        return {}
    shapes = {name: tuple(tensor.shape) for name, tensor in stored.items()}
    read: dict[str, Setting] = type(_network(id, ())).read_settings(shapes)
    return {name: value for name, value in read.items() if name in card.read_from_file}
