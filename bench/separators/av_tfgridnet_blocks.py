"""The block of AV-TFGridNet: an LSTM along frequency, one along time, attention over frames.

Maps are `(frames, bins, channels)`. The block widens its input by `taps - 1` zeros on both sides of
both axes and cuts them off before the attention. Zero frames are all alike and independent of the
bins' LSTM, so the LSTM along frequency runs on one of them; what would be cut off after the LSTM
along time is not computed.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm, pad, prelu, scaled_dot_product_attention

from bench.separators.pointwise import linear

__all__ = ["GridBlock"]


class GridBlock(nn.Module):
    """One round over both axes of the spectrogram.

    Args:
        channels: Of the map.
        taps: Neighbouring positions that an LSTM sees at each step.
        hidden: Units of each direction of an LSTM.
        heads: Of the attention.
        key_channels: Per head and bin, of queries and keys.
    """

    def __init__(
        self, channels: int, *, taps: int, hidden: int, heads: int, key_channels: int
    ) -> None:
        super().__init__()
        self.margin = taps - 1
        self.along_frequency = _Recurrence(channels, taps, hidden)
        self.along_time = _Recurrence(channels, taps, hidden)
        self.attention = _FrameAttention(channels, heads, key_channels)

    def forward(self, features: Tensor) -> Tensor:
        margin, bins = self.margin, features.shape[1]
        widened = pad(features, (0, 0, margin, margin, 0, 1))  # one frame of zeros, at the end
        widened = self.along_frequency(widened.transpose(0, 1)).transpose(0, 1)
        kept = widened[:, margin : margin + bins]
        silence = kept[-1:].expand(margin, -1, -1)
        kept = self.along_time(torch.cat([silence, kept[:-1], silence]))
        result: Tensor = self.attention(kept[margin : margin + len(features)])
        return result


class _Recurrence(nn.Module):
    """A bidirectional LSTM over windows of neighbouring positions, with a shortcut."""

    def __init__(self, channels: int, taps: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.lstm = nn.LSTM(channels * taps, hidden, bidirectional=True)
        self.spread = nn.ConvTranspose1d(2 * hidden, channels, taps)

    def forward(self, sequences: Tensor) -> Tensor:
        """Run along the first axis of `(positions, sequences, channels)`."""
        taps = self.spread.kernel_size[0]
        windows = self.norm(sequences).unfold(0, taps, 1)  # (steps, sequences, channels, taps)
        states, _ = self.lstm(windows.flatten(2))
        return self._spread(states).add_(sequences)

    def _spread(self, states: Tensor) -> Tensor:
        """Apply the transposed convolution as one product and a sum of shifted parts."""
        taps, channels = self.spread.kernel_size[0], self.spread.out_channels
        steps, sequences, _ = states.shape
        weight = self.spread.weight.permute(2, 1, 0).flatten(0, 1)  # (taps * channels, states)
        parts = linear(states, weight).view(steps, sequences, taps, channels)
        total = cast(Tensor, self.spread.bias).expand(steps + taps - 1, sequences, -1).contiguous()
        for tap in range(taps):
            total[tap : tap + steps] += parts[:, :, tap]
        return total


class _FrameAttention(nn.Module):
    """Attention between frames, each described by all its bins and channels; with a shortcut."""

    def __init__(self, channels: int, heads: int, key_channels: int) -> None:
        super().__init__()
        self.query = _Projection(channels, (heads, key_channels))
        self.key = _Projection(channels, (heads, key_channels))
        self.value = _Projection(channels, (heads, channels // heads))
        self.output = _Projection(channels, (channels,))

    def forward(self, features: Tensor) -> Tensor:
        query, key, value = (
            projection(features).permute(2, 0, 1, 3).flatten(2)  # (heads, frames, bins * channels)
            for projection in (self.query, self.key, self.value)
        )
        seen = scaled_dot_product_attention(query[None], key[None], value[None])[0]
        seen = seen.view(*seen.shape[:2], features.shape[1], -1)  # (heads, frames, bins, channels)
        result: Tensor = features + self.output(seen.permute(1, 2, 0, 3).flatten(2)).flatten(2)
        return result


class _Projection(nn.Module):
    """A 1x1 convolution, a PReLU and a norm over the channels of every head.

    Args:
        inputs: Channels that enter.
        outputs: `(heads, channels)`, or `(channels,)` where there is one head only.
    """

    def __init__(self, inputs: int, outputs: tuple[int, ...]) -> None:
        super().__init__()
        *heads, self.channels = outputs
        self.heads = heads[0] if heads else 1
        self.conv = nn.Conv2d(inputs, self.heads * self.channels, 1)
        self.act = nn.PReLU(self.heads)
        self.gamma = nn.Parameter(torch.ones(1, *outputs, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, *outputs, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Project `(frames, bins, inputs)` to `(frames, bins, heads, channels)`."""
        shape = self.heads, self.channels
        projected = linear(features, self.conv.weight.flatten(1), self.conv.bias)
        activated = prelu(projected.reshape(-1, *shape), self.act.weight)
        normal = layer_norm(activated, shape[1:])
        scaled = torch.addcmul(self.beta.view(shape), normal, self.gamma.view(shape))
        return scaled.view(*features.shape[:2], *shape)
