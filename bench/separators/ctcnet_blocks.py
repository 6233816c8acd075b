"""The blocks of CTCNet, which audio and video share.

Features are `(batch, channels, 1, time)` in the channels-last layout, which suits a CPU's depthwise
convolutions, norms and resizing. A 1x1 convolution commutes with nearest-neighbour resizing, so a
convolution of concatenated features of several lengths is a sum of shares, each computed at the
shorter length: the same function with two thirds of the multiplications, and no concatenation.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, group_norm, interpolate

from bench.separators.pointwise import pointwise

__all__ = ["Feedback", "GlobalNorm", "MultiScaleBlock", "Unit"]


class GlobalNorm(nn.Module):
    """Global layer norm (gLN): one mean and variance over all channels and frames of an item."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, features: Tensor) -> Tensor:
        return group_norm(features, 1, self.gamma, self.beta, eps=1e-8)


def resize(features: Tensor, frames: int) -> Tensor:
    """Stretch or shrink in time to the nearest frame."""
    if features.shape[-1] == frames:
        return features
    return interpolate(features, size=(1, frames))


def mix(parts: Sequence[Tensor], frames: int, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Convolve with one point the concatenation of `parts`, each resized to `frames`.

    Args:
        parts: Each `(batch, channels, 1, time)`, with any number of frames.
        frames: Of the result.
        weight: `(outputs, channels of all parts, 1)`.
        bias: `(outputs,)`.
    """
    total = None
    for part, share in zip(parts, torch.split(weight, [p.shape[1] for p in parts], 1), strict=True):
        offset = bias if total is None else None
        if part.shape[-1] > frames:
            mixed = pointwise(resize(part, frames), share, offset)
        else:
            mixed = resize(pointwise(part, share, offset), frames)
        total = mixed if total is None else total.add_(mixed)
    assert total is not None
    return total


class Unit(nn.Module):
    """A 1x1 convolution of any number of parts, a norm and, where wanted, a PReLU."""

    def __init__(self, inputs: int, outputs: int, norm: type[nn.Module], *, act: bool) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, 1)
        self.norm = norm(outputs)
        self.act = nn.PReLU() if act else nn.Identity()

    def forward(self, *parts: Tensor, frames: int | None = None) -> Tensor:
        """Mix parts into the given number of frames, by default that of the first part."""
        frames = parts[0].shape[-1] if frames is None else frames
        mixed: Tensor = self.act(self.norm(mix(parts, frames, self.conv.weight, self.conv.bias)))
        return mixed


class DepthwiseUnit(nn.Module):
    """A depthwise convolution in time and a norm."""

    def __init__(self, channels: int, kernel: int, stride: int, norm: type[nn.Module]) -> None:
        super().__init__()
        self.conv = nn.Conv1d(
            channels, channels, kernel, stride=stride, padding=kernel // 2, groups=channels
        )
        self.norm = norm(channels)

    def forward(self, features: Tensor) -> Tensor:
        filtered: Tensor = self.norm(
            conv2d(
                features,
                self.conv.weight.unsqueeze(2),
                self.conv.bias,
                stride=(1, *self.conv.stride),
                padding=(0, *self.conv.padding),
                groups=self.conv.groups,
            )
        )
        return filtered


class MultiScaleBlock(nn.Module):
    """Bottom-up over several time scales, mixing with both neighbours, and all scales together."""

    def __init__(
        self, outside: int, inside: int, depth: int, kernel: int, norm: type[nn.Module]
    ) -> None:
        super().__init__()

        def unit(parts: int) -> Unit:
            return Unit(parts * inside, inside, norm, act=True)

        def depthwise(stride: int) -> DepthwiseUnit:
            return DepthwiseUnit(inside, kernel, stride, norm)

        last = depth - 1
        self.project = Unit(outside, inside, norm, act=True)
        self.bottom_up = nn.ModuleList([depthwise(1), *(depthwise(2) for _ in range(last))])
        self.from_finer = nn.ModuleDict({str(i): depthwise(2) for i in range(1, depth)})
        self.lateral = nn.ModuleList(
            unit(1 + (scale > 0) + (scale < last)) for scale in range(depth)
        )
        self.gather = unit(depth)
        self.restore = nn.Conv1d(inside, outside, 1)

    def forward(self, features: Tensor) -> Tensor:
        scales: list[Tensor] = [self.project(features)]
        for down in self.bottom_up:
            scales.append(down(scales[-1]))
        scales = scales[1:]
        mixed = [self._with_neighbours(scales, scale) for scale in range(len(scales))]
        gathered = self.gather(*mixed)
        return pointwise(gathered, self.restore.weight, self.restore.bias).add_(features)

    def _with_neighbours(self, scales: list[Tensor], scale: int) -> Tensor:
        """Mix a scale with the finer and the coarser one, in this order: finer, own, coarser."""
        parts = scales[scale : scale + 2]
        if scale > 0:
            parts = [self.from_finer[str(scale)](scales[scale - 1]), *parts]
        mixed: Tensor = self.lateral[scale](*parts, frames=scales[scale].shape[-1])
        return mixed


class Feedback(nn.Module):
    """Scale and shift every channel, then PReLU: how a round's result re-enters its block."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Conv1d(channels, channels, 1, groups=channels)
        self.act = nn.PReLU()

    def forward(self, features: Tensor) -> Tensor:
        weight, bias = self.scale.weight.view(-1, 1, 1), self.scale.bias
        assert bias is not None
        activated: Tensor = self.act(torch.addcmul(bias.view(-1, 1, 1), features, weight))
        return activated
