"""The index of a talking-heads corpus: who says what, and when.

One tab-separated line per utterance under a header line. Times are whole milliseconds from the
start of the file. Words are `text/start/end`, phonemes `name/start` with eSpeak NG's mnemonics (`'`
marks stress, `_` a pause); a phoneme lasts until the next one, the last until the end of the file.
Words that the voice runs together carry the times of the whole group.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.core.hashing import hash_bytes
from bench.errors import DataError

__all__ = ["Phoneme", "Utterance", "Word", "format_index", "read_index"]

_COLUMNS = ("utterance", "speaker", "accent", "samples", "sha256", "words", "phonemes")


@dataclass(frozen=True)
class Word:
    """One written word and the time it takes."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Phoneme:
    """One phoneme and its start."""

    name: str
    start_ms: int


@dataclass(frozen=True)
class Utterance:
    """One line of the index.

    Attributes:
        id: Base name of the audio file.
        speaker: `f` or `m` and two digits.
        accent: eSpeak NG language.
        samples: Length of the audio.
        sha256: Hash of the audio file.
        words: What is said.
        phonemes: How it is said; the first starts at 0.
    """

    id: str
    speaker: str
    accent: str
    samples: int
    sha256: str
    words: tuple[Word, ...]
    phonemes: tuple[Phoneme, ...]

    @property
    def sex(self) -> str:
        """`F` or `M`."""
        return self.speaker[0].upper()

    @property
    def transcript(self) -> str:
        """The whole sentence."""
        return " ".join(word.text for word in self.words)

    def words_until(self, end_ms: float) -> str:
        """Return the words that end by `end_ms`."""
        return " ".join(word.text for word in self.words if word.end_ms <= end_ms)


def format_index(utterances: Iterable[Utterance]) -> str:
    """Write an index; `read_index` of the result gives the same utterances."""
    rows = ["\t".join(_COLUMNS), *("\t".join(_fields(utterance)) for utterance in utterances)]
    return "".join(f"{row}\n" for row in rows)


def read_index(path: Path, sha256: str | None = None) -> dict[str, Utterance]:
    """Read an index.

    Args:
        path: The file.
        sha256: What its bytes must hash to; None for a corpus that nobody has pinned.

    Returns:
        Utterances by id, in the order of the file.

    Raises:
        DataError: The file is missing, changed, or a line is not in the format.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"cannot read the index of utterances {path} ({error.strerror}); check the folder."
        ) from error
    if sha256 is not None and hash_bytes(content) != sha256:
        raise DataError(
            f"the index of utterances {path} is not the one that the card pins; restore it."
        )
    header, *rows = content.decode().splitlines() or [""]
    if tuple(header.split("\t")) != _COLUMNS:
        raise DataError(f"{path}, line 1 must name the columns {', '.join(_COLUMNS)}.")
    found = [_parse(row, f"{path}, line {number}") for number, row in enumerate(rows, start=2)]
    return {utterance.id: utterance for utterance in found}


def _fields(utterance: Utterance) -> tuple[str, ...]:
    return (
        utterance.id,
        utterance.speaker,
        utterance.accent,
        str(utterance.samples),
        utterance.sha256,
        " ".join(f"{word.text}/{word.start_ms}/{word.end_ms}" for word in utterance.words),
        " ".join(f"{phoneme.name}/{phoneme.start_ms}" for phoneme in utterance.phonemes),
    )


def _parse(row: str, where: str) -> Utterance:
    try:
        id, speaker, accent, samples, sha256, words, phonemes = row.split("\t")
        return Utterance(
            id,
            speaker,
            accent,
            int(samples),
            sha256,
            tuple(_parse_word(field) for field in words.split()),
            tuple(_parse_phoneme(field) for field in phonemes.split()),
        )
    except ValueError as error:
        raise DataError(f"{where} is not an utterance: {error}.") from error


def _parse_word(field: str) -> Word:
    text, start, end = field.rsplit("/", 2)
    return Word(text, int(start), int(end))


def _parse_phoneme(field: str) -> Phoneme:
    name, start = field.rsplit("/", 1)
    return Phoneme(name, int(start))
