"""JSON from strangers: what `bench.core.jsonio.loads` refuses, and what hides in texts besides.

Refused: bytes that are not UTF-8, a byte order mark, more than a few levels of nesting, texts that
hold control characters, bidirectional overrides, zero-width or private characters or halves of
surrogate pairs, and very long texts. Everything is found at once, with its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from bench.board.submissions.findings import Finding, pointer, shown
from bench.core.jsonio import loads
from bench.errors import DataError

__all__ = ["decode", "hidden_sign", "parse_strictly", "text_findings"]

_DEEPEST = 12
_LONGEST_TEXT = 4000
_OPENING = re.compile(r"[\[{]")
# Blank or without width, though Unicode counts them among letters, symbols and marks: fillers,
# joiners and selectors of variants.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_VISIBLE = re.compile(r"[ -~]*\Z")  # printable ASCII, nearly everything


def decode(content: bytes, source: str) -> str:
    """Decode UTF-8 without a byte order mark.

    Raises:
        DataError: It is something else.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{source} is not UTF-8: byte {error.start} cannot be read.") from error
    if text.startswith("\ufeff"):
        raise DataError(f"{source} begins with a byte order mark; save it as plain UTF-8.")
    return text


def parse_strictly(content: bytes, source: str) -> Any:
    """Parse JSON of a stranger.

    Raises:
        DataError: Not UTF-8, not strict JSON, or nested too deeply.
    """
    text = decode(content, source)
    value = loads(text, source)
    # Depth cannot exceed the number of brackets, so that most lines need no look.
    if len(_OPENING.findall(text)) > _DEEPEST and _depth(value) > _DEEPEST:
        raise DataError(f"{source} is nested more than {_DEEPEST} levels deep.")
    return value


def _depth(value: object) -> int:
    """Count levels without recursion, which a stranger could exhaust."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        if isinstance(node, dict | list):
            inside = node.values() if isinstance(node, dict) else node
            waiting += [(item, level + 1) for item in inside if isinstance(item, dict | list)]
    return deepest


def text_findings(value: object, file: str) -> list[Finding]:
    """Look at every key and text of a parsed JSON value; `file` begins the place of a finding."""
    return [
        Finding(f"{file}#{pointer(path)}", problem)
        for path, text in _texts(value, ())
        if (problem := _wrong(text)) is not None
    ]


def _texts(value: object, path: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key), key
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, number))


def _wrong(text: str) -> str | None:
    if len(text) > _LONGEST_TEXT:
        return f"a text of {len(text)} characters, at most {_LONGEST_TEXT} are allowed"
    if sign := hidden_sign(text):
        return f"{shown(text)} holds the hidden character {sign}; remove it"
    return None


def hidden_sign(text: str) -> str | None:
    """Name the first character that a reader cannot see: control, format, blank, half, private.

    >>> hidden_sign("plain"), hidden_sign("a\\u202eb")
    (None, 'U+202E')
    """
    if _VISIBLE.match(text):
        return None
    for sign in text:
        category = unicodedata.category(sign)
        if category[0] == "C" or category in ("Zl", "Zp") or _BLANK.match(sign):
            return f"U+{ord(sign):04X}"
    return None
