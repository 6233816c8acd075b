"""A network as the list of its layers and their sizes, for counting without running anything.

The published graph of every system is written down this way (`bench.efficiency.graphs`), dead
branches included, so that each counting convention of the field (`bench.efficiency.conventions`)
can be applied to one and the same network: a separator of ours may compute the same function with
fewer multiplications, which is its own count (`bench.efficiency.macs`).

A layer keeps how many products it makes and how many numbers go in and come out. `positions` are
frames, pixels or points of a map, of all items; `kernel` is the number of its points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

__all__ = ["Graph", "Kind", "Layer"]

Kind = Literal[
    # With products. The first four are modules, which tools with layer hooks see.
    "conv",
    "transposed",
    "linear",
    "lstm",
    "conv-function",  # a convolution called as a function
    "transposed-function",
    "matmul",
    "einsum",
    "recurrent",  # matrix products inside a recurrent layer that is no module of PyTorch
    "fourier",
    "cosine",  # a cosine transform as a product with its matrix, inside a function
    # Without products; modules unless they say "function" or "custom".
    "prelu",
    "relu",
    "relu-function",
    "leaky-relu",
    "gelu",
    "silu",
    "softmax-function",
    "batch-norm",
    "group-norm",
    "instance-norm",
    "layer-norm",
    "custom-norm",
    "pool",
    "average-pool",
    "adaptive-pool",
    "pool-function",
    "resize-function",
]


@dataclass(frozen=True)
class Layer:
    """One layer, with everything that a convention may want to count.

    Attributes:
        name: Where it stands, such as "audio block / gather".
        kind: What it is, and how the published code calls it.
        times: How often it runs in one pass.
        products: Multiply-accumulates of one run.
        inputs: Numbers that go in, of one run.
        outputs: Numbers that come out, of one run.
        fan_in: Products that a convolution or a matrix makes for one output.
        channels: Of the output, where it is a map.
        bias: Whether every output gets a bias.
        listed: How often the published code lists the module; tools with hooks count it again.
    """

    name: str
    kind: Kind
    times: int = 1
    products: int = 0
    inputs: int = 0
    outputs: int = 0
    fan_in: int = 0
    channels: int = 1
    bias: bool = False
    listed: int = 1

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one pass."""
        return self.times * self.products


class Graph:
    """The layers of a network, in the order in which they are added."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self._names: list[str] = []
        self._times = 1
        self._listed = 1

    @contextmanager
    def within(self, name: str, *, times: int = 1, listed: int = 1) -> Iterator[None]:
        """Put the layers added inside under a name.

        Args:
            name: Stands before theirs.
            times: How often they run.
            listed: How often the published code lists their modules.
        """
        before = self._times, self._listed
        self._names.append(name)
        self._times, self._listed = self._times * times, self._listed * listed
        yield
        self._names.pop()
        self._times, self._listed = before

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one pass, dead branches included."""
        return sum(layer.macs for layer in self.layers)

    def by_name(self) -> dict[str, int]:
        """Return the multiply-accumulates of all layers of one name together, largest first."""
        sums: dict[str, int] = {}
        for layer in self.layers:
            sums[layer.name] = sums.get(layer.name, 0) + layer.macs
        return dict(sorted(sums.items(), key=lambda item: -item[1]))

    def conv(
        self,
        name: str,
        inputs: int,
        outputs: int,
        positions: int,
        kernel: int = 1,
        *,
        groups: int = 1,
        bias: bool = True,
        function: bool = False,
    ) -> None:
        """Add a convolution with `positions` outputs per channel."""
        fan_in = inputs // groups * kernel
        numbers = outputs * positions
        self._add(
            name,
            "conv-function" if function else "conv",
            products=numbers * fan_in,
            outputs=numbers,
            fan_in=fan_in,
            channels=outputs,
            bias=bias,
        )

    def transposed(
        self,
        name: str,
        inputs: int,
        outputs: int,
        positions: tuple[int, int],
        kernel: int,
        *,
        bias: bool = True,
        function: bool = False,
    ) -> None:
        """Add a transposed convolution from `positions[0]` to `positions[1]` positions.

        Every input meets every point of the kernel once, whatever the stride.
        """
        before, after = positions
        self._add(
            name,
            "transposed-function" if function else "transposed",
            products=before * inputs * outputs * kernel,
            outputs=outputs * after,
            fan_in=inputs * kernel,
            channels=outputs,
            bias=bias,
        )

    def linear(self, name: str, inputs: int, outputs: int, rows: int, *, bias: bool = True) -> None:
        """Add a linear layer that is applied to `rows` vectors."""
        numbers = outputs * rows
        self._add(
            name,
            "linear",
            products=numbers * inputs,
            outputs=numbers,
            fan_in=inputs,
            channels=outputs,
            bias=bias,
        )

    def product(
        self, name: str, rows: int, inner: int, columns: int, *, items: int = 1, kind: Kind
    ) -> None:
        """Add `items` products of a (rows x inner) and an (inner x columns) matrix."""
        numbers = items * rows * columns
        self._add(name, kind, products=numbers * inner, outputs=numbers, fan_in=inner)

    def fourier(self, name: str, points: int, frames: int) -> None:
        """Add Fourier transforms of real frames: N log2 N products for N points.

        A transform of N complex points takes N/2 log2 N complex products of 4 real ones each; one
        of N real points, or back to them, takes half of that.
        """
        products = round(points * math.log2(points)) * frames
        self._add(name, "fourier", products=products, outputs=points * frames)

    def lstm(
        self, name: str, inputs: int, units: int, steps: int, sequences: int, directions: int = 2
    ) -> None:
        """Add one layer of an LSTM: four gates, each from the input and the last state."""
        self._add(
            name,
            "lstm",
            products=4 * units * (inputs + units) * steps * sequences * directions,
            outputs=units * steps * sequences * directions,
            fan_in=inputs + units,
            bias=True,
        )

    def each(
        self, kind: Kind, numbers: int, *, inputs: int | None = None, channels: int = 1
    ) -> None:
        """Add a layer without products that puts out `numbers` numbers.

        Args:
            kind: What it is.
            numbers: That come out.
            inputs: Numbers that go in, where these are others.
            channels: Of the output.
        """
        given = numbers if inputs is None else inputs
        self._add(kind, kind, inputs=given, outputs=numbers, channels=channels)

    def _add(
        self,
        name: str,
        kind: Kind,
        *,
        products: int = 0,
        inputs: int = 0,
        outputs: int = 0,
        fan_in: int = 0,
        channels: int = 1,
        bias: bool = False,
    ) -> None:
        self.layers.append(
            Layer(
                " / ".join([*self._names, name]),
                kind,
                self._times,
                products,
                inputs,
                outputs,
                fan_in,
                channels,
                bias,
                self._listed,
            )
        )
