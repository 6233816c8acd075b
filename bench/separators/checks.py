"""What a separator's input must look like, said in one sentence when it does not."""

from __future__ import annotations

from torch import Tensor, float32

from bench.errors import UsageError

__all__ = ["check_mixture", "check_mouths", "check_references"]

# Normalised crops lie within about +-4; stored ones reach 255.
_LARGEST_NORMALISED = 32.0


def check_mixture(mixture: Tensor) -> None:
    """Accept float32 `(batch, samples)` with at least one item and one sample.

    Raises:
        UsageError: Anything else.
    """
    if mixture.ndim != 2 or 0 in mixture.shape:
        raise UsageError(
            f"the mixture has the shape {tuple(mixture.shape)}, but (batch, samples) with at least "
            "one item is expected; add the batch axis with mixture[None]."
        )
    if mixture.dtype != float32:
        raise UsageError(
            f"the mixture is {mixture.dtype}, but float32 in -1..1 is expected; "
            "convert it with mixture.float()."
        )


def check_mouths(mouths: Tensor, batch: int, height: int, width: int) -> None:
    """Accept normalised float32 `(batch, speakers, frames, height, width)`.

    Raises:
        UsageError: Another shape or type, or values that were not normalised.
    """
    shape = tuple(mouths.shape)
    expected = f"(batch, speakers, frames, {height}, {width})"
    if mouths.ndim != 5 or 0 in shape:
        raise UsageError(f"the mouths have the shape {shape}, but {expected} is expected.")
    if shape[0] != batch:
        raise UsageError(f"{shape[0]} items of mouths were given for {batch} mixtures.")
    if shape[3:] != (height, width):
        raise UsageError(
            f"the mouths are {shape[3]}x{shape[4]}, but this system expects {height}x{width}; "
            "separator.prepare_mouths(crops) does it."
        )
    if mouths.dtype != float32:
        raise UsageError(
            f"the mouths are {mouths.dtype}, but normalised float32 is expected; "
            "separator.prepare_mouths(crops) makes it from uint8 crops."
        )
    largest = float(mouths.abs().max())
    if largest > _LARGEST_NORMALISED:
        raise UsageError(
            f"the mouths reach {largest:.0f}, so they look like 0..255 where normalised values are "
            "expected; separator.prepare_mouths(crops) does it."
        )


def check_references(references: Tensor, mixture: Tensor) -> None:
    """Accept `(batch, speakers, samples)` that fits the mixture.

    Raises:
        UsageError: Any other shape.
    """
    if references.ndim != 3 or references.shape[::2] != mixture.shape:
        raise UsageError(
            f"references of the shape {tuple(references.shape)} do not fit mixtures of the shape "
            f"{tuple(mixture.shape)}: (batch, speakers, samples) is expected."
        )
