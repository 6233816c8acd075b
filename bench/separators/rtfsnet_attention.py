"""How RTFS-Net looks at the whole of the coarsest scale: of an audio map, of the video features.

Maps are `(batch, channels, time, frequency)`, channels last in memory; video features are
`(batch, channels, frames)`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm, prelu, scaled_dot_product_attention

from bench.separators.pointwise import linear

__all__ = ["FrameAttention", "MapAttention", "VideoAttention"]


class MapAttention(nn.Module):
    """Scan the map along frequency, then along time, then compare whole frames.

    Args:
        along_frequency: Maps sequences `(steps, sequences, channels)` to the same.
        along_time: Likewise.
        between_frames: Maps `(batch, time, frequency, channels)` to the same.
    """

    def __init__(
        self, *, along_frequency: nn.Module, along_time: nn.Module, between_frames: nn.Module
    ) -> None:
        super().__init__()
        self.along_frequency = along_frequency
        self.along_time = along_time
        self.between_frames = between_frames

    def forward(self, features: Tensor) -> Tensor:
        """Return a map of the same shape."""
        batch, channels, time, frequency = features.shape
        columns = features.permute(3, 0, 2, 1).reshape(frequency, batch * time, channels)
        columns = self.along_frequency(columns).view(frequency, batch, time, channels)
        rows = columns.permute(2, 1, 0, 3).reshape(time, batch * frequency, channels)
        rows = self.along_time(rows).view(time, batch, frequency, channels)
        attended: Tensor = self.between_frames(rows.transpose(0, 1))
        return attended.permute(0, 3, 1, 2)


class FrameAttention(nn.Module):
    """Self-attention over time, to which a frame with all its frequencies is one vector.

    Wang et al., "TF-GridNet: Integrating full- and sub-band modeling for speech separation"
    (TASLP 2023), has it as its full-band module.

    Args:
        channels: Of the map.
        bins: Frequencies of the map.
        heads: With `channels / heads` channels of the values each.
        size: Channels of the queries and of the keys.
        causal: Whether a frame attends to no later one.
    """

    def __init__(
        self,
        channels: int,
        *,
        bins: int = 64,
        heads: int = 4,
        size: int = 4,
        causal: bool = False,
    ) -> None:
        super().__init__()
        self.causal = causal
        self.queries = _projections(heads, channels, size, bins)
        self.keys = _projections(heads, channels, size, bins)
        self.values = _projections(heads, channels, channels // heads, bins)
        self.output = _projections(1, channels, channels, bins)

    def forward(self, features: Tensor) -> Tensor:
        """Map `(batch, time, frequency, channels)` to the same."""
        projections = (self.queries, self.keys, self.values)
        query, key, value = (_project(features, heads) for heads in projections)
        seen = scaled_dot_product_attention(
            query.flatten(3), key.flatten(3), value.flatten(3), is_causal=self.causal
        )
        side_by_side = seen.view_as(value).permute(0, 2, 3, 1, 4).flatten(3)
        return _project(side_by_side, self.output)[:, 0].add_(features)


class _Projection(nn.Module):
    """Weights of one head: 1x1 convolution, PReLU, layer norm over channels and frequencies."""

    def __init__(self, inputs: int, outputs: int, bins: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 1)
        self.act = nn.PReLU()
        self.gamma = nn.Parameter(torch.ones(1, outputs, 1, bins))
        self.beta = nn.Parameter(torch.zeros(1, outputs, 1, bins))


def _projections(heads: int, inputs: int, outputs: int, bins: int) -> nn.ModuleList:
    return nn.ModuleList(_Projection(inputs, outputs, bins) for _ in range(heads))


def _project(features: Tensor, heads: nn.ModuleList) -> Tensor:
    """Apply the projections of all heads at once.

    Args:
        features: `(batch, time, frequency, channels)`.
        heads: Their weights.

    Returns:
        `(batch, head, time, frequency, outputs)`, contiguous.
    """

    def all_heads(name: str) -> Tensor:
        return torch.cat([head.get_parameter(name) for head in heads])

    projected = linear(features.flatten(0, 2), all_heads("conv.weight"), all_heads("conv.bias"))
    outputs = projected.shape[-1] // len(heads)
    projected = prelu(projected, all_heads("act.weight").repeat_interleave(outputs))
    projected = projected.view(*features.shape[:3], len(heads), outputs).permute(0, 3, 1, 2, 4)
    gamma, beta = (  # (head, 1, frequency, outputs)
        all_heads(name).permute(0, 2, 3, 1).contiguous() for name in ("gamma", "beta")
    )
    return torch.addcmul(beta, layer_norm(projected, gamma.shape[2:]), gamma)


class VideoAttention(nn.Module):
    """Self-attention between video frames, then a feed-forward layer that sees three of them."""

    def __init__(self, channels: int, heads: int = 8) -> None:
        super().__init__()
        self.heads = heads
        self.norm_in = nn.LayerNorm(channels)
        self.attention_in = nn.Linear(channels, 3 * channels)
        self.attention_out = nn.Linear(channels, channels)
        self.norm_out = nn.LayerNorm(channels)
        wide = 2 * channels
        self.widen = nn.Conv1d(channels, wide, 1, bias=False)
        self.widen_norm = nn.GroupNorm(1, wide)
        self.refine = nn.Conv1d(wide, wide, 3, padding=1, groups=wide)
        self.narrow = nn.Conv1d(wide, channels, 1, bias=False)
        self.narrow_norm = nn.GroupNorm(1, channels)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape."""
        features = features + self._attended(features.transpose(1, 2)).transpose(1, 2)
        hidden: Tensor = self.refine(self.widen_norm(self.widen(features))).relu_()
        hidden = self.narrow_norm(self.narrow(hidden))
        return features + hidden

    def _attended(self, tokens: Tensor) -> Tensor:
        """Let `(batch, frames, channels)` attend to each other."""
        batch, frames, channels = tokens.shape
        tokens = self.norm_in(tokens) + _positions(frames, channels).to(tokens)
        triple = self.attention_in(tokens).view(batch, frames, 3, self.heads, -1)
        query, key, value = triple.permute(2, 0, 3, 1, 4)  # (batch, head, frames, size) each
        seen = scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        # The published residual carries the positions.
        attended: Tensor = self.norm_out(self.attention_out(seen) + tokens)
        return attended


def _positions(frames: int, channels: int) -> Tensor:
    """Sines and cosines of the frame's number, `(frames, channels)`."""
    rates = torch.exp(torch.arange(0, channels, 2) * (-math.log(10000.0) / channels))
    angles = torch.outer(torch.arange(frames, dtype=rates.dtype), rates)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)
