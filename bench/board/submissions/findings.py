"""What is wrong, or worth a look, with something that somebody handed in, and where."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

__all__ = [
    "Finding",
    "Severity",
    "capped",
    "pointer",
    "said",
    "shown",
    "sorted_findings",
    "visible",
]

Severity = Literal["error", "warning", "note"]

_ORDER = ("error", "warning", "note")
_LONGEST_SHOWN = 60
_MOST = 50
_LONGEST_PROBLEM = 400


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes:
        place: File and JSON pointer ("submission.json#/runs/0/id"), or file and line
            ("records.jsonl.gz:17").
        problem: One sentence: what is there, what was expected.
        severity: "error" refuses the submission; "warning" wants a person's eye; "note" says what
            could not be checked here.
    """

    place: str
    problem: str
    severity: Severity = "error"

    def line(self) -> str:
        """Return it as one line for people."""
        return f"{self.severity}: {self.place}: {self.problem}"

    def plain(self) -> dict[str, str]:
        """Return it as JSON can hold it."""
        return asdict(self)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put errors first; within a severity they keep their order."""
    return tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.severity)))


def capped(findings: Iterable[Finding], place: str) -> list[Finding]:
    """Keep the first findings of one kind, and say how many more there are."""
    found = list(findings)
    if len(found) <= _MOST:
        return found
    return [*found[:_MOST], Finding(place, f"{len(found) - _MOST} more like these")]


def pointer(parts: Iterable[object]) -> str:
    """Write a place inside a JSON text as a JSON pointer (RFC 6901).

    >>> pointer(["runs", 0, "a/b"])
    '/runs/0/a~1b'
    """
    return "".join(
        f"/{shown(part, quoted=False).replace('~', '~0').replace('/', '~1')}" for part in parts
    )


def said(error: Exception) -> str:
    """Return the message of an error as a problem; it may quote what a stranger wrote."""
    text = str(error).rstrip(".")
    cut = f"{text[:_LONGEST_PROBLEM]}…" if len(text) > _LONGEST_PROBLEM else text
    return visible(cut)


def visible(text: str) -> str:
    """Write what a reader cannot see by its code point: line ends, escapes, halves of pairs."""
    return "".join(map(_visible, text))


def shown(value: object, *, quoted: bool = True) -> str:
    """Write something that a stranger chose so that a terminal is safe from it.

    Whatever is not plainly visible is written by its code point, and long texts are cut.

    >>> shown("a\\nb")
    "'a<U+000A>b'"
    """
    text = value if isinstance(value, str) else str(value)
    cut = f"{text[:_LONGEST_SHOWN]}…" if len(text) > _LONGEST_SHOWN else text
    safe = visible(cut)
    return f"'{safe}'" if quoted and isinstance(value, str) else safe


def _visible(sign: str) -> str:
    hidden = unicodedata.category(sign)[0] in "CZ" and sign != " "
    return f"<U+{ord(sign):04X}>" if hidden else sign
