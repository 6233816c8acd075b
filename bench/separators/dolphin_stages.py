"""Dolphin's separator: four stages down, a global summary, four stages up.

Features are rows, `(frames, channels)`; each stage down halves the frames.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from bench.separators.dolphin_blocks import (
    HEADS,
    Attention,
    FeedForward,
    GlobalBlock,
    LocalBlock,
    pool,
    positions,
)
from bench.separators.dolphin_diffusion import Diffusion
from bench.separators.dolphin_heat import Injection
from bench.separators.rows import Depthwise, NormOfRows

__all__ = ["Stages"]

_STAGES = 4
_ROUNDS_DOWN, _ROUNDS_UP = 2, 3


class _Rounds(nn.Module):
    """Global and local blocks in turn, counted from one."""

    def __init__(self, channels: int, taps: int, rounds: int, diffuse: Diffusion) -> None:
        super().__init__()
        for number in range(1, rounds + 1):
            self.add_module(f"global_{number}", GlobalBlock(channels))
            self.add_module(f"local_{number}", LocalBlock(channels, taps, diffuse))

    def forward(self, rows: Tensor, places: Tensor) -> Tensor:
        for block in self.children():
            rows = block(rows, places) if isinstance(block, GlobalBlock) else block(rows)
        return rows


class _Halving(nn.Sequential):
    """A filter over five frames that keeps every other one, a norm and a GELU."""

    def __init__(self, channels: int) -> None:
        super().__init__(
            Depthwise(channels, 5, stride=2), NormOfRows(channels, eps=1e-5), nn.GELU()
        )


class Stages(nn.Module):
    """The separator: four stages down, a global summary, four stages up."""

    def __init__(self, channels: int, taps: int, farthest: int, diffuse: Diffusion) -> None:
        super().__init__()
        stages = range(_STAGES)
        self.distances = nn.Embedding(2 * farthest, channels // HEADS)
        self.enc_stages, self.dec_stages = (
            nn.ModuleList(_Rounds(channels, taps, rounds, diffuse) for _ in stages)
            for rounds in (_ROUNDS_DOWN, _ROUNDS_UP)
        )
        self.halve = nn.ModuleList(_Halving(channels) for _ in stages)
        self.summary_attention = Attention(channels)
        self.summary_feed_forward = FeedForward(channels)
        self.inject_summary, self.inject_coarser = (
            nn.ModuleList(Injection(channels, NormOfRows, diffuse) for _ in stages)
            for _ in range(2)
        )

    def forward(self, rows: Tensor) -> Tensor:
        frames = len(rows)
        rows = pad(rows, (0, 0, 0, -frames % 2**_STAGES))
        places = positions(self.distances.weight, len(rows) // 2**_STAGES)
        kept, halved = [], []
        for stage, halve in zip(self.enc_stages, self.halve, strict=True):
            kept.append(stage(rows, places))
            rows = halve(kept[-1])
            halved.append(rows)
        pooled = torch.stack([pool(scale, 2 * len(places)) for scale in halved]).sum(0)
        summary = self.summary_feed_forward(self.summary_attention(pooled))
        kept = [
            inject(skip, summary) for inject, skip in zip(self.inject_summary, kept, strict=True)
        ]
        for inject, stage in zip(self.inject_coarser, self.dec_stages, strict=True):
            rows = stage(inject(kept.pop(), rows), places)
        return rows[:frames]
