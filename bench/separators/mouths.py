"""From stored mouth crops or face tracks to a network's input, by the steps that a card names."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from bench.errors import UsageError
from bench.separators.card import MouthInput

__all__ = ["grey", "prepare_mouths"]

_STORED = {
    "mouth": "uint8 (..., frames, 96, 96), a grey mouth crop,",
    "face_track": "uint8 (..., frames, 224, 224, 3), a whole face in colour,",
}


def prepare_mouths(crops: NDArray[np.uint8], steps: MouthInput) -> Tensor:
    """Turn to grey, crop or resize, scale and normalise; float64, rounded to float32 at the end.

    Args:
        crops: uint8 `(..., frames, height, width)`, grey; where the card's stream is "face_track",
            `(..., frames, height, width, 3)` in colour as well.
        steps: What the card says.

    Returns:
        float32 `(..., frames, height, width)` as in `steps.shape`.

    Raises:
        UsageError: Not uint8, too few axes, colour where mouth crops are expected, or frames too
            small for a centre crop.
    """
    crops = np.asarray(crops)
    colour = crops.ndim >= 4 and crops.shape[-1] == 3
    if crops.dtype != np.uint8 or crops.ndim < 3 or (colour and steps.stream == "mouth"):
        raise UsageError(
            f"crops of type {crops.dtype} and shape {crops.shape} were given, but "
            f"{_STORED[steps.stream]} is expected."
        )
    cut = _cut(grey(crops) if colour else crops, steps)
    frames = torch.from_numpy(cut.astype(np.float64))
    if steps.crop == "resize":
        frames = _resized(frames, steps.size)
    return ((frames / steps.divide_by - steps.mean) / steps.std).float()


def grey(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn colour into grey: 0.299 red + 0.587 green + 0.114 blue, as OpenCV weighs them.

    The sum is taken in integers and rounded to the nearest, halves up.

    Args:
        images: uint8 `(..., 3)`: red, green, blue.

    Returns:
        uint8 `(...)`.
    """
    thousandths = np.array([299, 587, 114], np.uint32)
    return ((images @ thousandths + 500) // 1000).astype(np.uint8)


def _cut(crops: NDArray[np.uint8], steps: MouthInput) -> NDArray[np.uint8]:
    """Apply the steps that only select pixels."""
    if steps.crop == "centre":
        height, width = crops.shape[-2:]
        top, left = (height - steps.size) // 2, (width - steps.size) // 2
        if top < 0 or left < 0:
            raise UsageError(
                f"frames of {height}x{width} are too small for a centre crop of "
                f"{steps.size}x{steps.size}; {_STORED[steps.stream]} is expected."
            )
        crops = crops[..., top : top + steps.size, left : left + steps.size]
    return crops if steps.rows is None else crops[..., : steps.rows, :]


def _resized(frames: Tensor, size: int) -> Tensor:
    shape = frames.shape
    flat = frames.reshape(-1, 1, *shape[-2:])
    scaled = interpolate(flat, size=(size, size), mode="bilinear", align_corners=False)
    return scaled.reshape(*shape[:-2], size, size)
