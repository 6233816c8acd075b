"""From stored mouth crops to a network's input, by the steps that a card names."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from bench.errors import UsageError
from bench.separators.card import MouthInput

__all__ = ["prepare_mouths"]


def prepare_mouths(crops: NDArray[np.uint8], steps: MouthInput) -> Tensor:
    """Crop or resize, scale and normalise; in float64, rounded to float32 once at the end.

    Args:
        crops: uint8 `(..., frames, height, width)`, grey.
        steps: What the card says.

    Returns:
        float32 `(..., frames, height, width)` as in `steps.shape`.

    Raises:
        UsageError: Not uint8, fewer than three axes, or frames too small for a centre crop.
    """
    crops = np.asarray(crops)
    if crops.dtype != np.uint8 or crops.ndim < 3:
        raise UsageError(
            f"mouth crops of type {crops.dtype} and shape {crops.shape} were given, but uint8 "
            "(..., frames, height, width) is expected."
        )
    frames = torch.from_numpy(_cut(crops, steps)).double()
    if steps.crop == "resize":
        frames = _resized(frames, steps.size)
    return ((frames / steps.divide_by - steps.mean) / steps.std).float()


def _cut(crops: NDArray[np.uint8], steps: MouthInput) -> NDArray[np.uint8]:
    """Apply the steps that only select pixels."""
    if steps.crop == "centre":
        height, width = crops.shape[-2:]
        top, left = (height - steps.size) // 2, (width - steps.size) // 2
        if top < 0 or left < 0:
            raise UsageError(
                f"mouth crops of {height}x{width} are too small for a centre crop of "
                f"{steps.size}x{steps.size}; 96x96 is the stored size."
            )
        crops = crops[..., top : top + steps.size, left : left + steps.size]
    return crops if steps.rows is None else crops[..., : steps.rows, :]


def _resized(frames: Tensor, size: int) -> Tensor:
    shape = frames.shape
    flat = frames.reshape(-1, 1, *shape[-2:])
    scaled = interpolate(flat, size=(size, size), mode="bilinear", align_corners=False)
    return scaled.reshape(*shape[:-2], size, size)
