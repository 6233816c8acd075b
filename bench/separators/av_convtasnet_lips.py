"""The lip encoder of AV-ConvTasNet: a 3-D front end, a ResNet-18, and one vector per frame.

    mouths -> 3-D convolution over 5 frames, batch norm, PReLU, max pool
           -> ResNet-18 on each frame -> mean over space -> linear layer, batch norm

Clips run one by one in the channels-last layout, as in `lip_resnet18`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.separators.lip_resnet18 import FrontEnd
from bench.separators.resnet18 import ResNet18Stages

__all__ = ["LipEncoder"]


class LipEncoder(nn.Module):
    """Turn grey mouth crops into one vector per video frame.

    Args:
        channels: Of the vector.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.front_end = FrontEnd(nn.PReLU())
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.trunk = ResNet18Stages(lambda _: nn.ReLU(), biased=True)
        self.projection = nn.Linear(512, channels)
        self.norm = nn.BatchNorm1d(channels)

    def forward(self, mouths: Tensor) -> Tensor:
        """Encode clips.

        Args:
            mouths: Normalised float `(batch, frames, height, width)` of any size.

        Returns:
            `(batch, channels, frames)`.
        """
        return torch.stack([self._encode_clip(clip) for clip in mouths])

    def _encode_clip(self, clip: Tensor) -> Tensor:
        features: Tensor = self.trunk(self.pool(self.front_end(clip)))
        vectors: Tensor = self.norm(self.projection(features.mean((2, 3))))
        return vectors.t()  # (channels, frames)
