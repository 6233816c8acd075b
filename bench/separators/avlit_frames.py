"""The frame encoder of AVLIT: half of an auto-encoder that sees one frame at a time."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import leaky_relu_

__all__ = ["FrameEncoder"]

_WIDTHS = (1, 8, 16, 32)


class FrameEncoder(nn.Module):
    """Turn grey frames into vectors: three times half the height and width.

    The auto-encoder's `decoder` has weights in every published file and is never used.
    """

    def __init__(self) -> None:
        super().__init__()
        pairs = list(pairwise(_WIDTHS))
        self.encoder = nn.ModuleList(
            _Layer(nn.Conv2d(inputs, outputs, 2, stride=2), outputs) for inputs, outputs in pairs
        )
        self.decoder = nn.ModuleList(
            _Layer(nn.ConvTranspose2d(outputs, inputs, 2, stride=2), inputs)
            for inputs, outputs in reversed(pairs)
        )

    def forward(self, frames: Tensor) -> Tensor:
        """Encode frames `(frames, height, width)` to `(frames, 32 * height / 8 * width / 8)`."""
        features = frames[:, None]
        for layer in self.encoder:
            features = leaky_relu_(layer(features), 0.3)
        return features.flatten(1)


class _Layer(nn.Module):
    """A convolution, and a norm of each channel of each frame by itself."""

    def __init__(self, convolution: nn.Module, channels: int) -> None:
        super().__init__()
        self.conv = convolution
        self.norm = nn.InstanceNorm2d(channels, affine=True)

    def forward(self, features: Tensor) -> Tensor:
        normalised: Tensor = self.norm(self.conv(features))
        return normalised
