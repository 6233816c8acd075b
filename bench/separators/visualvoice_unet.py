"""The mask estimator of VisualVoice: a U-Net over a complex spectrogram, joined with what is seen.

    spectrogram -> 2 strided convolutions (frequency and time) -> 6 that halve the frequency alone
                -> one row, at the rate of the video frames; joined with the visual features
                -> 6 that double the frequency -> 2 transposed convolutions -> complex mask

Every layer of the way up sees the layer before it and a map of the way down. A convolution of a
concatenation is a sum of convolutions, so the share of the way down, which depends on the mixture
alone, is computed once for all speakers.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import cast

from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, interpolate, leaky_relu

__all__ = ["UNet"]

_SLOPE = 0.2


class UNet(nn.Module):
    """Estimate complex masks.

    Args:
        base: Channels of the first layer; the deepest has eight times as many.
        visual: Channels of the visual features.
        largest: Bound of the mask's real and imaginary part.
    """

    def __init__(self, *, base: int, visual: int, largest: float) -> None:
        super().__init__()
        self.largest = largest
        downwards = [2, base, 2 * base, 4 * base, *[8 * base] * 5]
        self.down = _numbered(
            *(StridedLayer(*pair) for pair in pairwise(downwards[:3])),
            *(PoolingLayer(*pair) for pair in pairwise(downwards[2:])),
        )
        below, skips = [visual, *[8 * base] * 4, 4 * base, 2 * base, base], downwards[:0:-1]
        sizes = list(zip(below, skips, [*below[1:], 2], strict=True))
        self.up = _numbered(
            *(StretchingLayer(*size) for size in sizes[:6]),
            TransposedLayer(*sizes[6], is_last=False),
            TransposedLayer(*sizes[7], is_last=True),
        )

    def analyse(self, spectrogram: Tensor) -> list[Tensor]:
        """Compute what all speakers share.

        Args:
            spectrogram: `(1, 2, 256, 4 * frames)`, real and imaginary part.

        Returns:
            The share of the way down in each layer of the way up.
        """
        maps = [spectrogram]
        for layer in self.down:
            maps.append(layer(maps[-1]))
        layers = cast(Iterable[JoiningLayer], self.up)
        return [layer.share(skip) for layer, skip in zip(layers, maps[:0:-1], strict=True)]

    def estimate_mask(self, shares: Sequence[Tensor], visual: Tensor) -> Tensor:
        """Estimate the mask of one speaker.

        Args:
            shares: From `analyse`.
            visual: `(1, channels, 1, frames)`.

        Returns:
            `(1, 2, 256, 4 * frames)`, real and imaginary part.
        """
        features = visual
        for layer, share in zip(self.up, shares, strict=True):
            features = layer(features, share)
        return self.largest * features.tanh()


def _numbered(*layers: nn.Module) -> nn.Sequential:
    """Count layers from 1, as the published tensors do."""
    return nn.Sequential(OrderedDict((str(n), layer) for n, layer in enumerate(layers, 1)))


class StridedLayer(nn.Module):
    """Halve frequency and time."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, features: Tensor) -> Tensor:
        return leaky_relu(self.norm(self.convolution(features)), _SLOPE)


class PoolingLayer(nn.Module):
    """Halve the frequency alone."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential()
        for channels in (inputs, outputs):
            self.convolutions.append(nn.Conv2d(channels, outputs, 3, padding=1))
            self.convolutions.append(nn.BatchNorm2d(outputs))
            self.convolutions.append(nn.LeakyReLU(_SLOPE, inplace=True))
        self.pool = nn.MaxPool2d((2, 1))

    def forward(self, features: Tensor) -> Tensor:
        pooled: Tensor = self.pool(self.convolutions(features))
        return pooled


class JoiningLayer(nn.Module):
    """A layer of the way up: convolve the concatenation of what is below and a skipped map.

    Args:
        below: Channels of the layer below.
        convolution: Over the concatenation, below first.
        finish: What follows the convolution.
    """

    def __init__(
        self, below: int, convolution: nn.Conv2d | nn.ConvTranspose2d, finish: nn.Module
    ) -> None:
        super().__init__()
        self.below = below
        self.convolution = convolution
        self.finish = finish

    def share(self, skip: Tensor) -> Tensor:
        """Convolve the skipped map's part of the concatenation, bias included."""
        return self._convolve(skip, slice(self.below, None), self.convolution.bias)

    def forward(self, features: Tensor, share: Tensor) -> Tensor:
        joined: Tensor = self.finish(self._convolve(features, slice(self.below), None) + share)
        return joined

    def _convolve(self, part: Tensor, channels: slice, bias: Tensor | None) -> Tensor:
        raise TypeError(f"{type(self).__name__} has no convolution")


class StretchingLayer(JoiningLayer):
    """Double the frequency by repetition, then convolve."""

    def __init__(self, below: int, skip: int, outputs: int) -> None:
        convolution = nn.Conv2d(below + skip, outputs, 3, padding=1)
        super().__init__(below, convolution, _norm_and_relu(outputs))

    def _convolve(self, part: Tensor, channels: slice, bias: Tensor | None) -> Tensor:
        stretched = interpolate(part, scale_factor=(2.0, 1.0))
        return conv2d(stretched, self.convolution.weight[:, channels], bias, padding=1)


class TransposedLayer(JoiningLayer):
    """Double frequency and time with a transposed convolution; the last one gives the mask."""

    def __init__(self, below: int, skip: int, outputs: int, *, is_last: bool) -> None:
        convolution = nn.ConvTranspose2d(below + skip, outputs, 4, stride=2, padding=1)
        super().__init__(below, convolution, nn.Identity() if is_last else _norm_and_relu(outputs))

    def _convolve(self, part: Tensor, channels: slice, bias: Tensor | None) -> Tensor:
        weight = self.convolution.weight[channels]
        return conv_transpose2d(part, weight, bias, stride=2, padding=1)


def _norm_and_relu(channels: int) -> nn.Sequential:
    return nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(inplace=True))
