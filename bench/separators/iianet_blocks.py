"""The blocks of IIANet: attention within a modality (IntraA), and how a cycle's result re-enters.

Audio and video run through the same multi-scale block. Features are rows `(frames, channels)`; see
`iianet_rows` for what that saves.

    rows -> projection -> scale 0 -> scale 1 -> ... -> scale 4        bottom-up, each half as long
    all scales, averaged to the length of the last and added          the top
    each scale, attending to what became of the top                   IntraA with kernels of 1
    from the coarsest scale to the finest, each to the one before     IntraA with kernels of 5
    -> 1x1 convolution, and what entered is added
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from bench.separators.iianet_rows import (
    Affine,
    Moments,
    NormedConv,
    convolve,
    modulate_,
    pool,
    resize,
    tiles,
)

__all__ = ["Feedback", "MultiScaleBlock", "Scales"]


class IntraAttention(nn.Module):
    """IntraA: `local(fine) * up(sigmoid(gate(coarse))) + up(offset(coarse))`.

    `up` repeats coarse rows to the nearest fine one, after the sigmoid.
    """

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.local = NormedConv(channels, channels, kernel, depthwise=True)
        self.offset = NormedConv(channels, channels, kernel, depthwise=True)
        self.gate = NormedConv(channels, channels, kernel, depthwise=True)

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        """Filter fine rows and let coarse rows modulate them."""
        filtered, norm = self.local.split(fine)
        return _attend_(filtered, norm, self.gate(coarse), self.offset(coarse))

    def pointwise_(
        self, fine: Tensor, fine_is: Moments, coarse: Tensor, coarse_is: Moments
    ) -> None:
        """Do the same in place on fine rows, for kernels of one point.

        Args:
            fine: Overwritten.
            fine_is: Moments of its channels.
            coarse: Rows that modulate.
            coarse_is: Moments of its channels, from which gate and offset take their norms.
        """
        gate, offset = (each.as_affine(coarse_is)(coarse) for each in (self.gate, self.offset))
        _attend_(fine, self.local.as_affine(fine_is), gate, offset)


def _attend_(local: Tensor, norm: Affine, gate: Tensor, offset: Tensor) -> Tensor:
    """Normalise local rows and modulate them, in place, in one pass over them."""
    gate.sigmoid_()
    offset.addcmul_(gate, norm.shift)
    return modulate_(local, gate.mul_(norm.scale), offset)


class Scales(NamedTuple):
    """What the bottom-up way found."""

    rows: list[Tensor]  # from fine to coarse
    moments: list[Moments]  # of the channels of each
    top: Tensor  # the sum of all, at the length of the coarsest

    def copy(self) -> Scales:
        """Copy the rows, which `attend` overwrites."""
        return self._replace(rows=[rows.clone() for rows in self.rows])


class MultiScaleBlock(nn.Module):
    """Bottom-up, attention to the top, and top-down, for one modality.

    Args:
        outside: Channels of what comes in and goes out.
        inside: Channels of every scale.
        kernel: Of the bottom-up filters.
        depth: Number of scales.
        activation: After the projection.
        stretch_first: Whether the norms of attention to the top measure the top once it has been
            stretched to a scale's length, where some of its frames count more often than others.
    """

    def __init__(
        self,
        *,
        outside: int,
        inside: int,
        kernel: int,
        depth: int,
        activation: Callable[[], nn.Module],
        stretch_first: bool,
    ) -> None:
        super().__init__()
        self.stretch_first = stretch_first
        self.project = NormedConv(outside, inside, 1, bias=True)
        self.act = activation()
        self.bottom_up = nn.ModuleList(
            NormedConv(inside, inside, kernel, stride=2 if scale else 1, depthwise=True, bias=True)
            for scale in range(depth)
        )
        self.to_top = nn.ModuleList(IntraAttention(inside, 1) for _ in range(depth))
        self.top_down = nn.ModuleList(IntraAttention(inside, 5) for _ in range(depth - 1))
        self.restore = nn.Conv1d(inside, outside, 1)

    def analyse(self, rows: Tensor) -> Scales:
        """Go bottom-up from rows with the channels outside."""
        current, norm = self.project.split(rows)
        for part in tiles(current):
            part.copy_(self.act(norm(part)))
        scales, moments = [], []
        for layer in self.bottom_up:
            assert isinstance(layer, NormedConv)
            current = convolve(current, layer.conv)
            raw = Moments.of_channels(current)
            norm = raw.normaliser(layer.norm)
            scales.append(norm.overwrite(current))
            moments.append(raw.after(norm))
        top = torch.stack([pool(scale, len(scales[-1])) for scale in scales]).sum(0)
        return Scales(scales, moments, top)

    def attend(self, scales: Scales, top: Tensor) -> list[Tensor]:
        """Let the top modulate every scale, overwriting `scales.rows`; return these rows."""
        for rows, moments, attention in zip(scales.rows, scales.moments, self.to_top, strict=True):
            assert isinstance(attention, IntraAttention)
            weights = _shares(top, len(rows)) if self.stretch_first else None
            attention.pointwise_(rows, moments, top, Moments.of_channels(top, weights))
        return scales.rows

    def merge(self, scales: list[Tensor], entered: Tensor) -> Tensor:
        """Go top-down through attended scales, and return to the channels outside."""
        *finer, merged = scales
        for rows, attention in zip(reversed(finer), reversed(self.top_down), strict=True):
            merged = attention(rows, merged)
        return convolve(merged, self.restore).add_(entered)


def _shares(top: Tensor, frames: int) -> Tensor:
    """Return which share of `frames` each row of the top takes when it is stretched to them."""
    numbers = torch.arange(len(top), dtype=torch.float32, device=top.device)
    nearest = resize(numbers[:, None], frames)[:, 0].long()
    return torch.bincount(nearest, minlength=len(top)).to(top.dtype) / frames


class Feedback(nn.Module):
    """InterA-B: add the first input to a result, then scale, shift and rectify each channel."""

    def __init__(self, channels: int, activation: nn.Module) -> None:
        super().__init__()
        self.scale = nn.Conv1d(channels, channels, 1, groups=channels)
        self.act = activation

    def forward(self, rows: Tensor, entry: Tensor) -> Tensor:
        """Return what enters the next cycle."""
        bias = self.scale.bias
        assert bias is not None
        affine = Affine(self.scale.weight.flatten(), bias)
        rectified: Tensor = self.act(affine(rows + entry))
        return rectified
