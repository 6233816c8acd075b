"""What VisualVoice sees: the motion of the lips, and a face whose looks tell of the voice.

    mouths -> 3-D convolution over 5 frames, batch norm, PReLU, max pool    (24 channels, 22x22)
           -> ShuffleNet V2 x1.0 on each frame, mean over space             (1024 per frame)
           -> 4 residual blocks of dilated convolutions over the frames     (512 per frame)
    face   -> ResNet-18, maximum over space, linear                         (128)

Ma et al., "ShuffleNet V2" (ECCV 2018); Martinez et al., "Lipreading using temporal convolutional
networks" (ICASSP 2020); He et al. (CVPR 2016). Clips and faces are encoded one by one, so that an
embedding does not depend on what else was in its batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.separators.lip_resnet18 import FrontEnd
from bench.separators.resnet18 import ResNet18Stages

__all__ = ["FaceEncoder", "LipEncoder"]

_WIDTH = 512
_STAGES = ((4, 116), (8, 232), (4, 464))  # units and channels


class LipEncoder(nn.Module):
    """Turn grey mouth crops into one vector of 512 per video frame."""

    def __init__(self) -> None:
        super().__init__()
        self.front_end = FrontEnd(nn.PReLU(24), channels=24)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.units = nn.Sequential()
        inputs = 24
        for units, channels in _STAGES:
            self.units.append(StridedUnit(inputs, channels // 2))
            self.units.extend(Unit(channels // 2) for _ in range(units - 1))
            inputs = channels
        self.last = nn.Sequential(*_pointwise(inputs, 1024))
        self.temporal = nn.Sequential(*(TemporalBlock(i) for i in range(4)))
        # Published with the network and counted with it, but not applied: separation needs no word.
        self.word_classifier = nn.Linear(_WIDTH, 500)

    def forward(self, clips: Tensor) -> Tensor:
        """Encode normalised clips `(batch, frames, 88, 88)` to `(batch, 512, frames)`."""
        return torch.stack([self._encode_clip(clip) for clip in clips])

    def _encode_clip(self, clip: Tensor) -> Tensor:
        features = self.last(self.units(self.pool(self.front_end(clip))))
        encoded: Tensor = self.temporal(features.mean((2, 3)).t()[None])  # (1, 512, frames)
        return encoded[0]


class Unit(nn.Module):
    """A ShuffleNet unit: half of the channels pass, half are filtered, then both are shuffled."""

    def __init__(self, half: int) -> None:
        super().__init__()
        self.filtered = _filtered(half, half, stride=1)

    def forward(self, features: Tensor) -> Tensor:
        passed, rest = features.chunk(2, 1)
        return _shuffled(passed, self.filtered(rest))


class StridedUnit(nn.Module):
    """A ShuffleNet unit that halves the size: both branches see all channels."""

    def __init__(self, inputs: int, half: int) -> None:
        super().__init__()
        self.shortcut = nn.Sequential(
            *_depthwise(inputs, stride=2), *_pointwise(inputs, half)
        )  # fmt: skip
        self.filtered = _filtered(inputs, half, stride=2)

    def forward(self, features: Tensor) -> Tensor:
        return _shuffled(self.shortcut(features), self.filtered(features))


def _filtered(inputs: int, half: int, *, stride: int) -> nn.Sequential:
    return nn.Sequential(
        *_pointwise(inputs, half), *_depthwise(half, stride=stride), *_pointwise(half, half)
    )


def _depthwise(channels: int, *, stride: int) -> list[nn.Module]:
    convolution = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
    return [convolution, nn.BatchNorm2d(channels)]


def _pointwise(inputs: int, outputs: int) -> list[nn.Module]:
    convolution = nn.Conv2d(inputs, outputs, 1, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


def _shuffled(first: Tensor, second: Tensor) -> Tensor:
    """Concatenate and interleave: channel k of branch g goes to 2k + g."""
    return torch.stack((first, second), 2).flatten(1, 2)


class TemporalBlock(nn.Module):
    """Two convolutions of three frames, 2^number apart, and a shortcut."""

    def __init__(self, number: int) -> None:
        super().__init__()
        inputs, dilation = (_WIDTH if number else 1024), 2**number

        def convolution(channels: int) -> list[nn.Module]:
            filters = nn.Conv1d(channels, _WIDTH, 3, padding=dilation, dilation=dilation)
            return [filters, nn.BatchNorm1d(_WIDTH), nn.PReLU(_WIDTH)]

        self.filtered = nn.Sequential(*convolution(inputs), *convolution(_WIDTH))
        self.shortcut = nn.Identity() if number else nn.Conv1d(inputs, _WIDTH, 1)
        self.act = nn.PReLU(_WIDTH)

    def forward(self, sequence: Tensor) -> Tensor:
        total: Tensor = self.act(self.filtered(sequence) + self.shortcut(sequence))
        return total


class FaceEncoder(nn.Module):
    """Turn colour faces into one identity vector each."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.norm = nn.BatchNorm2d(64)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stages = ResNet18Stages(lambda channels: nn.ReLU(inplace=True))
        self.projection = nn.Linear(512, size)

    def forward(self, faces: Tensor) -> Tensor:
        """Encode normalised faces `(batch, 3, 224, 224)` to `(batch, size)`."""
        return torch.cat([self._encode_face(face[None]) for face in faces])

    def _encode_face(self, face: Tensor) -> Tensor:
        entry = self.pool(self.norm(self.convolution(face)).relu())
        vector: Tensor = self.projection(self.stages(entry).amax((2, 3)))
        return vector
