"""What one mixture costs, whatever device computes it: multiply-accumulates, ours and published.

`published` is the graph of the public code as it stands, dead branches included, one pass for each
target unless it separates all at once (for systems without public code, that of our specification).
`executed` is what our separator runs for the same function: it may leave out what nothing reads,
share what depends on the mixture alone between both targets, and mix channels before it stretches
them in time.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict
from torch import nn

from bench.efficiency.graph import Graph
from bench.efficiency.graphs import Clip, published_graphs, published_system
from bench.efficiency.inputs import Inputs, caller, make_inputs
from bench.efficiency.macs import MacCount, count_macs
from bench.separators.base import Separator
from bench.separators.card import Card, Setting

__all__ = ["Costs", "MacsByPart", "Share", "count_costs", "takes_all"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MacsByPart(_Part):
    """Multiply-accumulates.

    Attributes:
        separator: Of the separation network.
        encoders: Of the networks that see mouths and faces.
    """

    separator: int
    encoders: int

    @property
    def total(self) -> int:
        """Both."""
        return self.separator + self.encoders


class Share(_Part):
    """A named part of a whole, between 0 and 1."""

    name: str
    share: float


class Costs(_Part):
    """Multiply-accumulates for one length.

    Attributes:
        seconds: Length of the mixture.
        published_target: As published, for one target; None for a system of one's own, or where one
            pass separates all voices.
        published_mixture: As published, for both targets.
        executed_target: What ours runs for one target; None where it separates all at once.
        executed_mixture: What ours runs for both.
        unknown: Operators of unknown cost: with any, `executed` is a lower bound.
        layers: The three layers that cost most, of the published graph where there is one.
    """

    seconds: float
    published_target: MacsByPart | None = None
    published_mixture: MacsByPart | None = None
    executed_target: MacsByPart | None = None
    executed_mixture: MacsByPart
    unknown: tuple[str, ...] = ()
    layers: tuple[Share, ...] = ()

    @property
    def mixture(self) -> MacsByPart:
        """As published; what ours runs for a system of one's own."""
        return self.published_mixture or self.executed_mixture

    @property
    def lower_bound(self) -> bool:
        """Whether the figure shown may be too small."""
        return self.published_mixture is None and bool(self.unknown)


def takes_all(separator: nn.Module) -> bool:
    """Whether one pass separates the voices of all mouths together."""
    if not isinstance(separator, Separator):
        return True  # a module of the user's is promised both mouths
    system = published_system(separator.card)
    if system is None:
        return not separator.halves_batch
    return system.together and _settings(separator, separator.card).get("num_sources") != 1


def _settings(separator: nn.Module, card: Card) -> dict[str, Setting]:
    identity = getattr(separator, "identity", None)
    return {**card.settings, **(identity.settings if identity else {})}


def _published(separator: nn.Module, inputs: Inputs) -> dict[str, Graph] | None:
    """Return the layers of one pass of the public code, for the inputs of that pass."""
    if not isinstance(separator, Separator) or separator.mouth_input is None:
        return None
    height, width = inputs.mouths.shape[-2:]
    speakers = inputs.mouths.shape[1] if takes_all(separator) else 1
    clip = Clip(inputs.mixture.shape[-1], height, width, speakers)
    return published_graphs(separator.card, clip, _settings(separator, separator.card))


def _summed(graphs: dict[str, Graph], passes: int) -> MacsByPart:
    separator = graphs["separator"].macs
    encoders = sum(graph.macs for name, graph in graphs.items() if name != "separator")
    return MacsByPart(separator=passes * separator, encoders=passes * encoders)


def count_costs(separator: nn.Module, seconds: float) -> tuple[Costs, MacCount]:
    """Count what a separator executes, and its published graph.

    Args:
        separator: On its device.
        seconds: Of the mixture.

    Returns:
        The costs, and the count of both targets together, mouths included.

    Raises:
        UsageError: A length that the system cannot take.
    """
    device = next((p.device.type for p in separator.parameters()), "cpu")
    inputs = make_inputs(separator, seconds, device=device)
    together = takes_all(separator)
    mixture, whole = _executed(separator, inputs)
    graphs = _published(separator, inputs)
    layers = whole.layers
    if graphs is not None:
        layers = {name: m for graph in graphs.values() for name, m in graph.by_name().items()}
    return Costs(
        seconds=seconds,
        published_target=None if graphs is None or together else _summed(graphs, 1),
        published_mixture=None if graphs is None else _summed(graphs, 1 if together else 2),
        executed_target=None if together else _executed(separator, _first_speaker(inputs))[0],
        executed_mixture=mixture,
        unknown=whole.unknown,
        layers=_largest(layers),
    ), whole


def _first_speaker(inputs: Inputs) -> Inputs:
    faces = None if inputs.faces is None else inputs.faces[:, :1]
    return Inputs(inputs.mixture, inputs.mouths[:, :1], faces)


def _executed(separator: nn.Module, inputs: Inputs) -> tuple[MacsByPart, MacCount]:
    """Count a call as a whole, and how much of it the encoders of mouths and faces make."""
    whole = count_macs(caller(separator, inputs), separator)
    encoders = sum(
        macs
        for name, macs in whole.layers.items()
        if name.startswith(("lip_encoder", "face_encoder"))
    )
    return MacsByPart(separator=whole.macs - encoders, encoders=encoders), whole


def _largest(layers: Mapping[str, int]) -> tuple[Share, ...]:
    """Return the three layers that cost most."""
    total = sum(layers.values())
    largest = sorted(layers.items(), key=lambda item: (-item[1], item[0]))[:3]
    return tuple(Share(name=name or "(functions)", share=macs / total) for name, macs in largest)
