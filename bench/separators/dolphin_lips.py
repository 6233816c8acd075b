"""DP-LipCoder, Dolphin's lip encoder: what is said and how it looks, on two paths of equal layers.

    mouths -> reconstruction path                                  -> 3872 numbers per frame, plus
           -> semantic path -> 64 numbers -> nearest of 256 codes  -> 3872 numbers

A path halves the pictures three times, 88 -> 44 -> 22 -> 11, and doubles the channels, 4 -> 32.
Pictures are `(frames, channels, height, width)`, one clip at a time; a convolution over time runs
on pictures whose channels are those of neighbouring frames.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import (
    conv2d,
    elu,
    gelu,
    leaky_relu,
    normalize,
    pad,
    scaled_dot_product_attention,
)

__all__ = ["LipCoder"]

_WIDTHS = (4, 8, 16, 32)
_FEATURES = 32 * 11 * 11
_LINEAR_HEADS, _LINEAR_WIDTH = 16, 8
_HEADS, _HEAD_WIDTH, _REGISTERS = 8, 32, 4


class LipCoder(nn.Module):
    """Turn grey mouth crops into one vector of 3872 per video frame.

    Args:
        codes: Size of the codebook.
        code: Length of a code.
    """

    def __init__(self, *, codes: int, code: int) -> None:
        super().__init__()
        self.recon, self.semantic = _Path(), _Path()
        self.quantiser = _Quantiser(codes, code)

    def forward(self, mouths: Tensor) -> Tensor:
        """Encode clips.

        Args:
            mouths: Normalised float `(batch, frames, 88, 88)`.

        Returns:
            `(batch, frames, 3872)`.
        """
        return torch.stack([self._encode(clip) for clip in mouths])

    def _encode(self, clip: Tensor) -> Tensor:
        encoded: Tensor = self.recon(clip) + self.quantiser(self.semantic(clip))
        return encoded


class _Path(nn.Module):
    """From pictures to one vector per frame."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third, last = _WIDTHS
        self.enter = _OverFrames(1, first, 7)
        self.layers = nn.Sequential(
            _Residual(first),
            _Halving(first, second),
            nn.Sequential(_Residual(second), _Residual(second)),
            _Halving(second, third),
            nn.Sequential(_Residual(third), _Residual(third)),
            nn.Sequential(_LinearAttention(third), _FeedForward(third)),
            _Halving(third, last),
            nn.Sequential(_Residual(last), _Residual(last)),
            nn.Sequential(_Attention(last), _FeedForward(last)),
            _ChannelNorm(last),
        )

    def forward(self, clip: Tensor) -> Tensor:
        """Encode `(frames, height, width)` to `(frames, features)`, channel by channel."""
        pictures: Tensor = self.layers(self.enter(clip[:, None]))
        return pictures.flatten(1)


class _Quantiser(nn.Module):
    """Replace each vector by what the nearest code stands for."""

    def __init__(self, codes: int, code: int) -> None:
        super().__init__()
        self.enter = nn.Linear(_FEATURES, code)
        self.leave = nn.Linear(code, _FEATURES)
        self.register_buffer("codes", torch.randn(1, codes, code))

    def forward(self, features: Tensor) -> Tensor:
        codes = self.get_buffer("codes")[0]
        nearest = torch.cdist(self.enter(features), codes).argmin(-1)
        leaving: Tensor = self.leave(codes[nearest])
        return leaving


class _OverFrames(nn.Conv3d):
    """A convolution over time and space that keeps the size."""

    def __init__(self, inputs: int, outputs: int, taps: int) -> None:
        super().__init__(inputs, outputs, taps, padding=taps // 2)

    def forward(self, input: Tensor) -> Tensor:
        taps, frames = self.kernel_size[0], len(input)
        margin = taps // 2
        padded = pad(input, (0, 0, 0, 0, 0, 0, margin, margin))
        neighbours = torch.cat([padded[k : k + frames] for k in range(taps)], 1)
        weight = self.weight.transpose(1, 2).flatten(1, 2)  # (outputs, taps * inputs, ...)
        return conv2d(neighbours, weight, self.bias, padding=margin)


class _Residual(nn.Module):
    """Two convolutions, each with an ELU, and a weight for every channel; with a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.over_frames = _OverFrames(channels, channels, 3)
        self.mix = nn.Conv3d(channels, channels, 1)
        self.excite = _Excitation(channels)

    def forward(self, pictures: Tensor) -> Tensor:
        filtered = elu(self.over_frames(pictures), inplace=True)
        mixed = elu(conv2d(filtered, self.mix.weight.squeeze(2), self.mix.bias), inplace=True)
        return torch.addcmul(pictures, mixed, self.excite(mixed))


class _Excitation(nn.Module):
    """Weigh the channels of each picture by what a learned mask sees of it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inside = max(16, channels // 2)
        self.mask = nn.Conv2d(channels, 1, 1)
        self.narrow = nn.Conv2d(channels, inside, 1)
        self.widen = nn.Conv2d(inside, channels, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        weights = self.mask(pictures).flatten(2).softmax(-1)  # (frames, 1, pixels)
        pooled = pictures.flatten(2) @ weights.transpose(1, 2)  # (frames, channels, 1)
        weighed: Tensor = self.widen(leaky_relu(self.narrow(pooled[..., None]), 0.1))
        return weighed.sigmoid_()


class _Halving(nn.Module):
    """Half the height and width, more channels."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        halved: Tensor = self.conv(pictures)
        return halved


class _LinearAttention(nn.Module):
    """Attention between the pixels of a picture, the exponential by its Taylor series; a shortcut.

    With `s` the scaled product of query and key, a weight is `1 + s + s^2 / 2`: a product of what
    `_expanded` makes of both, so that the work is linear in the number of pixels.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inside = _LINEAR_HEADS * _LINEAR_WIDTH
        self.norm = nn.Parameter(torch.ones(channels))
        self.query = nn.Linear(channels, inside, bias=False)
        self.key_value = nn.Linear(channels, 2 * inside, bias=False)
        self.output = nn.Linear(inside, channels, bias=False)

    def forward(self, pictures: Tensor) -> Tensor:
        normal = _root_mean_square(pictures, self.norm)
        heads = len(pictures), -1, _LINEAR_HEADS, _LINEAR_WIDTH, pictures[0, 0].numel()
        query = _mixed(normal, self.query).view(heads)[:, 0] / _LINEAR_WIDTH**0.5
        key, value = _mixed(normal, self.key_value).view(heads).unbind(1)
        value = torch.cat([value, torch.ones_like(value[:, :, :1])], 2)  # the last sums the weights
        context = value @ _expanded(key).transpose(2, 3) * _pair_weights(query)
        seen = context @ _expanded(query)  # (frames, heads, width + 1, pixels)
        seen = seen[:, :, :-1] / seen[:, :, -1:].clamp_min(1e-5)
        return pictures + _mixed(seen.reshape(len(pictures), -1, *pictures.shape[2:]), self.output)


def _expanded(vectors: Tensor) -> Tensor:
    """Return 1, the entries of each vector, and all products of two entries, each pair once.

    Args:
        vectors: `(frames, heads, width, pixels)`.
    """
    width = vectors.shape[2]
    pairs = [vectors[:, :, i, None] * vectors[:, :, i:] for i in range(width)]
    return torch.cat([torch.ones_like(vectors[:, :, :1]), vectors, *pairs], 2)


def _pair_weights(like: Tensor) -> Tensor:
    """Return the weight of each product of expanded entries: a square counts half in `s^2 / 2`."""
    width = like.shape[2]
    pairs = [0.5 if i == j else 1.0 for i in range(width) for j in range(i, width)]
    return like.new_tensor([1.0] * (1 + width) + pairs)


class _Attention(nn.Module):
    """Attention between the pixels of a picture and a few learned ones; with a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inside = _HEADS * _HEAD_WIDTH
        self.norm = nn.Parameter(torch.ones(channels))
        self.query_key_value = nn.Linear(channels, 3 * inside, bias=False)
        self.registers = nn.Parameter(torch.randn(2, _HEADS, _REGISTERS, _HEAD_WIDTH))
        self.output = nn.Linear(inside, channels, bias=False)

    def forward(self, pictures: Tensor) -> Tensor:
        projected = _mixed(_root_mean_square(pictures, self.norm), self.query_key_value)
        heads = len(pictures), 3, _HEADS, _HEAD_WIDTH, -1
        query, key, value = projected.view(heads).transpose(3, 4).unbind(1)
        keys, values = self.registers[:, None].expand(-1, len(pictures), -1, -1, -1)
        key, value = torch.cat([keys, key], 2), torch.cat([values, value], 2)
        seen = scaled_dot_product_attention(query, key, value).transpose(2, 3)
        return pictures + _mixed(seen.reshape(len(pictures), -1, *pictures.shape[2:]), self.output)


class _FeedForward(nn.Module):
    """A gated feed-forward layer on every pixel; with a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inside = int(8 * channels / 3)
        self.norm = nn.Parameter(torch.ones(channels, 1, 1, 1))
        self.widen = nn.Conv3d(channels, 2 * inside, 1)
        self.narrow = nn.Conv3d(inside, channels, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        normal = _root_mean_square(pictures, self.norm)
        wide = conv2d(normal, self.widen.weight.squeeze(2), self.widen.bias)
        value, gate = wide.chunk(2, 1)
        gated = value * gelu(gate)
        return pictures + conv2d(gated, self.narrow.weight.squeeze(2), self.narrow.bias)


class _ChannelNorm(nn.LayerNorm):
    """A layer norm over the channels of every pixel."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


def _root_mean_square(pictures: Tensor, gamma: Tensor) -> Tensor:
    """Divide every pixel by the root mean square of its channels, times a factor per channel."""
    normal: Tensor = normalize(pictures, dim=1) * (gamma.view(-1, 1, 1) * len(gamma) ** 0.5)
    return normal


def _mixed(pictures: Tensor, layer: nn.Linear) -> Tensor:
    """Apply a linear layer without bias to every pixel."""
    return conv2d(pictures, layer.weight[:, :, None, None])
