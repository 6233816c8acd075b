"""The audio block and the video branch of Swift-Net.

Maps are `(batch, channels, time, frequency)`, channels last in memory; video features are
`(batch, channels, frames)`. The audio block is RTFS-Net's (`rtfsnet_blocks`) with other filters, a
norm that runs along time, recurrences that see half of the channels each, and frames that attend to
earlier ones only. That makes the parts cheaper, not the whole causal: filters and norms look ahead.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.linalg import vector_norm
from torch.nn.functional import conv_transpose2d, layer_norm

from bench.separators.norms import global_norm
from bench.separators.rtfsnet_attention import FrameAttention, MapAttention
from bench.separators.rtfsnet_blocks import (
    Gateway,
    MapProjection,
    MultiScaleBlock,
    Reconstruction,
)
from bench.separators.rtfsnet_sru import RecurrentLayer

__all__ = ["AudioBlock", "CumulativeNorm", "VideoBranch"]

_BINS = 65  # of the coarser scale: half of 129, rounded up
_EPS = 1e-8  # of both norms


class CumulativeNorm(nn.Module):
    """A global layer norm, then a second one that sees no later frame.

    The second normalises each bin of each frame by the mean and variance over all channels of this
    bin in all frames so far. Attributes carry the published names.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.global_layer_norm = nn.Sequential(OrderedDict(norm=nn.GroupNorm(1, channels)))
        self.cumulate_ln = nn.ParameterDict(
            {"gain": torch.ones(1, channels, 1, 1), "bias": torch.zeros(1, channels, 1, 1)}
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return a map of the same shape."""
        normed = global_norm(features, *self.global_layer_norm.parameters(), eps=_EPS)
        frames = torch.arange(1, normed.shape[2] + 1, device=normed.device)[:, None]
        mean = normed.mean(1, keepdim=True).cumsum(2) / frames
        energy = vector_norm(normed, dim=1, keepdim=True).square()
        power = energy.cumsum(2) / (frames * normed.shape[1])
        variance = (power - mean.square()).clamp_min_(0)
        normed.sub_(mean).mul_((variance + _EPS).rsqrt())
        gain, bias = self.cumulate_ln["gain"], self.cumulate_ln["bias"]
        return torch.addcmul(bias, normed, gain, out=normed)


class MapFilter(nn.Sequential):
    """A depthwise convolution of 5x5 points and its norm."""

    def __init__(self, channels: int, *, stride: int = 1, bias: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 5, stride, padding=2, groups=channels, bias=bias)
        self.norm = CumulativeNorm(channels)


class AudioBlock(MultiScaleBlock):
    """The block that refines the audio again and again (FTGS).

    `idle` has weights in every published file and is never used.

    Args:
        channels: Of the map.
        inside: Of the map inside the block.
    """

    def __init__(self, channels: int, inside: int) -> None:
        super().__init__(
            gateway=Gateway(channels, axes=2),
            projection=nn.Sequential(
                OrderedDict(
                    conv=MapProjection(channels, inside),
                    norm=CumulativeNorm(inside),
                    act=nn.PReLU(),
                )
            ),
            scales=[MapFilter(inside, stride=stride, bias=True) for stride in (1, 2)],
            attention=MapAttention(
                along_frequency=SplitRecurrence(inside, taps=8, directions=2),
                along_time=SplitRecurrence(inside, taps=1, directions=1),
                between_frames=FrameAttention(inside, bins=_BINS, causal=True),
            ),
            new_filter=lambda: MapFilter(inside),
            expansion=MapProjection(inside, channels),
        )
        self.idle = Reconstruction(lambda: MapFilter(inside))


class SplitRecurrence(nn.Module):
    """Layer norm, two SRUs with half of the channels each, and the input added.

    Args:
        channels: Of the sequences.
        taps: How many neighbouring steps an SRU sees at once; a transposed convolution returns to
            single steps. With 1 the weights of that convolution are stored and not used.
        directions: 2 = forward and backward, with half of the units each.
    """

    def __init__(self, channels: int, *, taps: int, directions: int, layers: int = 4) -> None:
        super().__init__()
        half = channels // 2
        self.taps = taps
        self.gamma = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))

        def recurrence() -> nn.Sequential:
            windows = (taps, *[1] * (layers - 1))
            units = half // directions
            return nn.Sequential(
                *(RecurrentLayer(half, units, taps=seen, directions=directions) for seen in windows)
            )

        self.rnn1, self.rnn2 = recurrence(), recurrence()
        self.spread = nn.ConvTranspose1d(channels, channels, 8)

    def forward(self, sequences: Tensor) -> Tensor:
        """Map `(steps, sequences, channels)` to the same; at least `taps` steps."""
        channels = sequences.shape[2:]
        normed = layer_norm(sequences, channels, self.gamma.flatten(), self.beta.flatten())
        first, second = normed.chunk(2, 2)
        hidden = torch.cat([self.rnn1(first), self.rnn2(second)], 2)
        if self.taps == 1:
            return hidden.add_(sequences)
        image = hidden.permute(2, 0, 1)[None]  # (1, channels, steps, sequences)
        image = conv_transpose2d(image, self.spread.weight[..., None], self.spread.bias)
        return image[0].permute(1, 2, 0) + sequences


class VideoBranch(nn.Module):
    """LightVid: a bottleneck around an SRU, and a skip connection.

    The published code runs the SRU over the batch and not over time: every frame is one step, and
    a clip sees the clips before it in its batch. Here every clip is the first of its batch, as in
    the published evaluation: one step from a state of zero.

    Args:
        channels: Of the lip embedding.
        inside: Of the SRU.
    """

    def __init__(self, channels: int, inside: int, layers: int = 4) -> None:
        super().__init__()
        self.gateway = Gateway(channels, axes=1)
        self.projection = nn.Sequential(
            OrderedDict(
                conv=nn.Conv1d(channels, inside, 1),
                norm=nn.BatchNorm1d(inside),
                act=nn.PReLU(),
            )
        )
        self.rnn = nn.Sequential(
            *(RecurrentLayer(inside, inside, directions=1) for _ in range(layers))
        )
        self.expansion = nn.Conv1d(inside, channels, 1)

    def forward(self, embeddings: Tensor) -> Tensor:
        """Refine `(clips, channels, frames)`."""
        gated = self.gateway(embeddings)
        inside = self.projection(gated).transpose(1, 2)  # (clips, frames, inside)
        refined = self.rnn(inside.reshape(1, -1, inside.shape[-1])).view(inside.shape)
        expanded: Tensor = self.expansion(refined.transpose(1, 2))
        return expanded.add_(gated)
