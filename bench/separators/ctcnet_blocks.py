"""The blocks of CTCNet, which audio and video share.

Features are `(batch, channels, 1, time)` in the channels-last layout, which suits a CPU's depthwise
convolutions, norms and resizing. A 1x1 convolution commutes with nearest-neighbour resizing, so a
convolution of concatenated features of several lengths is a sum of shares, each computed at the
shorter length: the same function with two thirds of the multiplications, and no concatenation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate

from bench.separators.pointwise import pointwise

__all__ = ["Feedback", "Mix", "MultiScaleBlock", "Unit", "split_mixes"]

Norm = Callable[[int], nn.Module]


class Mix(nn.Module):
    """A 1x1 convolution of the concatenation of parts, each resized to the nearest frame.

    The published weight `(outputs, channels of all parts, 1)` is kept split by parts.
    """

    def __init__(self, parts: Sequence[int], outputs: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(sum(parts))
        self.shares = nn.ParameterList(
            nn.Parameter(torch.empty(outputs, part, 1).uniform_(-bound, bound)) for part in parts
        )
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))

    def forward(self, *parts: Tensor, frames: int) -> Tensor:
        """Mix `(batch, channels, 1, any time)` into `(batch, outputs, 1, frames)`.

        A part with more frames than that should come first: it is shortened before it is mixed.
        """
        total = pointwise(resize(parts[0], frames), self.shares[0], self.bias)
        for part, share in zip(parts[1:], list(self.shares)[1:], strict=True):
            add_resized(total, pointwise(part, share))
        return total

    def split(self, weight: Tensor) -> tuple[Tensor, ...]:
        """Split a published weight by parts; one that does not fit stays whole."""
        sizes = [share.shape[1] for share in self.shares]
        if weight.ndim != 3 or weight.shape[1] != sum(sizes):
            return (weight,)
        return torch.split(weight, sizes, 1)


def split_mixes(network: nn.Module, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Split the published weights of concatenated features by parts.

    Args:
        network: With any number of `Mix`es in it.
        tensors: By our names, but for the weights of the mixes, which are whole.
    """
    adapted = dict(tensors)
    for name, mix in network.named_modules():
        if isinstance(mix, Mix) and (weight := adapted.pop(f"{name}.weight", None)) is not None:
            adapted |= {f"{name}.shares.{i}": w for i, w in enumerate(mix.split(weight))}
    return adapted


def resize(features: Tensor, frames: int) -> Tensor:
    """Stretch or shrink in time to the nearest frame."""
    if features.shape[-1] == frames:
        return features
    return interpolate(features, size=(1, frames))


def add_resized(total: Tensor, features: Tensor) -> None:
    """Add features to `total` in place, resized to its frames."""
    batch, channels, _, frames = features.shape
    ratio, rest = divmod(total.shape[-1], frames)
    if rest == 0 and ratio.bit_count() == 1:  # every frame is repeated, in float32 arithmetic too
        total.view(batch, channels, 1, frames, ratio).add_(features[..., None])
    else:
        total.add_(resize(features, total.shape[-1]))


class Unit(nn.Module):
    """Mix parts, then a norm and, where wanted, a PReLU."""

    def __init__(self, parts: Sequence[int], outputs: int, norm: Norm, *, act: bool) -> None:
        super().__init__()
        self.conv = Mix(parts, outputs)
        self.norm = norm(outputs)
        self.act = nn.PReLU() if act else nn.Identity()

    def forward(self, *parts: Tensor, frames: int) -> Tensor:
        mixed: Tensor = self.act(self.norm(self.conv(*parts, frames=frames)))
        return mixed


class DepthwiseUnit(nn.Module):
    """A depthwise convolution in time and a norm."""

    def __init__(self, channels: int, kernel: int, stride: int, norm: Norm) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, kernel, stride, kernel // 2, groups=channels)
        self.norm = norm(channels)

    def forward(self, features: Tensor) -> Tensor:
        conv = self.conv
        filtered = conv2d(
            features,
            conv.weight.unsqueeze(2),
            conv.bias,
            stride=(1, *conv.stride),
            padding=(0, conv.weight.shape[-1] // 2),
            groups=conv.groups,
        )
        normalised: Tensor = self.norm(filtered)
        return normalised


class MultiScaleBlock(nn.Module):
    """Bottom-up over several time scales, mixing with both neighbours, and all scales together."""

    def __init__(self, outside: int, inside: int, depth: int, kernel: int, norm: Norm) -> None:
        super().__init__()

        def unit(parts: int) -> Unit:
            return Unit([inside] * parts, inside, norm, act=True)

        def depthwise(stride: int) -> DepthwiseUnit:
            return DepthwiseUnit(inside, kernel, stride, norm)

        last = depth - 1
        self.project = Unit([outside], inside, norm, act=True)
        self.bottom_up = nn.ModuleList([depthwise(1), *(depthwise(2) for _ in range(last))])
        self.from_finer = nn.ModuleDict({str(i): depthwise(2) for i in range(1, depth)})
        self.lateral = nn.ModuleList(unit(1 + (i > 0) + (i < last)) for i in range(depth))
        self.gather = unit(depth)
        self.restore = nn.Conv1d(inside, outside, 1)

    def forward(self, features: Tensor) -> Tensor:
        frames = features.shape[-1]
        scales: list[Tensor] = []
        finer: Tensor = self.project(features, frames=frames)
        for down in self.bottom_up:
            finer = down(finer)
            scales.append(finer)
        mixed = [self._with_neighbours(scales, scale) for scale in range(len(scales))]
        gathered = self.gather(*mixed, frames=frames)
        return pointwise(gathered, self.restore.weight, self.restore.bias).add_(features)

    def _with_neighbours(self, scales: list[Tensor], scale: int) -> Tensor:
        """Mix a scale with the finer and the coarser one, in this order: finer, own, coarser."""
        parts = scales[scale : scale + 2]
        if scale > 0:
            parts = [self.from_finer[str(scale)](scales[scale - 1]), *parts]
        mixed: Tensor = self.lateral[scale](*parts, frames=scales[scale].shape[-1])
        return mixed


class Feedback(nn.Module):
    """How a round's result re-enters its block: added to the entry, scaled, shifted, PReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Conv1d(channels, channels, 1, groups=channels)
        self.act = nn.PReLU()

    def scaled(self, entry: Tensor) -> Tensor:
        """Scale and shift the entry, once for all rounds."""
        assert self.scale.bias is not None
        return torch.addcmul(self.scale.bias.view(-1, 1, 1), entry, self._weight)

    def forward(self, scaled_entry: Tensor, result: Tensor) -> Tensor:
        activated: Tensor = self.act(torch.addcmul(scaled_entry, result, self._weight))
        return activated

    @property
    def _weight(self) -> Tensor:
        return self.scale.weight.view(-1, 1, 1)
