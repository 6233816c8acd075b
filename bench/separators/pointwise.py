"""A 1x1 convolution at the rate that a CPU can reach, for every separator.

Features are `(batch, channels, height, width)` in the channels-last layout. With one thread and a
small batch PyTorch gives a 1x1 convolution to a plain matrix product, which on processors other
than Intel's runs at half the rate of its convolution kernels. A dilated convolution always gets
those kernels, and a dilation does not change what a kernel of one point computes.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import conv2d

__all__ = ["linear", "pointwise"]

_CPU_DILATION = 2 if torch.backends.mkldnn.is_available() else 1  # type: ignore[no-untyped-call]


def pointwise(features: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Convolve with a kernel of one point.

    Args:
        features: `(batch, channels, height, width)`, channels last in memory.
        weight: `(outputs, channels)`, or with any trailing axes of length one.
        bias: `(outputs,)`.

    Returns:
        `(batch, outputs, height, width)`, channels last in memory.
    """
    dilation = _CPU_DILATION if features.is_cpu else 1
    return conv2d(features, weight.reshape(*weight.shape[:2], 1, 1), bias, dilation=dilation)


def linear(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Apply a linear layer to the last axis: `torch.nn.functional.linear` for over 100 rows.

    Args:
        rows: `(..., channels)`, contiguous.
        weight: `(outputs, channels)`.
        bias: `(outputs,)`.

    Returns:
        `(..., outputs)`, contiguous.
    """
    image = rows.reshape(1, 1, -1, rows.shape[-1]).permute(0, 3, 1, 2)  # (1, channels, 1, rows)
    return pointwise(image, weight, bias).permute(0, 2, 3, 1).reshape(*rows.shape[:-1], -1)
