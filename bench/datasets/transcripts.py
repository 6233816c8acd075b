"""Transcripts in the text format of LRS2 and LRS3, and which words fall inside a clip.

A file starts with `Text:` and the words, then `Conf:`, `Ref:` and, in LRS3, face boxes. Where word
times are known a last section has the header `WORD START END ASDSCORE` and one row per word, in
seconds. Tokens in braces are no speech: the text ends where the first brace stands.

The rule for clips: a word counts if it ends inside the clip. A clip that holds the whole utterance
has the whole text; a shorter one without word times has no transcript, and nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.errors import DataError

__all__ = ["SpokenWord", "Transcript", "parse_transcript", "read_transcript"]


@dataclass(frozen=True)
class SpokenWord:
    """One word and when it is over."""

    text: str
    end_s: float


@dataclass(frozen=True)
class Transcript:
    """What is said in one utterance.

    Attributes:
        text: All words.
        words: The words with their times; None where the file gives none.
    """

    text: str
    words: tuple[SpokenWord, ...] | None = None

    def within(self, end_s: float, utterance_s: float) -> str | None:
        """Return the words that end inside the first `end_s` seconds, or None if unknown.

        Args:
            end_s: Length of the clip.
            utterance_s: Length of the whole utterance.

        >>> Transcript("AND SO ON").within(2.0, 3.1) is None
        True
        """
        if end_s >= utterance_s:
            return self.text
        if self.words is None:
            return None
        return " ".join(word.text for word in self.words if word.end_s <= end_s)


def read_transcript(path: Path) -> Transcript:
    """Read a transcript file.

    Raises:
        DataError: The file cannot be read or has no `Text:` line.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the transcript {path} ({error}); copy it again.") from error
    return parse_transcript(content, str(path))


def parse_transcript(content: str, source: str) -> Transcript:
    """Parse a transcript; `source` names it in messages.

    Raises:
        DataError: There is no `Text:` line.

    >>> parse_transcript("Text:  SO WE {LAUGH} DID\\nConf:  5\\n", "example").text
    'SO WE'
    """
    rows = content.splitlines()
    texts = [row.partition(":")[2] for row in rows if row.startswith("Text:")]
    if not texts:
        raise DataError(f"{source} has no line 'Text:'; it is no transcript of LRS2 or LRS3.")
    return Transcript(" ".join(_before_brace(texts[0]).split()), _words(rows))


def _before_brace(text: str) -> str:
    return text.partition("{")[0]


def _words(rows: list[str]) -> tuple[SpokenWord, ...] | None:
    """Read the section of word times; None if it is absent or damaged."""
    heads = [n for n, row in enumerate(rows) if row.split()[:3] == ["WORD", "START", "END"]]
    if not heads:
        return None
    found = []
    for row in rows[heads[0] + 1 :]:
        fields = row.split()
        if not fields or "{" in fields[0]:
            break
        try:
            found.append(SpokenWord(fields[0], float(fields[2])))
        except (IndexError, ValueError):
            return None
    return tuple(found)
