r"""Making a text safe for the format it goes into.

Names and notes may come from files of strangers: a name must not end a cell, start a command, move
a terminal's cursor or make a spreadsheet compute.
"""

from __future__ import annotations

import html
import re
import unicodedata

__all__ = ["csv_escape", "html_escape", "latex_escape", "markdown_escape", "plain_text"]

# What pdflatex does not print from its source as it stands.
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': "''",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "µ": r"$\mu$",
    "μ": r"$\mu$",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "’": "'",
    "`": "'",
    "…": r"\dots{}",
    "†": r"\dag{}",
    "‡": r"\ddag{}",
    "§": r"\S{}",
    "ß": r"\ss{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
_RAISED_TWICE = re.compile(r"(?<=\\textsuperscript\{\w)\}\\textsuperscript\{")
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}


def plain_text(text: str) -> str:
    """Return a text as one line of printable characters, as a terminal needs it."""
    spaced = re.sub(r"\s+", " ", text)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in spaced).strip()


def markdown_escape(text: str) -> str:
    """Make a text safe inside a Markdown table."""
    return re.sub(r"([\\`*_\[\]|~])", r"\\\1", html.escape(plain_text(text), quote=False))


def html_escape(text: str) -> str:
    """Make a text safe as the content or a quoted attribute of an HTML element."""
    return html.escape(plain_text(text), quote=True)


def csv_escape(text: str) -> str:
    """Make a text safe for spreadsheets, which compute what begins like a formula."""
    plain = plain_text(text)
    return f"'{plain}" if plain[:1] in {"=", "+", "-", "@"} else plain


def latex_escape(text: str) -> str:
    """Make a text safe for pdflatex without packages; what it cannot print becomes a "?"."""
    # Two hyphens would become a dash, and options of a command wrong; behind the end of a row a
    # bracket or a star would be an argument of it.
    safe = re.sub(r"-(?=-)", "-{}", "".join(map(_latex_character, plain_text(text))))
    safe = _RAISED_TWICE.sub("", safe)  # raised signs in a row are one: 10, not 1 and 0
    return f"{{}}{safe}" if safe[:1] in {"[", "*"} else safe


def _latex_character(character: str) -> str:
    if character in _LATEX:
        return _LATEX[character]
    if character.isascii():
        return character
    raised = unicodedata.normalize("NFKC", character)
    if unicodedata.decomposition(character).startswith("<super>") and raised.isalnum():
        return rf"\textsuperscript{{{raised}}}" if raised.isascii() else "?"
    if unicodedata.decomposition(character).startswith("<super>"):
        plain = unicodedata.normalize("NFKD", character)
        return rf"\textsuperscript{{{plain}}}" if plain.isalnum() and plain.isascii() else "?"
    base, *marks = list(unicodedata.normalize("NFD", character))
    accent = _ACCENTS.get(marks[0]) if len(marks) == 1 else None
    return rf"\{accent}{{{base}}}" if accent and base.isascii() else "?"
