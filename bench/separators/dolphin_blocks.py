"""The blocks that Dolphin's separator repeats: global attention, local heat, feed-forward.

Features are rows, `(frames, channels)`. A global block attends between frames that were pooled to
the rate of the deepest stage, so that its cost is the same in every stage.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from bench.separators.dolphin_diffusion import Diffusion
from bench.separators.dolphin_heat import Heat
from bench.separators.rows import Depthwise, Linear, NormOfRows

__all__ = ["HEADS", "Attention", "FeedForward", "GlobalBlock", "LocalBlock", "pool", "positions"]

HEADS = 8


def pool(rows: Tensor, frames: int) -> Tensor:
    """Average equal runs of rows; repeat rows where there are fewer."""
    if len(rows) < frames:
        return rows.repeat_interleave(frames // len(rows), 0)
    return rows.reshape(frames, -1, rows.shape[1]).mean(1)


def positions(table: Tensor, frames: int) -> Tensor:
    """Look up the embedding of every distance: `(query, key, channels)`."""
    times = torch.arange(frames, device=table.device)
    farthest = len(table) // 2
    distances = (times[:, None] - times).clamp(-farthest, farthest - 1)
    return table[distances + farthest]


class Attention(nn.Module):
    """Attention between rows, scaled by a learned factor per channel; no shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.linear_q, self.linear_k, self.linear_v, self.linear_out = (
            Linear(channels, channels) for _ in range(4)
        )
        self.scale = nn.Parameter(torch.ones(1, 1, channels))

    def forward(self, rows: Tensor, places: Tensor | None = None) -> Tensor:
        """Attend.

        Args:
            rows: `(frames, channels)`.
            places: What `positions` returned, or None where distances do not matter.
        """
        normal = self.norm(rows)
        query, key, value = (
            layer(normal).view(len(rows), HEADS, -1).transpose(0, 1)  # (heads, frames, width)
            for layer in (self.linear_q, self.linear_k, self.linear_v)
        )
        bias = None
        if places is not None:
            by_place = query.transpose(0, 1) @ places.transpose(1, 2)  # (query, heads, key)
            bias = by_place.transpose(0, 1)[None] / query.shape[-1] ** 0.5
        seen = scaled_dot_product_attention(query[None], key[None], value[None], bias)[0]
        result: Tensor = self.linear_out(seen.transpose(0, 1).flatten(1)) * self.scale[0]
        return result


class FeedForward(nn.Module):
    """A gated feed-forward layer that sees the neighbouring frames, with a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        wide = 3 * channels
        self.widen = nn.Sequential(nn.LayerNorm(channels), Linear(channels, wide))
        self.over_time = Depthwise(wide, 3)
        self.narrow = nn.Sequential(nn.GLU(), nn.Dropout(), Linear(wide // 2, channels))
        self.scale = nn.Parameter(torch.ones(1, 1, channels))

    def forward(self, rows: Tensor) -> Tensor:
        return torch.addcmul(rows, self.narrow(self.over_time(self.widen(rows))), self.scale[0])


class GlobalBlock(nn.Module):
    """Attention at the lowest rate, gated at the full one, and a feed-forward layer."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attention = Attention(channels)
        self.gate = nn.Sequential(nn.LayerNorm(channels), Linear(channels, channels))
        self.feed_forward = FeedForward(channels)

    def forward(self, rows: Tensor, places: Tensor) -> Tensor:
        frames = len(places)
        seen = self.attention(pool(rows, frames), places)
        gate = self.gate(rows).sigmoid_()
        runs = frames, -1, rows.shape[1]
        gated = torch.addcmul(rows.view(runs), gate.view(runs), seen[:, None])
        result: Tensor = self.feed_forward(gated.flatten(0, 1))
        return result


class LocalBlock(nn.Module):
    """Heat and long filters over time, and a feed-forward layer."""

    def __init__(self, channels: int, taps: int, diffuse: Diffusion) -> None:
        super().__init__()
        self.heat = Heat(channels, diffuse)
        self.norm_in = NormOfRows(channels, eps=1e-5)
        self.long = Depthwise(channels, taps)
        self.short = Depthwise(channels, 3)
        self.norm_out = NormOfRows(channels, eps=1e-5)
        self.scale = nn.Parameter(torch.ones(1, 1, channels))
        self.feed_forward = FeedForward(channels)

    def forward(self, rows: Tensor) -> Tensor:
        warmed = self.short(gelu(self.long(self.norm_in(self.heat(rows)))))
        warmed = torch.addcmul(rows, self.norm_out(warmed), self.scale[0])
        result: Tensor = self.feed_forward(warmed)
        return result
