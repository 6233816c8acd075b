"""Where the video enters RTFS-Net: cross-dimensional attention fusion (the paper's CAF block).

Two views of the audio map, each weighed at every frame by the video features of that time:

    fused = ReLU(norm(key * audio)) * gate(video) + norm(value * audio) * attention(video)

`key` and `value` are a number per channel, their norms are batch norms (layer norms in the paper's
text). The attention is a softmax over all video frames.
"""

from __future__ import annotations

from typing import Protocol, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

__all__ = ["Fusion", "MapFusion", "as_map"]


class MapFusion(Protocol):
    """A module that changes an audio map by what the video shows."""

    def weights(self, seen: Tensor, frames: int) -> tuple[Tensor, ...]:
        """Turn video features into maps of one frequency and the given number of frames."""

    def __call__(self, heard: Tensor, *weights: Tensor) -> Tensor:
        """Change a map by them, every point by itself."""


class Fusion(nn.Module):
    """Fuse the audio map with the features of one mouth.

    Args:
        audio: Channels of the map.
        video: Channels of the video features, which fall into one group per audio channel.
        heads: Attention weights per channel, of which the mean is taken.
    """

    def __init__(self, audio: int, video: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.key = _ChannelView(audio)
        self.value = _ChannelView(audio)
        self.gate = nn.Conv1d(video, audio, 1, groups=audio)
        self.gate_norm = nn.GroupNorm(1, audio)
        self.attention = nn.Conv1d(video, audio * heads, 1, groups=audio)
        self.attention_norm = nn.GroupNorm(1, audio * heads)

    def weights(self, seen: Tensor, frames: int) -> tuple[Tensor, Tensor]:
        """Weigh the audio frames.

        Args:
            seen: Video features, `(batch, video channels, video frames)`.
            frames: Of the audio map.

        Returns:
            Gate and attention, both `(batch, audio channels, frames, 1)`.
        """
        gate: Tensor = self.gate_norm(self.gate(seen))
        scores = self.attention_norm(self.attention(seen))
        scores = scores.view(len(seen), -1, self.heads, seen.shape[-1]).mean(2)
        return as_map(gate, frames), as_map(scores.softmax(-1), frames)

    def forward(self, heard: Tensor, gate: Tensor, attention: Tensor) -> Tensor:
        """Weigh and add both views of a map, every point by itself."""
        fused = cast(Tensor, self.key(heard)).relu_().mul_(gate)
        return fused.addcmul_(self.value(heard), attention)


class _ChannelView(nn.Module):
    """A depthwise 1x1 convolution and its batch norm: a scale and a shift of each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels, 1, 1, 1))
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, features: Tensor) -> Tensor:
        """Return a map of the same shape."""
        norm = self.norm
        mean, variance = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
        scale = norm.weight / (variance + norm.eps).sqrt()
        shift = norm.bias - mean * scale
        scale = scale[:, None, None] * self.weight.squeeze(1)
        return torch.addcmul(shift[:, None, None], features, scale)


def as_map(weights: Tensor, frames: int) -> Tensor:
    """Stretch `(batch, channels, video frames)` to `(batch, channels, frames, 1)`."""
    stretched = interpolate(weights, frames)[..., None]
    return stretched.contiguous(memory_format=torch.channels_last)
