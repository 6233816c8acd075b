"""Heat blocks of Dolphin, and how coarse features enter fine ones through them.

Features are rows, `(frames, channels)`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, silu

from bench.separators.dolphin_diffusion import Diffusion
from bench.separators.rows import Depthwise, filter_over_time

__all__ = ["Heat", "Injection", "stretch"]


def stretch(rows: Tensor, frames: int) -> Tensor:
    """Repeat or drop rows to a number of frames: nearest neighbours."""
    if len(rows) == frames:
        return rows
    return interpolate(rows.t()[None], frames)[0].t()


class Heat(nn.Module):
    """Local smoothing, diffusion, a norm, a gate and local smoothing again.

    Parameters have their published names; `k` is how long each channel cools down.
    """

    def __init__(self, channels: int, diffuse: Diffusion) -> None:
        super().__init__()
        self.diffuse = diffuse
        self.dwconv = Depthwise(channels, 3)
        self.linear = nn.Conv1d(channels, 2 * channels, 3, padding=1, groups=channels)
        self.k = nn.Parameter(torch.zeros(channels))
        self.out_norm = nn.LayerNorm(channels)
        self.out_linear = Depthwise(channels, 3)
        self.to_k = nn.Sequential(Depthwise(channels, 3))  # counted, but never applied

    def forward(self, rows: Tensor) -> Tensor:
        pairs = self.dwconv(rows).repeat_interleave(2, 1)
        heat, gate = filter_over_time(pairs, self.linear.weight, self.linear.bias).chunk(2, 1)
        warmed: Tensor = self.out_linear(self.out_norm(self.diffuse(heat, self.k)).mul_(silu(gate)))
        return warmed


class Injection(nn.Module):
    """Let coarse features scale and shift fine ones; all pass a heat block and a norm first.

    Args:
        channels: Of both.
        norm: Makes a norm of rows for a number of channels.
        diffuse: Of the heat blocks.
    """

    def __init__(self, channels: int, norm: Callable[[int], nn.Module], diffuse: Diffusion) -> None:
        super().__init__()
        self.local_embedding, self.global_embedding, self.global_act = (
            nn.Sequential(Heat(channels, diffuse), norm(channels)) for _ in range(3)
        )

    def forward(self, local: Tensor, coarse: Tensor) -> Tensor:
        frames = len(local)
        scale = stretch(self.global_act(coarse).sigmoid_(), frames)
        shift = stretch(self.global_embedding(coarse), frames)
        return torch.addcmul(shift, self.local_embedding(local), scale)
