"""Layers for features that lie as rows, `(frames, channels)`: channels last in memory.

The layers and their parameters are PyTorch's; only the kernels differ, for speed with one thread:
a matrix product runs as a convolution (`pointwise`), and a filter per channel as a two-dimensional
one, about ten times as fast as a `Conv1d` with as many groups as channels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, layer_norm, pad

from bench.separators import pointwise

__all__ = ["Depthwise", "Linear", "NormOfRows", "Pointwise", "filter_over_time"]


def filter_over_time(
    rows: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int = 1,
    dilation: int = 1,
) -> Tensor:
    """Filter every channel with its own taps, zeros beyond both ends.

    A dilated filter runs as an undilated one over every `dilation`-th frame: faster still.

    Args:
        rows: `(frames, channels)`.
        weight: `(channels, 1, taps)`, an odd number of taps.
        bias: `(channels,)`.
        stride: Frames from one output to the next; with a dilation it must be one.
        dilation: Frames from one tap to the next.

    Returns:
        `(ceil(frames / stride), channels)`.
    """
    frames, channels = rows.shape
    if frames % dilation:
        rows = pad(rows, (0, 0, 0, -frames % dilation))
    folded = rows.reshape(-1, dilation, channels).transpose(0, 1)
    image = folded.reshape(1, dilation, -1, channels).permute(0, 3, 1, 2)  # channels last in memory
    filtered: Tensor = conv2d(
        image,
        weight[:, :, None],
        bias,
        stride=(1, stride),
        padding=(0, weight.shape[2] // 2),
        groups=channels,
    )[0]
    return filtered.permute(2, 1, 0).reshape(-1, channels)[: -(-frames // stride)]


class Depthwise(nn.Conv1d):
    """A filter over time of its own for every channel."""

    def __init__(self, channels: int, taps: int, *, stride: int = 1, bias: bool = True) -> None:
        super().__init__(channels, channels, taps, stride, taps // 2, groups=channels, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        return filter_over_time(input, self.weight, self.bias, stride=self.stride[0])


class Linear(nn.Linear):
    """A linear layer of every row."""

    def forward(self, input: Tensor) -> Tensor:
        return pointwise.linear(input, self.weight, self.bias)


class Pointwise(nn.Conv1d):
    """A convolution with one tap: a linear layer that is stored as a convolution."""

    def __init__(self, inputs: int, outputs: int, *, bias: bool = True) -> None:
        super().__init__(inputs, outputs, 1, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        return pointwise.linear(input, self.weight.flatten(1), self.bias)


class NormOfRows(nn.Module):
    """A group norm with one group: over all rows and channels together."""

    def __init__(self, channels: int, eps: float = 1e-8) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, rows: Tensor) -> Tensor:
        return torch.addcmul(self.bias, layer_norm(rows, rows.shape, eps=self.eps), self.weight)
