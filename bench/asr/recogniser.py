"""What every recogniser offers: voices in, texts out, and an identity that pins the texts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["SAMPLE_RATE", "WINDOW", "Hypothesis", "Recogniser", "Voice", "is_looping", "windows"]

Voice = NDArray[np.float32]

SAMPLE_RATE = 16000
# Whisper hears 30 s at a time, and shorter clips padded to that.
WINDOW = 30 * SAMPLE_RATE

# Whisper's own sign of a text that goes round in circles.
_LOOPING_COMPRESSION = 2.4


@dataclass(frozen=True)
class Hypothesis:
    """What was heard.

    Attributes:
        text: As the recogniser wrote it.
        language: Code of the language that it was heard in ("en").
    """

    text: str
    language: str


class Recogniser(Protocol):
    """One model with fixed settings."""

    @property
    def identity(self) -> Mapping[str, str]:
        """Everything that can change a text: `engine` and version, `sha256` of the model, decoding.

        `engine` and `sha256` name the metric ids of what it hears.
        """
        ...

    def recognise(self, voices: Sequence[Voice], language: str | None) -> list[Hypothesis]:
        """Write down what is said; equal voices give equal texts, whatever else is asked.

        Args:
            voices: float32 `(samples,)` each, 16 kHz, any length.
            language: Code of what is spoken in all of them; None = detect it in each.
        """
        ...


def windows(voice: Voice) -> list[Voice]:
    """Cut a voice into pieces of 30 s, the last one shorter; one empty piece if there is none."""
    return [voice[start : start + WINDOW] for start in range(0, max(len(voice), 1), WINDOW)]


def is_looping(text: str) -> bool:
    """Whether a text repeats itself so much that the recogniser was lost.

    >>> is_looping("the same words " * 20), is_looping("a sentence like any other")
    (True, False)
    """
    content = text.encode()
    return len(content) / len(zlib.compress(content)) > _LOOPING_COMPRESSION
