"""Understanding "CTCNet SDRi LRS2 14.6": which words are a system, a column, a list, a value.

Case, blanks and punctuation do not count, the parts come in any order, and the beginning of a name
stands for every name that begins so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.board.published import Figure
from bench.errors import UsageError, unknown_name

__all__ = ["Query", "parse_query"]

_EXAMPLE = "CTCNet SDRi LRS2 14.6"
_FIRST_YEAR = 1990
_SHORTEST_BEGINNING = 3
_NOISE = {"db", "on", "of", "the", "in", "at", "test", "set", "paper", "mos", "ms", "mb", "m", "g"}
_SPELLINGS = {"vox2": "voxceleb2", "voxceleb22mix": "voxceleb2", "sisnrimprovement": "sisnri"}


@dataclass(frozen=True)
class Query:
    """What was asked for; empty sets and None = anything.

    Attributes:
        systems: Names of systems.
        metrics: Columns as printed.
        lists: Ids of mixture lists.
        values: Numbers as typed.
        year: Of the paper.
    """

    systems: frozenset[str] = field(default=frozenset())
    metrics: frozenset[str] = field(default=frozenset())
    lists: frozenset[str] = field(default=frozenset())
    values: tuple[str, ...] = ()
    year: int | None = None

    def fits(self, figure: Figure) -> bool:
        """Whether a figure is what was asked for, its value apart."""
        return (
            (not self.systems or figure.system in self.systems)
            and (not self.metrics or figure.metric in self.metrics)
            and (not self.lists or figure.list in self.lists)
            and self.year in (None, figure.year)
        )


def parse_query(text: str, figures: Iterable[Figure], systems: Iterable[str] = ()) -> Query:
    """Read a query.

    Args:
        text: What a person typed.
        figures: Where the names come from.
        systems: Names of systems that have no figure.

    Raises:
        UsageError: Nothing was asked, or a word is neither of these.
    """
    found = list(figures)
    kinds = {
        "systems": {figure.system for figure in found}.union(systems),
        "metrics": {figure.metric for figure in found},
        "lists": {figure.list for figure in found if figure.list},
    }
    words = [word for word in re.split(r"[\s,;:=]+", text) if word]
    chosen: dict[str, frozenset[str]] = {}
    values, year = [], None
    while words:
        word = words[0]
        kind, names, used = _name(words, kinds)
        if names:
            chosen[kind] = chosen.get(kind, frozenset()) | names
            words = words[used:]
            continue
        words = words[1:]
        if number := re.fullmatch(r"(-?\d+(?:\.\d+)?)(?:%|dB)?", word):
            if number[1].isdecimal() and int(number[1]) >= _FIRST_YEAR:
                year = int(number[1])
            else:
                values.append(number[1])
        elif _plain(word) and word.lower() not in _NOISE:
            known = sorted(set().union(*kinds.values()), key=str.lower)
            raise unknown_name("word", word, known)
    if not (chosen or values):
        raise UsageError(f"got no figure to explain, expected something like '{_EXAMPLE}'.")
    return Query(**chosen, values=tuple(values), year=year)


def _name(words: list[str], kinds: dict[str, set[str]]) -> tuple[str, frozenset[str], int]:
    """Find the name that the next words spell: its kind, all names it stands for, words used.

    A whole name comes before the beginning of one, more words before fewer.
    """
    spelled = [(used, _plain("".join(words[:used]))) for used in range(min(4, len(words)), 0, -1)]
    for used, given in spelled:
        for kind, names in kinds.items():
            same = frozenset(name for name in names if _plain(name) == given)
            if same:
                return kind, same, used
    for used, given in spelled:
        for kind, names in kinds.items():
            begin = frozenset(name for name in names if _plain(name).startswith(given))
            if begin and len(given) >= _SHORTEST_BEGINNING:
                return kind, begin, used
    return "", frozenset(), 0


def _plain(text: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "", text.lower())
    return _SPELLINGS.get(plain, plain)
