"""The blocks of CaffNet and of its complex extension CaffNet-C.

Real features are `(batch, channels, time)`. Complex features are `(2, channels, time)`: the real
and the imaginary part of one item lie where a batch would, so that a real convolution filters both
at once.

Sources: residual blocks after Afouras, Chung and Zisserman, "The Conversation" (Interspeech 2018);
non-local blocks after Wang et al., "Non-local neural networks" (CVPR 2018), embedded Gaussian.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

__all__ = ["ComplexConvolution", "ComplexResidualBlock", "NonLocalBlock", "ResidualBlock"]

_KERNEL = 5


class ResidualBlock(nn.Module):
    """Batch norm, ReLU, depthwise and 1x1 convolution in time; added to the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels)
        self.depthwise = nn.Conv1d(
            channels, channels, _KERNEL, padding=_KERNEL // 2, groups=channels, bias=False
        )
        self.pointwise = nn.Conv1d(channels, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        filtered: Tensor = self.pointwise(self.depthwise(self.norm(features).relu()))
        return features + filtered


class ComplexConvolution(nn.Module):
    """A complex convolution, made of two real ones and a bias for each part."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, *, groups: int = 1, biased: bool = True
    ) -> None:
        super().__init__()

        def convolution() -> nn.Conv1d:
            return nn.Conv1d(
                inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False
            )

        self.real, self.imaginary = convolution(), convolution()
        self.bias = nn.Parameter(torch.zeros(2, outputs)) if biased else None

    def forward(self, parts: Tensor) -> Tensor:
        by_real, by_imaginary = self.real(parts), self.imaginary(parts)
        filtered = torch.stack(
            (by_real[0] - by_imaginary[1], by_real[1] + by_imaginary[0])
        )  # (2, outputs, time)
        return filtered if self.bias is None else filtered + self.bias[..., None]


class ComplexResidualBlock(nn.Module):
    """The residual block on complex features: norm and ReLU on each part, complex convolutions."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm_real, self.norm_imaginary = nn.BatchNorm1d(channels), nn.BatchNorm1d(channels)
        self.depthwise = ComplexConvolution(
            channels, channels, _KERNEL, groups=channels, biased=False
        )
        self.pointwise = ComplexConvolution(channels, channels)

    def forward(self, parts: Tensor) -> Tensor:
        normed = torch.cat((self.norm_real(parts[:1]), self.norm_imaginary(parts[1:])))
        filtered: Tensor = self.pointwise(self.depthwise(normed.relu()))
        return parts + filtered


class NonLocalBlock(nn.Module):
    """Let every frame attend to all frames; batch norm; added to the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.query, self.key, self.value = (nn.Conv1d(channels, half, 1) for _ in range(3))
        self.restore = nn.Conv1d(half, channels, 1)
        self.norm = nn.BatchNorm1d(channels)

    def forward(self, features: Tensor) -> Tensor:
        queries, keys, values = (
            project(features).transpose(1, 2) for project in (self.query, self.key, self.value)
        )  # (batch, time, channels / 2) each
        attended = scaled_dot_product_attention(queries, keys, values).transpose(1, 2)
        restored: Tensor = self.norm(self.restore(attended))
        return features + restored
