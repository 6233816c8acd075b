"""From stored face images to a network's input, by the steps that a card names."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bench.errors import UsageError
from bench.separators.card import FaceInput

__all__ = ["prepare_faces"]


def prepare_faces(images: NDArray[np.uint8], steps: FaceInput) -> Tensor:
    """Scale and normalise; in float64, rounded to float32 once at the end.

    Args:
        images: uint8 `(..., 224, 224, 3)`, red, green, blue.
        steps: What the card says.

    Returns:
        float32 `(..., 3, 224, 224)`.

    Raises:
        UsageError: Another type or shape.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.shape[-3:] != (steps.size, steps.size, 3):
        raise UsageError(
            f"faces of type {images.dtype} and shape {images.shape} were given, but uint8 "
            f"(..., {steps.size}, {steps.size}, 3) is expected; resize them first."
        )
    pixels = torch.from_numpy(images).double() / steps.divide_by
    mean, std = pixels.new_tensor(steps.mean), pixels.new_tensor(steps.std)
    return ((pixels - mean) / std).movedim(-1, -3).float().contiguous()
