"""The published graph of every system, layer by layer.

Each is held to what four tools counted on the published code itself. Where no code is public (MMMC,
CaffNet), the graph is that of our specification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.efficiency.graph import Graph
from bench.efficiency.graphs import (
    av_convtasnet,
    avlit,
    caffnet,
    clearervoice,
    ctcnet,
    dolphin,
    iianet,
    rtfsnet,
    swift_net,
    visualvoice,
)
from bench.efficiency.graphs.clip import Clip
from bench.separators.card import Card, Setting

__all__ = ["Clip", "PublishedSystem", "published_graphs", "published_system"]

_Part = Callable[[Graph, Clip], None]
_Separator = Callable[[Graph, dict[str, Setting], Clip], None]


@dataclass(frozen=True)
class PublishedSystem:
    """How a system runs as published.

    Attributes:
        separator: Adds the separation network's layers.
        lip_encoder: Adds those of the network that sees the mouth.
        face_encoder: Adds those of the network that sees the face, where there is one.
        together: Whether one pass separates all voices; else there is a pass for each.
    """

    separator: _Separator
    lip_encoder: _Part
    face_encoder: _Part | None = None
    together: bool = False


# By the module that a card names: cards that share one differ by their settings.
_SYSTEMS: Mapping[str, PublishedSystem] = {
    "av_convtasnet": PublishedSystem(av_convtasnet.separator, av_convtasnet.lips),
    "av_mossformer2": PublishedSystem(clearervoice.mossformer2, clearervoice.lips),
    "av_tfgridnet": PublishedSystem(clearervoice.tf_gridnet, clearervoice.lips),
    "avlit": PublishedSystem(avlit.separator, avlit.lips, together=True),
    "caffnet": PublishedSystem(caffnet.separator, caffnet.lips),
    "ctcnet": PublishedSystem(ctcnet.separator, ctcnet.lips),
    "dolphin": PublishedSystem(dolphin.separator, dolphin.lips),
    "iianet": PublishedSystem(iianet.separator, iianet.lips),
    "mmmc": PublishedSystem(visualvoice.separator, visualvoice.lips, visualvoice.face),
    "rtfsnet": PublishedSystem(rtfsnet.separator, rtfsnet.lips),
    "swift_net": PublishedSystem(swift_net.separator, swift_net.lips),
    "visualvoice": PublishedSystem(visualvoice.separator, visualvoice.lips, visualvoice.face),
}


def published_system(card: Card) -> PublishedSystem | None:
    """Return how a system runs as published; None where nobody has written that down."""
    own = card.kind not in ("published", "re-implementation")
    return None if own else _SYSTEMS.get(card.module)


def published_graphs(
    card: Card, clip: Clip, settings: Mapping[str, Setting] | None = None
) -> dict[str, Graph] | None:
    """Return the layers of one pass of a system's published code, by part.

    Args:
        card: Of the system.
        clip: What goes in.
        settings: Hyper-parameters that differ from the published ones.

    Returns:
        Graphs of "separator", "lip_encoder" and, where there is one, "face_encoder"; None for
        a system of one's own.
    """
    system = published_system(card)
    if system is None:
        return None
    chosen = {**card.settings, **(settings or {})}
    separator = Graph()
    system.separator(separator, chosen, clip)
    graphs = {"separator": separator}
    for name, add in (("lip_encoder", system.lip_encoder), ("face_encoder", system.face_encoder)):
        if add is not None:
            graphs[name] = Graph()
            add(graphs[name], clip)
    return graphs
