"""What IIANet computes with features as rows: matrices `(frames, channels)`, one row per frame.

Rows keep the channels of a frame together in memory, where depthwise convolutions, norms and
resizing in time are several times faster on a CPU than along the frames. Three facts save most of
the passes over memory that the published graph makes:

* global layer norm (gLN: one mean and one variance over all channels and frames) is, once these two
  are known, one scale and one shift per channel (`Affine`), which merge with what comes next;
* a depthwise convolution with one point followed by gLN is also an `Affine`, whose mean and
  variance follow from the moments of the channels (`Moments`);
* stretching in time to the nearest frame repeats rows, so stretched rows are never built: `repeats`
  pairs every coarse row with the view of fine rows that it covers.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.linalg import vector_norm
from torch.nn.functional import adaptive_avg_pool2d, conv2d, interpolate

from bench.separators.pointwise import linear

__all__ = [
    "Affine",
    "Moments",
    "NormedConv",
    "convolve",
    "modulate_",
    "pool",
    "repeats",
    "resize",
    "tiles",
]


class Affine(NamedTuple):
    """A scale and a shift of every channel, each `(channels,)`."""

    scale: Tensor
    shift: Tensor

    def __call__(self, rows: Tensor) -> Tensor:
        """Return `scale * rows + shift`."""
        return torch.addcmul(self.shift, rows, self.scale)

    def overwrite(self, rows: Tensor) -> Tensor:
        """Do the same in place."""
        return torch.addcmul(self.shift, rows, self.scale, out=rows)


class Moments(NamedTuple):
    """Mean and mean square over frames: of every channel `(channels,)`, or of all `()`."""

    mean: Tensor
    square: Tensor

    @classmethod
    def of_channels(cls, rows: Tensor, weights: Tensor | None = None) -> Moments:
        """Measure each channel, frames weighted by `weights` (which add up to 1) if given."""
        if weights is not None:
            return cls(weights @ rows, weights @ rows.square())
        sums = torch.stack([part.sum(0) for part in tiles(rows)])
        squares = torch.stack([part.square().sum(0) for part in tiles(rows)])
        return cls(sums.sum(0) / len(rows), squares.sum(0) / len(rows))

    @classmethod
    def of_all(cls, rows: Tensor) -> Moments:
        """Measure all channels together, in two passes without a copy."""
        return cls(rows.mean(), vector_norm(rows, dim=1).square().mean() / rows.shape[1])

    def after(self, affine: Affine) -> Moments:
        """Moments of the channels once `affine` has been applied to them."""
        mean = affine.scale * self.mean
        square = affine.scale.square() * self.square + affine.shift * (2 * mean + affine.shift)
        return Moments(mean + affine.shift, square)

    def normaliser(self, norm: nn.GroupNorm) -> Affine:
        """Global layer norm of rows with these moments."""
        mean, square = self.mean.mean().double(), self.square.mean().double()
        variance = (square - mean.square()).clamp_min(0)
        scale = norm.weight * (variance + norm.eps).rsqrt()
        return Affine(scale, norm.bias - mean * scale)


class NormedConv(nn.Module):
    """A convolution in time and its global layer norm.

    Args:
        inputs: Channels of what comes in.
        outputs: Channels of the result; with `depthwise` the same.
        kernel: In frames, odd; zeros surround the ends.
        stride: In frames.
        depthwise: Whether each channel is filtered by itself.
        bias: Whether the convolution has one.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        *,
        stride: int = 1,
        depthwise: bool = False,
        bias: bool = False,
    ) -> None:
        super().__init__()
        groups = inputs if depthwise else 1
        self.conv = nn.Conv1d(
            inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=bias
        )
        self.norm = nn.GroupNorm(1, outputs, eps=1e-8)

    def forward(self, rows: Tensor) -> Tensor:
        """Filter and normalise rows."""
        filtered, norm = self.split(rows)
        return norm.overwrite(filtered)

    def split(self, rows: Tensor) -> tuple[Tensor, Affine]:
        """Return the filtered rows, and the norm still to be applied to them."""
        filtered = convolve(rows, self.conv)
        return filtered, Moments.of_all(filtered).normaliser(self.norm)

    def as_affine(self, moments: Moments) -> Affine:
        """Return all it does to rows with these moments, for a depthwise kernel of one point."""
        weight = self.conv.weight.flatten()
        weighted = Moments(weight * moments.mean, weight.square() * moments.square)
        scale, shift = weighted.normaliser(self.norm)
        return Affine(scale * weight, shift)


def convolve(rows: Tensor, conv: nn.Conv1d) -> Tensor:
    """Convolve rows in time.

    Args:
        rows: `(frames, inputs)`.
        conv: Any but a depthwise one of one point.

    Returns:
        `(frames, outputs)`, fewer frames where the convolution has a stride.
    """
    if conv.kernel_size == (1,):
        return linear(rows, conv.weight, conv.bias)
    filtered = conv2d(
        _image(rows),
        conv.weight.unsqueeze(2),
        conv.bias,
        stride=(1, *conv.stride),
        padding=(0, conv.kernel_size[0] // 2),
        groups=conv.groups,
    )
    return _rows(filtered)


def tiles(rows: Tensor) -> list[Tensor]:
    """View rows in parts that stay in a core's cache while several operations pass over them."""
    return [rows[start : start + 512] for start in range(0, len(rows), 512)]


def pool(rows: Tensor, frames: int) -> Tensor:
    """Average rows down to fewer frames."""
    return rows if len(rows) == frames else _rows(adaptive_avg_pool2d(_image(rows), (1, frames)))


def resize(rows: Tensor, frames: int) -> Tensor:
    """Stretch or shrink rows in time to the nearest frame."""
    return rows if len(rows) == frames else _rows(interpolate(_image(rows), (1, frames)))


def _image(rows: Tensor) -> Tensor:
    """View rows as `(1, channels, 1, frames)`, unmistakably channels-last."""
    return rows.view(1, 1, *rows.shape).permute(0, 3, 1, 2)


def _rows(image: Tensor) -> Tensor:
    return image[0, :, 0].t()


def modulate_(rows: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Multiply and add in place what coarser rows say.

    Args:
        rows: `(frames, channels)`.
        scale: `(coarse frames, channels)`, in effect stretched to `frames`.
        shift: As `scale`.
    """
    for chosen, covered in repeats(rows, len(scale)):
        torch.addcmul(shift[chosen, None], covered, scale[chosen, None], out=covered)
    return rows


def repeats(rows: Tensor, sources: int) -> Iterator[tuple[slice, Tensor]]:
    """Pair coarse frames with the fine rows that nearest-neighbour stretching fills from them.

    Args:
        rows: `(frames, channels)`.
        sources: Number of coarse frames.

    Yields:
        Which coarse frames, and the view `(those frames, repeats of each, channels)` of the rows.
    """
    for source, count, target, times in _runs(sources, len(rows)):
        covered = rows[target : target + count * times]
        yield slice(source, source + count), covered.view(count, times, -1)


@lru_cache(maxsize=256)
def _runs(sources: int, frames: int) -> list[tuple[int, int, int, int]]:
    """Gather neighbouring sources that are repeated equally often.

    Returns:
        First source, number of sources, first target frame, repeats of each source.
    """
    numbers = torch.arange(sources, dtype=torch.float32)[:, None]
    nearest = resize(numbers, frames)[:, 0]
    chosen, counts = torch.unique_consecutive(nearest.long(), return_counts=True)
    runs: list[tuple[int, int, int, int]] = []
    target = 0
    for source, times in zip(chosen.tolist(), counts.tolist(), strict=True):
        first, count, start, last_times = runs[-1] if runs else (0, 0, 0, 0)
        if times == last_times and source == first + count:
            runs[-1] = (first, count + 1, start, times)
        else:
            runs.append((source, 1, target, times))
        target += times
    return runs
