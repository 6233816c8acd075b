"""The recurrent layer of RTFS-Net: a bidirectional simple recurrent unit along one axis of a map.

Lei et al., "Simple recurrent units for highly parallelizable recurrence" (EMNLP 2018), in the form
of the package `sru` 2.6 with 4 layers and no activation of the state. With the products `u = W x`
of one layer, for each of its units, from step to step:

    forget(t) = sigmoid(u1(t) + v1 * state(t-1) + b1)
    reset(t)  = sigmoid(u2(t) + v2 * state(t-1) + b2)
    state(t)  = forget(t) * state(t-1) + (1 - forget(t)) * u0(t)
    output(t) = reset(t) * state(t) + (1 - reset(t)) * highway(t)

The highway is the layer's own input, or `u3` in the first layer, whose input is wider. `forget` and
`state` alone need a loop over the steps; all else is computed for all steps at once.

Sequences are `(steps, sequences, channels)`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, layer_norm, pad

__all__ = ["RecurrentLayer", "RecurrentPath"]


class RecurrentPath(nn.Module):
    """Layer norm, SRU over windows of neighbouring steps, and back to single steps, plus input.

    Args:
        channels: Of the sequences.
        units: Of the SRU in each direction.
        taps: Steps in a window.
        layers: Of the SRU.
    """

    def __init__(self, channels: int, units: int = 32, taps: int = 8, layers: int = 4) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.layers = nn.ModuleList([RecurrentLayer(channels, units, taps=taps)])
        self.layers.extend(RecurrentLayer(2 * units, units) for _ in range(layers - 1))
        self.spread = nn.ConvTranspose1d(2 * units, channels, taps)

    def forward(self, sequences: Tensor) -> Tensor:
        """Return sequences of the same shape; there must be at least `taps` steps."""
        channels = sequences.shape[2:]
        hidden = layer_norm(sequences, channels, self.gamma.flatten(), self.beta.flatten())
        for layer in self.layers:
            hidden = layer(hidden)
        image = conv_transpose2d(_image(hidden), self.spread.weight[..., None], self.spread.bias)
        return _sequences(image).add_(sequences)


class RecurrentLayer(nn.Module):
    """One layer of the SRU.

    Args:
        inputs: Channels of the input.
        units: In each direction.
        taps: Steps in a window; a layer with 1 and as many outputs as inputs has no `u3`.
        directions: 2, or 1 for the forward one alone.
    """

    def __init__(self, inputs: int, units: int, *, taps: int = 1, directions: int = 2) -> None:
        super().__init__()
        self.taps, self.directions, self.units = taps, directions, units
        rows, outputs = inputs * taps, directions * units
        self.products = 3 if rows == outputs else 4
        # Rows count through (channel, tap), columns through (direction, unit, product).
        self.weight = nn.Parameter(torch.randn(rows, outputs * self.products) / rows**0.5)
        # Both count through (forget and reset, direction, unit).
        self.state_weight = nn.Parameter(torch.zeros(2 * outputs))
        self.bias = nn.Parameter(torch.zeros(2 * outputs))

    def forward(self, inputs: Tensor) -> Tensor:
        """Return `(steps - taps + 1, sequences, directions * units)`, forward first."""
        products = self._products(inputs)  # (product, steps, sequences, direction, unit)
        candidate, forget, reset = products[:3]
        highway = products[3] if self.products == 4 else inputs.view_as(candidate)
        forget_weight, reset_weight = self.state_weight.view(2, self.directions, self.units)
        outputs = highway.new_empty(highway.shape)
        for way in range(self.directions):
            each = (..., way, slice(None))
            before, after = _states(candidate[each], forget[each], forget_weight[way], way == 1)
            gate = torch.addcmul(reset[each], before, reset_weight[way]).sigmoid_()
            torch.lerp(highway[each], after, gate, out=outputs[each])
        return outputs.flatten(2)

    def _products(self, inputs: Tensor) -> Tensor:
        """Multiply every window by the weights, as a convolution, and add the biases."""
        width = self.directions * self.units
        weight = self.weight.view(-1, self.taps, width, self.products)
        kernel = weight.permute(3, 2, 0, 1).reshape(self.products * width, -1, self.taps, 1)
        bias = pad(self.bias, (width, (self.products - 3) * width))
        # The dilation is that of the axis without taps: `pointwise` says what it is good for.
        products = _sequences(conv2d(_image(inputs), kernel, bias, dilation=(1, 2)))
        products = products.view(*products.shape[:2], self.products, -1, self.units)
        return products.permute(2, 0, 1, 3, 4)


def _states(
    candidate: Tensor, forget: Tensor, weight: Tensor, backward: bool
) -> tuple[Tensor, Tensor]:
    """Run the recurrence of the state in one direction.

    Args:
        candidate: `(steps, sequences, units)`.
        forget: The forget gate without the state's part, likewise.
        weight: Of the state in the forget gate, `(units,)`.
        backward: Whether the last step comes first.

    Returns:
        The state before and after each step, both `(steps, sequences, units)`.
    """
    steps, sequences, units = candidate.shape
    states = candidate.new_empty(steps + 1, sequences, units)
    order = slice(None, None, -1 if backward else 1)
    state, *following = states.unbind()[order]
    state.zero_()
    weight = weight.expand(sequences, units).contiguous()
    gate = torch.empty_like(weight)
    for new, rest, after in zip(
        candidate.unbind()[order], forget.unbind()[order], following, strict=True
    ):
        torch.addcmul(rest, weight, state, out=gate).sigmoid_()
        state = torch.lerp(new, state, gate, out=after)
    return (states[1:], states[:-1]) if backward else (states[:-1], states[1:])


def _image(sequences: Tensor) -> Tensor:
    """See sequences as an image `(1, channels, steps, sequences)`, channels last in memory."""
    return sequences[None].permute(0, 3, 1, 2)


def _sequences(image: Tensor) -> Tensor:
    """Undo `_image`."""
    return image.permute(0, 2, 3, 1)[0]
