"""The four stages of ResNet-18, which lip and face encoders share.

He et al., "Deep residual learning for image recognition" (CVPR 2016). What comes before the stages
and after them, and the activation inside them, differs from encoder to encoder. Attributes carry
the names of torchvision.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

__all__ = ["ResNet18Stages"]

_WIDTHS = (64, 128, 256, 512)


class ResNet18Stages(nn.Sequential):
    """Turn maps `(batch, 64, height, width)` into `(batch, 512, height / 8, width / 8)`.

    Args:
        activation: Makes the activation for a number of channels (`torch.nn.PReLU`).
        biased: Whether the 3x3 convolutions have biases.
    """

    def __init__(self, activation: Callable[[int], nn.Module], *, biased: bool = False) -> None:
        super().__init__()
        for number, (inputs, width) in enumerate(zip((64, *_WIDTHS), _WIDTHS, strict=False), 1):
            first = _BasicBlock(inputs, width, 1 if number == 1 else 2, activation, biased)
            blocks = first, _BasicBlock(width, width, 1, activation, biased)
            self.add_module(f"layer{number}", nn.Sequential(*blocks))


class _BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut."""

    def __init__(
        self,
        inputs: int,
        width: int,
        stride: int,
        activation: Callable[[int], nn.Module],
        biased: bool,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride=stride, padding=1, bias=biased)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = activation(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=biased)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = activation(width)
        self.downsample = nn.Sequential()
        if stride != 1:
            self.downsample.append(nn.Conv2d(inputs, width, 1, stride=stride, bias=False))
            self.downsample.append(nn.BatchNorm2d(width))

    def forward(self, features: Tensor) -> Tensor:
        residual = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(features)))))
        total: Tensor = self.relu2(residual + self.downsample(features))
        return total
