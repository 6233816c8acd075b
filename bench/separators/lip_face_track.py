"""The lip encoder of AV-MossFormer2 and AV-TFGridNet: 112x112 pixels of a grey face, 25 per second.

Pre-trained on lip reading up to the mean over space, then trained with each system
(ClearerVoice-Studio, arXiv 2506.19398). Per video frame one vector of 256:

    faces -> 3-D convolution over 5 frames, batch norm, ReLU, max pool
          -> ResNet-18 on each frame -> mean over space -> 1x1 convolution
          -> 5 depthwise separable convolutions over time, each with a shortcut

The residual stages differ from the usual ones: the second shortcut starts before the activation
of the first sum. Clips run one by one in the channels-last layout, as in `lip_resnet18`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from bench.separators.lip_resnet18 import FrontEnd

__all__ = ["FaceTrackLipEncoder"]

_WIDTHS = (64, 128, 256, 512)
_TRUNK_EPS = 1e-3  # of the batch norms up to the mean over space


class FaceTrackLipEncoder(nn.Module):
    """Turn grey face tracks into one vector of 256 per video frame."""

    def __init__(self, channels: int = 256) -> None:
        super().__init__()
        self.front_end = FrontEnd(nn.ReLU(), eps=_TRUNK_EPS)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.trunk = nn.Sequential(
            _Stage(64, 64, stride=1),
            *(_Stage(width // 2, width, stride=2) for width in _WIDTHS[1:]),
        )
        self.projection = nn.Conv1d(_WIDTHS[-1], channels, 1, bias=False)
        self.over_time = nn.Sequential(*(_TemporalBlock(channels) for _ in range(5)))

    def forward(self, faces: Tensor) -> Tensor:
        """Encode clips.

        Args:
            faces: Normalised float `(batch, frames, 112, 112)`.

        Returns:
            `(batch, channels, frames)`.
        """
        seen = torch.stack([self._encode_frames(clip) for clip in faces])
        encoded: Tensor = self.over_time(self.projection(seen))
        return encoded

    def _encode_frames(self, clip: Tensor) -> Tensor:
        features: Tensor = self.trunk(self.pool(self.front_end(clip)))
        return features.mean((2, 3)).t()  # (512, frames)


class _Stage(nn.Module):
    """Four 3x3 convolutions and two shortcuts."""

    def __init__(self, inputs: int, width: int, *, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.conv1a = nn.Conv2d(inputs, width, 3, stride=stride, padding=1, bias=False)
        self.conv2a = nn.Conv2d(width, width, 3, padding=1, bias=False)
        # Published, counted and unused where the stride is one.
        self.downsample = nn.Conv2d(inputs, width, 1, stride=stride, bias=False)
        self.conv1b = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.conv2b = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn1a, self.outbna, self.bn1b, self.outbnb = (
            nn.BatchNorm2d(width, eps=_TRUNK_EPS) for _ in range(4)
        )

    def forward(self, features: Tensor) -> Tensor:
        shortcut = features if self.stride == 1 else self.downsample(features)
        first = self.conv2a(relu(self.bn1a(self.conv1a(features)))) + shortcut
        activated = relu(self.outbna(first))
        second = self.conv2b(relu(self.bn1b(self.conv1b(activated)))) + first
        return relu(self.outbnb(second))


class _TemporalBlock(nn.Module):
    """A depthwise separable convolution over three frames, and a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        wide = 2 * channels
        self.residual = nn.Sequential(
            nn.ReLU(),
            nn.BatchNorm1d(channels),
            nn.Conv1d(channels, wide, 1, bias=False),
            nn.ReLU(),
            nn.BatchNorm1d(wide),
            nn.Conv1d(wide, wide, 3, padding=1, groups=wide),
            nn.PReLU(),
            nn.BatchNorm1d(wide),
            nn.Conv1d(wide, channels, 1, bias=False),
        )

    def forward(self, features: Tensor) -> Tensor:
        total: Tensor = features + self.residual(features)
        return total
