"""Norms over channels and time together, exact and fast in any memory layout."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.linalg import vector_norm

__all__ = ["GlobalNorm", "global_norm"]


def global_norm(features: Tensor, gamma: Tensor, beta: Tensor, *, eps: float = 1e-8) -> Tensor:
    """Normalise each item by one mean and one (biased) variance over all its channels and times.

    The same function as a group norm of one group, whose kernel for the channels-last layout sums
    less exactly: in a deep network its error is more than twice as large.

    Args:
        features: `(batch, channels, ...)`.
        gamma: Scale of every channel.
        beta: Offset of every channel.
        eps: Added to the variance.
    """
    axes = tuple(range(1, features.ndim))
    mean = features.mean(axes, keepdim=True)
    # Per frame first: exact, and one pass without a copy where the channels are last in memory.
    power = vector_norm(features, dim=1, keepdim=True).square().mean(axes, keepdim=True)
    variance = (power / features.shape[1] - mean.square()).clamp_min_(0)
    trailing = (-1,) + (1,) * (features.ndim - 2)
    scale = gamma.view(trailing) * (variance + eps).rsqrt()  # (batch, channels, 1, ...)
    return torch.addcmul(beta.view(trailing) - mean * scale, features, scale)


class GlobalNorm(nn.Module):
    """Global layer norm (gLN), with its published names."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, features: Tensor) -> Tensor:
        return global_norm(features, self.gamma, self.beta)
