"""Word and character error rates.

Rate = (substitutions + deletions + insertions) / units of the reference, with the counts of the
cheapest alignment (jiwer) summed over all texts before dividing: the corpus rate, not the mean of
the rates. It may exceed 1. Texts are passed through Whisper's English normaliser first unless told
otherwise: lower case, no punctuation, numbers as digits, contractions and spellings unified.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal

from bench.errors import UsageError

__all__ = ["ErrorCounts", "cer", "count_errors", "normalise_text", "normaliser_version", "wer"]


@dataclass(frozen=True)
class ErrorCounts:
    """How hypotheses differ from references; counts of several texts may be added.

    Attributes:
        hits: Units that are right.
        substitutions: Units of the reference that became others.
        deletions: Units of the reference that are missing.
        insertions: Units that the reference does not have.
    """

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    def __add__(self, other: ErrorCounts) -> ErrorCounts:
        return ErrorCounts(
            self.hits + other.hits,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )

    @property
    def reference_units(self) -> int:
        """Words or characters of the references."""
        return self.hits + self.substitutions + self.deletions

    @property
    def rate(self) -> float:
        """Errors per unit of the reference; nan if the reference has none."""
        errors = self.substitutions + self.deletions + self.insertions
        return errors / self.reference_units if self.reference_units else math.nan


def wer(
    *, hypothesis: str | Sequence[str], reference: str | Sequence[str], normalise: bool = True
) -> float:
    """Compute the word error rate.

    Args:
        hypothesis: One text, or one per reference.
        reference: One text, or several.
        normalise: Whether both go through Whisper's English normaliser first; if not, case and
            punctuation count.

    Returns:
        0 or more; nan if the reference has no words.

    Raises:
        UsageError: Not texts, or not as many hypotheses as references.

    >>> wer(hypothesis="the colour is gray", reference="The color's grey.")
    0.0
    >>> wer(hypothesis=["a", "b x"], reference=["a b", "b"])
    0.6666666666666666
    """
    return count_errors(hypothesis=hypothesis, reference=reference, normalise=normalise).rate


def cer(
    *, hypothesis: str | Sequence[str], reference: str | Sequence[str], normalise: bool = True
) -> float:
    """Compute the character error rate, blanks included; otherwise as `wer`."""
    counts = count_errors(
        hypothesis=hypothesis, reference=reference, normalise=normalise, unit="character"
    )
    return counts.rate


def count_errors(
    *,
    hypothesis: str | Sequence[str],
    reference: str | Sequence[str],
    normalise: bool = True,
    unit: Literal["word", "character"] = "word",
) -> ErrorCounts:
    """Align texts and count what differs.

    Args:
        hypothesis: One text, or one per reference.
        reference: One text, or several.
        normalise: As in `wer`.
        unit: What is counted.

    Raises:
        UsageError: Not texts, or not as many hypotheses as references.
    """
    import jiwer

    hypotheses, references = _texts("hypothesis", hypothesis), _texts("reference", reference)
    if len(hypotheses) != len(references):
        raise UsageError(
            f"got {len(hypotheses)} hypotheses for {len(references)} references, expected one for "
            "each: put an empty text where nothing was recognised."
        )
    if not references:
        return ErrorCounts()
    if normalise:
        hypotheses = [normalise_text(text) for text in hypotheses]
        references = [normalise_text(text) for text in references]
    align = jiwer.process_words if unit == "word" else jiwer.process_characters
    found = align(references, hypotheses)
    return ErrorCounts(found.hits, found.substitutions, found.deletions, found.insertions)


def normalise_text(text: str) -> str:
    """Apply Whisper's English normaliser.

    >>> normalise_text("Mr. Brown's colour, twenty two!")
    'mister brown is color 22'
    """
    return _normaliser()(text)


def normaliser_version() -> str:
    """Name the normaliser and the package that it comes from ("whisper-english 20250625")."""
    return f"whisper-english {version('openai-whisper')}"


@functools.cache
def _normaliser() -> Callable[[str], str]:
    from whisper.normalizers import EnglishTextNormalizer  # brings torch along

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its word list open
        made: Callable[[str], str] = EnglishTextNormalizer()
    return made


def _texts(name: str, given: str | Sequence[str]) -> list[str]:
    texts = [given] if isinstance(given, str) else list(given)
    for text in texts:
        if not isinstance(text, str):
            raise UsageError(f"got a {name} of type {type(text).__name__}, expected texts.")
    return texts
