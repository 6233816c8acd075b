"""How many parameters a separator has, in which part, and how many of them inference uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from bench.separators.card import Card

__all__ = ["Parameters", "count_parameters"]

# Parts of lip encoders that the published recipes train, by the module of the card: all the rest of
# a lip encoder comes from a file of its own and stays frozen.
_TRAINED: Mapping[str, tuple[str, ...]] = {
    "av_mossformer2": ("lip_encoder.projection", "lip_encoder.over_time"),
    "av_tfgridnet": ("lip_encoder.projection", "lip_encoder.over_time"),
    "mmmc": ("lip_encoder", "face_encoder"),
    "visualvoice": ("lip_encoder", "face_encoder"),
}
_ENCODERS = ("lip_encoder", "face_encoder")


@dataclass(frozen=True)
class Parameters:
    """Counted parameters; buffers are none, and one that has two names counts once.

    Attributes:
        total: All.
        separator: What is neither of the encoders.
        lip_encoder: Of the network that sees the mouth.
        face_encoder: Of the network that sees the face.
        trainable: What the published recipe trains; None where there is none.
        used: What takes part in separating; None where nobody has looked.
    """

    total: int
    separator: int
    lip_encoder: int = 0
    face_encoder: int = 0
    trainable: int | None = None
    used: int | None = None


def count_parameters(
    separator: nn.Module, card: Card | None = None, used: frozenset[str] | None = None
) -> Parameters:
    """Count the parameters of a separator.

    Args:
        separator: Also on the meta device.
        card: Its card; None for a system of one's own, whose recipe is not known.
        used: Names of parameters that took part, from `bench.efficiency.macs.count_macs`.
    """
    sizes = {name: parameter.numel() for name, parameter in separator.named_parameters()}
    parts = {part: _sum(sizes, (part,)) for part in _ENCODERS}
    own = sum(sizes.values()) - sum(parts.values())
    trainable = None
    if card is not None and card.kind in ("published", "re-implementation"):
        trainable = own + _sum(sizes, _TRAINED.get(card.module, ()))
    return Parameters(
        total=sum(sizes.values()),
        separator=own,
        **parts,
        trainable=trainable,
        used=None if used is None else sum(sizes[name] for name in used),
    )


def _sum(sizes: Mapping[str, int], prefixes: tuple[str, ...]) -> int:
    return sum(size for name, size in sizes.items() if name.startswith(tuple(prefixes)))
