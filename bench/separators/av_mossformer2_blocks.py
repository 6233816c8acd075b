"""The layers of AV-MossFormer2: gated attention over frames, and a gated memory of filters in time.

Zhao et al., "MossFormer2: Combining transformer and RNN-free recurrent network for enhanced
time-domain monaural speech separation" (ICASSP 2024). Features are rows, `(frames, channels)`.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.linalg import vector_norm
from torch.nn.functional import pad, relu, silu

from bench.separators.pointwise import linear
from bench.separators.rows import Depthwise, Linear, Pointwise, filter_over_time

__all__ = ["GatedAttention", "GatedMemory", "Rotation", "rotation"]

_GROUP = 256  # frames that see each other in full
_KEY_CHANNELS = 128
_MEMORY_CHANNELS = 256


class Rotation(NamedTuple):
    """Cosine and sine of every frame's angles, `(frames, pairs)`."""

    cosine: Tensor
    sine: Tensor


def rotation(frequencies: Tensor, frames: int) -> Rotation:
    """Return the angles by which pairs of channels are turned: frame number times frequency."""
    times = torch.arange(frames, dtype=frequencies.dtype, device=frequencies.device)
    angles = times[:, None] * frequencies
    return Rotation(angles.cos(), angles.sin())


class GatedAttention(nn.Module):
    """Full attention inside groups of frames plus linear attention over the clip, gating itself."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.to_hidden = _Unit(channels, 4 * channels, _ScaleNorm(channels))
        self.to_keys = _Unit(channels, _KEY_CHANNELS, _ScaleNorm(channels))
        self.to_output = _Unit(2 * channels, channels, _ScaleNorm(2 * channels))
        # Of the quadratic query, linear query, quadratic key and linear key.
        self.gamma = nn.Parameter(torch.ones(4, _KEY_CHANNELS))
        self.beta = nn.Parameter(torch.zeros(4, _KEY_CHANNELS))

    def forward(self, features: Tensor, turn: Rotation) -> Tensor:
        shifted = _half_delayed(features)
        hidden = self.to_hidden(shifted)
        attended_value, attended_gate = _attend(hidden, self._keys(shifted, turn)).chunk(2, 1)
        value, gate = hidden.chunk(2, 1)
        opened = attended_gate.mul_(value).mul_(attended_value.mul_(gate).sigmoid_())
        result: Tensor = self.to_output(opened).add_(features)
        return result

    def _keys(self, shifted: Tensor, turn: Rotation) -> Tensor:
        """Return both queries and both keys, `(4, frames, channels)`."""
        base = self.to_keys(shifted)
        copies = torch.addcmul(self.beta[:, None], base, self.gamma[:, None])
        width = 2 * turn.cosine.shape[1]
        first, second = copies[..., 0:width:2].clone(), copies[..., 1:width:2].clone()
        copies[..., 0:width:2] = first * turn.cosine - second * turn.sine
        copies[..., 1:width:2] = second * turn.cosine + first * turn.sine
        return copies


def _half_delayed(features: Tensor) -> Tensor:
    """Delay the first half of the channels by one frame."""
    delayed, prompt = features.chunk(2, 1)
    return torch.cat([pad(delayed[:-1], (0, 0, 1, 0)), prompt], 1)


def _attend(hidden: Tensor, keys: Tensor) -> Tensor:
    """Sum both kinds of attention; neither has a softmax."""
    full_query, linear_query, full_key, linear_key = keys
    memory = linear_key.t() @ hidden / len(hidden)  # (key channels, hidden channels)
    total = linear(linear_query, memory.t())
    groups = (rows.split(_GROUP) for rows in (total, hidden, full_query / _GROUP, full_key))
    for part, values, query, key in zip(*groups, strict=True):
        # The last group is divided by the length of a full one as well.
        part.addmm_(relu(query @ key.t()).square_(), values)
    return total


class GatedMemory(nn.Module):
    """A feed-forward sequential memory: filters over 39 and 77 frames, gated, with shortcuts."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inside = _MEMORY_CHANNELS
        self.narrow = Pointwise(channels, inside)
        self.act = nn.PReLU()
        self.norm_in = nn.LayerNorm(inside)
        self.to_value = _Unit(inside, inside, nn.LayerNorm(inside))
        self.to_gate = _Unit(inside, inside, nn.LayerNorm(inside))
        self.hidden = Linear(inside, inside)
        self.project = Linear(inside, inside, bias=False)
        self.near = _Memory(inside, inside, dilation=1)
        self.far = _Memory(2 * inside, inside, dilation=2)
        self.norm_out = nn.LayerNorm(inside)
        self.widen = Pointwise(inside, channels)

    def forward(self, features: Tensor) -> Tensor:
        narrowed = self.norm_in(self.act(self.narrow(features)))
        value, gate = self.to_value(narrowed), self.to_gate(narrowed)
        projected = self.project(relu(self.hidden(value)))
        remembered = self.far(torch.cat([self.near(projected), projected], 1))
        gated = torch.addcmul(narrowed, gate, value + remembered)
        result: Tensor = self.widen(self.norm_out(gated)).add_(features)
        return result


class _Memory(nn.Module):
    """A filter of 39 taps over time, an instance norm and a PReLU.

    With twice as many inputs as outputs, each output sums two filtered neighbours.
    """

    def __init__(self, inputs: int, outputs: int, *, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.sums_pairs = inputs == 2 * outputs
        self.conv = nn.Conv2d(inputs, outputs, (39, 1), groups=outputs, bias=False)
        self.norm = nn.InstanceNorm1d(outputs, affine=True)
        self.act = nn.PReLU(outputs)

    def forward(self, rows: Tensor) -> Tensor:
        weight = self.conv.weight.flatten(0, 1).transpose(1, 2)  # (inputs, 1, taps)
        filtered = filter_over_time(rows, weight, dilation=self.dilation)
        if self.sums_pairs:
            filtered = filtered[:, ::2] + filtered[:, 1::2]
        variance, mean = torch.var_mean(filtered, 0, correction=0)
        scale = self.norm.weight * (variance + self.norm.eps).rsqrt()
        result: Tensor = self.act(torch.addcmul(self.norm.bias - mean * scale, filtered, scale))
        return result


class _Unit(nn.Module):
    """A norm, a linear layer, a SiLU, and a filter over 17 frames with a shortcut."""

    def __init__(self, inputs: int, outputs: int, norm: nn.Module) -> None:
        super().__init__()
        self.norm = norm
        self.linear = Linear(inputs, outputs)
        self.over_time = Depthwise(outputs, 17, bias=False)

    def forward(self, rows: Tensor) -> Tensor:
        activated = silu(self.linear(self.norm(rows)), inplace=True)
        weight = self.over_time.weight.clone()
        weight[:, :, weight.shape[2] // 2] += 1  # the shortcut
        return filter_over_time(activated, weight)


class _ScaleNorm(nn.Module):
    """Divide each row by its root mean square, times one learned factor."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.root = channels**0.5
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, rows: Tensor) -> Tensor:
        size = vector_norm(rows, dim=-1, keepdim=True) / self.root
        normal: Tensor = rows * (self.scale / size.clamp_min(1e-5))
        return normal
