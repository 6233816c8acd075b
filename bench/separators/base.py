"""The interface that every separator shares: mixture and mouths in, one waveform per mouth out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from bench.errors import UsageError
from bench.separators.card import Card, FaceInput, MouthInput
from bench.separators.checks import check_faces, check_mixture, check_mouths, check_references
from bench.separators.faces import prepare_faces
from bench.separators.mouths import prepare_mouths

__all__ = ["Identity", "Separator"]


@dataclass(frozen=True)
class Identity:
    """Which network with which weights: what a run is identified by.

    Attributes:
        separator: Id of the system.
        weights: "none" (baselines), "checkpoint" or "random".
        settings: Hyper-parameters that differ from the published ones.
        files: SHA-256 of every file that was loaded, by role.
        mouth_input: Name of the way the crops are fed.
        seed: Of random weights; None otherwise.
    """

    separator: str
    weights: str = "none"
    settings: Mapping[str, bool | int | float | str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    mouth_input: str = "default"
    seed: int | None = None


class Separator(nn.Module):
    """Base of all separators; a system implements `_encode` and `_separate`.

    The parameters lie in submodules called `network`, `lip_encoder` and `face_encoder` (those that
    the system has), which the card's weight files name as their `part`.

    Attributes:
        sample_rate: In hertz.
        uses_references: Whether the separator is an oracle, the only kind that sees references.
        card: What is known of the system; set by the registry.
        identity: Which network with which weights; set by the registry.
        mouth_input: How the crops are fed; None = mouths are not looked at.
        mouth_sizes: Heights and widths of mouths that the network takes: those of every way to feed
            the crops on its card; set by the registry, that of `mouth_input` alone if empty.
        face_input: How the faces are fed; None = faces are not looked at.
        notes: Sentences that must appear wherever the system does: the card's, and what was left
            out of the files that were loaded.
        halves_batch: Whether each voice depends on the mixture and its own mouth alone: where
            memory is short, the two voices of a mixture are then separated one after the other.
        fewest_samples: Length of the shortest mixture that the network takes.
    """

    sample_rate = 16000
    uses_references = False
    card: Card
    identity: Identity
    mouth_input: MouthInput | None = None
    mouth_sizes: tuple[tuple[int, int], ...] = ()
    face_input: FaceInput | None = None
    notes: tuple[str, ...] = ()
    halves_batch = True
    fewest_samples = 1

    def forward(
        self,
        mixture: Tensor,
        mouths: Tensor | None = None,
        *,
        faces: Tensor | None = None,
        embeddings: Any = None,
        references: Tensor | None = None,
    ) -> Tensor:
        """Separate the voice of each given mouth.

        Args:
            mixture: float32 `(batch, samples)` at 16 kHz, full scale 1.
            mouths: Normalised float32 `(batch, speakers, frames, height, width)`, sized as on the
                card (`prepare_mouths` does it); not needed where `embeddings` are given.
            faces: float32 `(batch, speakers, 3, 224, 224)`, for systems that need a face.
            embeddings: What `encode_mouths` returned for these mouths.
            references: float32 `(batch, speakers, samples)`; oracles alone use it.

        Returns:
            float32 `(batch, speakers, samples)`: the voice of each mouth, zero-padded at the end
            where the published code stops short.

        Raises:
            UsageError: A shape, type or range that does not fit, said in one sentence.
        """
        check_mixture(mixture)
        if mixture.shape[1] < self.fewest_samples:
            raise UsageError(
                f"a mixture of {mixture.shape[1]} samples was given, but {self.card.name} needs at "
                f"least {self.fewest_samples}; pad it with zeros."
            )
        if self.uses_references:
            if references is None:
                raise UsageError("an oracle needs references=(batch, speakers, samples).")
            check_references(references, mixture)
        if self.face_input is not None:
            check_faces(faces, len(mixture), self.face_input.size)
        if embeddings is None and self.mouth_input is not None:
            if mouths is None:
                raise UsageError("give mouths=, or embeddings= from separator.encode_mouths.")
            check_mouths(mouths, len(mixture), self.mouth_sizes or (self.mouth_input.shape,))
            embeddings = self.encode_mouths(mouths, samples=mixture.shape[-1])
        if self.uses_references and references is not None:
            return self._separate_with_references(mixture, references, embeddings)
        return self._separate(mixture, embeddings, faces)

    def encode_mouths(self, mouths: Tensor, *, samples: int | None = None) -> Any:
        """Compute what depends on the mouths alone, to be given back as `embeddings=`.

        Args:
            mouths: As in `forward`.
            samples: Length of the mixture, for systems whose embedding depends on it.
        """
        if self.mouth_input is not None:
            check_mouths(mouths, len(mouths), self.mouth_sizes or (self.mouth_input.shape,))
        return self._encode(mouths, samples)

    def prepare_mouths(self, crops: NDArray[np.uint8]) -> Tensor:
        """Turn stored crops into this system's input.

        Args:
            crops: uint8 `(..., frames, 96, 96)`, grey, 25 fps.

        Returns:
            Normalised float32 `(..., frames, height, width)`.
        """
        if self.mouth_input is None:
            raise UsageError(f"{type(self).__name__} does not look at mouths.")
        return prepare_mouths(crops, self.mouth_input)

    def prepare_faces(self, images: NDArray[np.uint8]) -> Tensor:
        """Turn stored face images into this system's input.

        Args:
            images: uint8 `(..., 224, 224, 3)`, red, green, blue.

        Returns:
            Normalised float32 `(..., 3, 224, 224)`.
        """
        if self.face_input is None:
            raise UsageError(f"{type(self).__name__} does not look at faces.")
        return prepare_faces(images, self.face_input)

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Read the hyper-parameters that the tensors of a published checkpoint determine.

        Args:
            shapes: Shapes by published name.
        """
        return {}

    def adapt_tensors(self, part: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Reshape published tensors, already under our names, into ours where layouts differ."""
        return tensors

    def _encode(self, mouths: Tensor, samples: int | None) -> Any:
        return None

    def _separate(self, mixture: Tensor, embeddings: Any, faces: Tensor | None) -> Tensor:
        raise TypeError(f"{type(self).__name__} has no way to separate")

    def _separate_with_references(
        self, mixture: Tensor, references: Tensor, embeddings: Any
    ) -> Tensor:
        raise TypeError(f"{type(self).__name__} is not an oracle")
