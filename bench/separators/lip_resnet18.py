"""The lip encoder of CTCNet, IIANet, RTFS-Net and Swift-Net: a 3-D front end and a ResNet-18.

Martinez et al., "Lipreading using temporal convolutional networks" (ICASSP 2020), cut before the
word classifier; CTCNet published these weights and the others took them over.

    mouths -> 3-D convolution over 5 frames, batch norm, PReLU, max pool    (front end, frames kept)
           -> ResNet-18 on each frame, PReLU for ReLU -> mean over space    (one vector per frame)

Attributes carry the published names, so that a weight file needs no renames. Activations run in
the channels-last layout and each clip by itself: both are faster on a CPU, and an embedding does
not depend on what else was in its batch.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

from bench.separators.resnet18 import ResNet18Stages

__all__ = ["FrontEnd", "LipResNet18"]


class LipResNet18(nn.Module):
    """Turn grey mouth crops into one vector of 512 per video frame."""

    def __init__(self) -> None:
        super().__init__()
        self.frontend3D = FrontEnd(nn.PReLU(64))
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.trunk = ResNet18Stages(nn.PReLU)

    def forward(self, mouths: Tensor) -> Tensor:
        """Encode clips.

        Args:
            mouths: Normalised float `(batch, frames, height, width)` or `(batch, 1, frames, height,
                width)`, published with 88x88; any size works.

        Returns:
            `(batch, 512, frames)`.
        """
        if mouths.ndim == 5:
            mouths = mouths.squeeze(1)
        return torch.stack([self._encode_clip(clip) for clip in mouths])

    def _encode_clip(self, clip: Tensor) -> Tensor:
        features: Tensor = self.trunk(self.pool(self.frontend3D(clip)))
        return features.mean((2, 3)).t()  # (512, frames)


class FrontEnd(nn.Sequential):
    """The 3-D convolution, run as a 2-D one whose channels are five neighbouring frames.

    Args:
        activation: After the batch norm.
        channels: Of the result.
        eps: Of the batch norm.
    """

    def __init__(self, activation: nn.Module, *, channels: int = 64, eps: float = 1e-5) -> None:
        super().__init__(
            nn.Conv3d(1, channels, (5, 7, 7), stride=(1, 2, 2), padding=(2, 3, 3), bias=False),
            nn.BatchNorm3d(channels, eps=eps),
            activation,
        )

    def forward(self, clip: Tensor) -> Tensor:
        """Filter `(frames, height, width)` to `(frames, channels, height / 2, width / 2)`."""
        layers = cast(tuple[nn.Conv3d, nn.BatchNorm3d, nn.Module], tuple(self))
        weight, bias = _without_norm(*layers[:2])
        neighbours = pad(clip, (0, 0, 0, 0, 2, 2)).unfold(0, 5, 1)  # (frames, height, width, 5)
        stacked = neighbours.contiguous().permute(0, 3, 1, 2)  # channels last in memory
        filtered: Tensor = layers[2](conv2d(stacked, weight, bias, stride=2, padding=3))
        return filtered


def _without_norm(convolution: nn.Conv3d, norm: nn.BatchNorm3d) -> tuple[Tensor, Tensor]:
    """Fold a batch norm into the convolution before it: `(out, 5, 7, 7)` and a bias."""
    mean, variance = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    scale = norm.weight / (variance + norm.eps).sqrt()
    weight = convolution.weight.squeeze(1) * scale.view(-1, 1, 1, 1)
    return weight, norm.bias - mean * scale
