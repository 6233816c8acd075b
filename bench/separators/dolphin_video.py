"""Dolphin's video block: three rates of the lip features, one global summary injected into each.

Features are rows, `(frames, channels)`; norms are batch norms except in the summary.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool1d

from bench.separators.dolphin_diffusion import Diffusion
from bench.separators.dolphin_heat import Injection
from bench.separators.rows import Depthwise, NormOfRows, Pointwise

__all__ = ["VideoBlock"]


class VideoBlock(nn.Module):
    """From fine to coarse and back, with a shortcut."""

    def __init__(self, channels: int, diffuse: Diffusion) -> None:
        super().__init__()
        self.project = nn.Sequential(
            Pointwise(channels, channels), nn.BatchNorm1d(channels), nn.PReLU()
        )
        self.scales = nn.ModuleList(
            nn.Sequential(Depthwise(channels, 5, stride=stride), nn.BatchNorm1d(channels))
            for stride in (1, 2, 2)
        )
        self.summary = nn.Sequential(
            Pointwise(channels, channels, bias=False),
            NormOfRows(channels),
            Depthwise(channels, 5),
            nn.ReLU(),
            Pointwise(channels, channels, bias=False),
            NormOfRows(channels),
        )
        # The third of the first is published and counted, but nothing reads what it makes.
        self.inject_summary, self.inject_scale = (
            nn.ModuleList(Injection(channels, nn.BatchNorm1d, diffuse) for _ in range(number))
            for number in (3, 2)
        )
        self.restore = Pointwise(channels, channels)

    def forward(self, rows: Tensor) -> Tensor:
        fine = self.scales[0](self.project(rows))
        middle = self.scales[1](fine)
        coarse = self.scales[2](middle)
        frames = len(coarse)
        summary = self.summary(_pool(fine, frames) + _pool(middle, frames) + coarse)
        fine = self.inject_summary[0](fine, summary)
        middle = self.inject_summary[1](middle, summary)
        joined = self.inject_scale[0](fine, self.inject_scale[1](middle, fine))
        result: Tensor = self.restore(joined) + rows
        return result


def _pool(rows: Tensor, frames: int) -> Tensor:
    return adaptive_avg_pool1d(rows.t()[None], frames)[0].t()
