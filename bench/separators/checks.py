"""What a separator's input must look like, said in one sentence when it does not."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, float32

from bench.errors import UsageError

__all__ = ["check_faces", "check_mixture", "check_mouths", "check_references"]

# Normalised crops and faces lie within about +-4; stored ones reach 255.
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
            f"the mixture is of type {mixture.dtype}, but a torch tensor of float32 in -1..1 is "
            "expected; convert floats with mixture.float(), 16-bit integers with mixture / 32768."
        )


def check_mouths(mouths: Tensor, batch: int, sizes: Sequence[tuple[int, int]]) -> None:
    """Accept normalised float32 `(batch, speakers, frames, height, width)`.

    Args:
        mouths: What was given.
        batch: How many items are expected.
        sizes: Pairs of height and width that are accepted.

    Raises:
        UsageError: Another shape or type, or values that were not normalised.
    """
    shape = tuple(mouths.shape)
    wanted = " or ".join(f"{height}x{width}" for height, width in dict.fromkeys(sizes))
    expected = f"(batch, speakers, frames, height, width) with {wanted} pixels"
    if mouths.ndim != 5 or 0 in shape:
        raise UsageError(f"the mouths have the shape {shape}, but {expected} is expected.")
    if shape[0] != batch:
        raise UsageError(f"{shape[0]} items of mouths were given for {batch} mixtures.")
    if shape[3:] not in sizes:
        raise UsageError(
            f"the mouths are {shape[3]}x{shape[4]}, but this system expects {wanted}; "
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


def check_faces(faces: Tensor | None, batch: int, size: int) -> None:
    """Accept normalised float32 `(batch, speakers, 3, size, size)`.

    Raises:
        UsageError: None at all, another shape or type, or values that were not normalised.
    """
    expected = f"(batch, speakers, 3, {size}, {size})"
    if faces is None:
        raise UsageError(
            f"this system needs faces={expected}, one colour face of each speaker; "
            "separator.prepare_faces(images) makes them, and a data set without faces cannot do."
        )
    shape = tuple(faces.shape)
    if faces.ndim != 5 or 0 in shape or shape[2:] != (3, size, size):
        raise UsageError(
            f"the faces have the shape {shape}, but {expected} is expected; "
            "separator.prepare_faces(images) does it."
        )
    if shape[0] != batch:
        raise UsageError(f"{shape[0]} items of faces were given for {batch} mixtures.")
    if faces.dtype != float32:
        raise UsageError(
            f"the faces are {faces.dtype}, but normalised float32 is expected; "
            "separator.prepare_faces(images) makes it from uint8 images."
        )
    largest = float(faces.abs().max())
    if largest > _LARGEST_NORMALISED:
        raise UsageError(
            f"the faces reach {largest:.0f}, so they look like 0..255 where normalised values are "
            "expected; separator.prepare_faces(images) does it."
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
