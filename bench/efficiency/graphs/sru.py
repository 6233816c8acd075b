"""The matrices of a simple recurrent unit, which no tool with hooks for PyTorch's layers sees."""

from __future__ import annotations

from bench.efficiency.graph import Graph

__all__ = ["sru"]


def sru(
    graph: Graph, inputs: int, units: int, steps: int, *, directions: int = 2, layers: int = 4
) -> None:
    """Add the products of an SRU; its recurrence is element by element.

    Args:
        graph: Where to.
        inputs: Channels of the first layer's input.
        units: In each direction.
        steps: Of all sequences together.
        directions: 2, or 1 for the forward one alone.
        layers: One after the other.
    """
    outputs = units * directions
    for _ in range(layers):
        matrices = 3 if inputs == outputs else 4  # the fourth fits the input to the highway
        graph.product("SRU matrices", steps, inputs, matrices * outputs, kind="recurrent")
        inputs = outputs
