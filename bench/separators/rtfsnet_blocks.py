"""The multi-scale block that RTFS-Net uses twice: on audio maps (2-D) and on video features (1-D).

Both follow TDANet (Li, Yang and Hu, "An efficient encoder-decoder architecture with top-down
attention for speech separation", ICLR 2023): narrow the channels, halve the resolution step by
step, look at everything at once on the coarsest scale, and tell each scale what was seen.

    features -> gateway -> projection -> scale 0 -> scale 1 -> ...
    all scales, averaged down to the coarsest one and added -> attention -> seen
    each scale with what was seen -> fusion -> top-down reconstruction -> expansion + gated input

Features are `(batch, channels, *size)` with the size (time, frequency) or (frames,). Audio maps lie
channels-last in memory; every step keeps that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool1d, adaptive_avg_pool2d, conv2d, interpolate, pad

from bench.separators.norms import global_norm
from bench.separators.pointwise import pointwise

__all__ = [
    "Gateway",
    "MapFilter",
    "MapNorm",
    "MapProjection",
    "MultiScaleBlock",
    "Reconstruction",
    "VideoFilter",
]


class MultiScaleBlock(nn.Module):
    """Refine features at several scales, with one look at the whole.

    Args:
        gateway: What every feature passes first; its output is added at the end.
        projection: From many to few channels.
        scales: One filter per scale, each fed by the one before.
        attention: For the coarsest scale.
        new_filter: Makes a filter that keeps the size.
        expansion: From few to many channels.
    """

    def __init__(
        self,
        *,
        gateway: Gateway,
        projection: nn.Module,
        scales: Iterable[nn.Module],
        attention: nn.Module,
        new_filter: Callable[[], nn.Module],
        expansion: nn.Module,
    ) -> None:
        super().__init__()
        self.gateway = gateway
        self.projection = projection
        self.scales = nn.ModuleList(scales)
        self.attention = attention
        self.fusion = nn.ModuleList(Reconstruction(new_filter) for _ in self.scales)
        self.top_down = nn.ModuleList(Reconstruction(new_filter) for _ in self.scales[1:])
        self.expansion = expansion

    def forward(self, features: Tensor) -> Tensor:
        """Return refined features of the same shape."""
        gated = self.gateway(features)
        return self.expand(self.refine(gated), gated)

    def refine(self, gated: Tensor) -> Tensor:
        """Do all that lies between gateway and expansion; returns few channels."""
        scales = self._scales(self.projection(gated))
        seen = self.attention(_averaged(scales))
        fused = [fusion(scale, seen) for fusion, scale in zip(self.fusion, scales, strict=True)]
        refined: Tensor = fused[-1]
        for level in reversed(range(len(self.top_down))):
            refined = self.top_down[level](fused[level], refined).add_(scales[level])
        return refined

    def expand(self, refined: Tensor, gated: Tensor) -> Tensor:
        """Return to many channels and add the gateway's output; every point by itself."""
        return cast(Tensor, self.expansion(refined)).add_(gated)

    def _scales(self, features: Tensor) -> list[Tensor]:
        scales = []
        for scale in self.scales:
            features = scale(features)
            scales.append(features)
        return scales


def _averaged(scales: list[Tensor]) -> Tensor:
    """Average all scales down to the size of the coarsest one and add them."""
    total = scales[-1]
    for scale in scales[:-1]:
        if scale.ndim == 3:
            total = total + adaptive_avg_pool1d(scale, total.shape[-1])
        else:
            total = total + adaptive_avg_pool2d(scale, (total.shape[-2], total.shape[-1]))
    return total


class Reconstruction(nn.Module):
    """Modulate fine features by coarse ones (the paper's TF-AR unit)."""

    def __init__(self, new_filter: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.local = new_filter()
        self.gate = new_filter()
        self.offset = new_filter()

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        """Return features of the size of `fine`."""
        gate = interpolate(self.gate(coarse).sigmoid_(), fine.shape[2:])
        offset = interpolate(self.offset(coarse), fine.shape[2:])
        return offset.addcmul_(self.local(fine), gate)


class Gateway(nn.Module):
    """Scale, shift and rectify each channel.

    Args:
        channels: Of the features.
        axes: Of their size.
    """

    def __init__(self, channels: int, axes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels, *[1] * (axes + 1)))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.act = nn.PReLU()

    def forward(self, features: Tensor) -> Tensor:
        """Return `PReLU(weight * features + bias)`."""
        return cast(Tensor, self.act(self.scaled(features)))

    def scaled(self, features: Tensor) -> Tensor:
        """Return `weight * features + bias`."""
        weight = self.weight.squeeze(1)
        return torch.addcmul(self.bias.view_as(weight), features, weight)

    def of_sum(self, features: Tensor, scaled: Tensor) -> Tensor:
        """Return `self(features + other)`, given `scaled(other)`."""
        return cast(Tensor, self.act(torch.addcmul(scaled, features, self.weight.squeeze(1))))


class MapNorm(nn.GroupNorm):
    """Global layer norm of maps: over channels, time and frequency together."""

    def __init__(self, channels: int) -> None:
        super().__init__(1, channels)

    def forward(self, features: Tensor) -> Tensor:
        """Return a map of the same shape."""
        return global_norm(features, self.weight, self.bias, eps=self.eps)


class MapProjection(nn.Conv2d):
    """A 1x1 convolution of maps."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Return a map of other channels."""
        return pointwise(features, self.weight, self.bias)


class MapFilter(nn.Module):
    """A depthwise convolution of 4x4 points and a global layer norm."""

    def __init__(self, channels: int, *, stride: int = 1, bias: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 4, stride, padding=1, groups=channels, bias=bias)
        self.norm = MapNorm(channels)

    def forward(self, features: Tensor) -> Tensor:
        """Return a map of the same size, or of half of it with a stride of 2."""
        conv = self.conv
        if conv.stride == (2, 2):
            return cast(Tensor, self.norm(conv(features)))
        # To keep the size takes a zero before and two after. As a kernel of 5x5 that begins with
        # zeros it takes two on both sides, which spares a padded copy of the map.
        kernel = pad(conv.weight, (1, 0, 1, 0))
        filtered = conv2d(features, kernel, conv.bias, padding=2, groups=conv.groups)
        return cast(Tensor, self.norm(filtered))


class VideoFilter(nn.Sequential):
    """A depthwise convolution over three frames and a batch norm."""

    def __init__(self, channels: int, *, stride: int = 1, bias: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, 3, stride, 1, groups=channels, bias=bias)
        self.norm = nn.BatchNorm1d(channels)
