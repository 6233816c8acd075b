"""Diffusion over time, the global filter inside Dolphin's heat blocks.

Each channel's features are temperatures along a rod with insulated ends. In time `k` the n-th
cosine of the DCT-II of `frames` values cools down to exp(-k (pi n / frames)^2) of itself.

The published code multiplies with matrices of cosines whose arguments are rounded to float32. That
rounding reaches the voices: it moves them by up to 1.4e-3 of their peak at 2 s, more for longer
clips. So there are two readings: `RoundedDiffusion` has the published cosines, `ExactDiffusion`
does not build any and is many times faster.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor

from bench.separators.pointwise import linear

__all__ = ["Diffusion", "ExactDiffusion", "RoundedDiffusion"]

# Lengths that meet in one mixture: five of the audio, three of the video.
_MOST_LENGTHS = 8


class Diffusion(Protocol):
    """Cools rows `(frames, channels)` down, each channel for a time of its own `(channels,)`."""

    def __call__(self, rows: Tensor, times: Tensor) -> Tensor: ...


class ExactDiffusion:
    """The filter as a Fourier transform of the rows and their mirror image."""

    def __call__(self, rows: Tensor, times: Tensor) -> Tensor:
        frames = len(rows)
        mirrored = torch.cat([rows, rows.flip(0)]).t()  # (channels, 2 * frames)
        spectrum = torch.fft.rfft(mirrored).mul_(_left(times, frames, frames + 1))
        cooled: Tensor = torch.fft.irfft(spectrum, n=2 * frames)[:, :frames].t()
        return cooled


class RoundedDiffusion:
    """The filter as two products with the published matrix of cosines, kept for each length."""

    def __init__(self) -> None:
        self._cosines: dict[tuple[int, torch.device], Tensor] = {}

    def __call__(self, rows: Tensor, times: Tensor) -> Tensor:
        frames = len(rows)
        cosines = self._cosines_of(frames, rows.device)
        coefficients = linear(cosines, rows.t())  # (cosine, channels)
        return cosines.t() @ coefficients.mul_(_left(times, frames, frames).t())

    def _cosines_of(self, frames: int, device: torch.device) -> Tensor:
        key = frames, device
        if key not in self._cosines:
            if len(self._cosines) == _MOST_LENGTHS:
                self._cosines.clear()
            self._cosines[key] = _published_cosines(frames, device)
        return self._cosines[key]


def _published_cosines(frames: int, device: torch.device) -> Tensor:
    """Build the orthonormal DCT-II, `(cosine, frame)`; the order of operations is the rounding."""
    steps = torch.arange(frames, dtype=torch.float32, device=device)
    angles = (steps[:, None] * ((steps + 0.5) / frames)).mul_(math.pi)
    cosines = angles.cos_().mul_(math.sqrt(2 / frames))
    cosines[0] /= math.sqrt(2)
    return cosines


def _left(times: Tensor, frames: int, cosines: int) -> Tensor:
    """Return what is left of each cosine, `(channels, cosines)`."""
    numbers = torch.arange(cosines, dtype=times.dtype, device=times.device)
    return torch.exp(-times[:, None] * (numbers * (math.pi / frames)).square())
