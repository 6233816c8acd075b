"""From our names of tensors back to the published ones, so that a person finds them in a file.

Cards map published names to ours by pairs (pattern, replacement). Those of cards are plain enough
to be turned around: text, groups that the replacement takes over, and alternatives that it drops.
A name that was turned around is believed only if the card maps it back.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

__all__ = ["published_name"]

# A group without groups inside, an escaped character, or any other character.
_PIECES = re.compile(r"\((?P<silent>\?:)?(?P<inside>[^()]*)\)(?P<optional>\?)?|\\(?P<sign>\W)|.")
_MAGIC = frozenset("[]{}*+?|.()\\^$")


def published_name(
    name: str,
    pairs: Iterable[tuple[str, str]],
    rename: Callable[[str], str],
    beside: Sequence[str] = (),
) -> str:
    """Return the published name of one of our tensors; the name itself where none is known.

    Args:
        name: Ours.
        pairs: Those of the card.
        rename: Maps a published name to ours.
        beside: Names in the file: where several layouts were published, theirs is taken.
    """
    found = [turned for pair in pairs for turned in _turn(name, *pair)]
    fitting = [candidate for candidate in found if rename(candidate) == name]
    alike = {_without_numbers(other) for other in beside}

    def likelihood(candidate: str) -> tuple[bool, int, int]:
        shared = max((_shared_parts(candidate, other) for other in beside), default=0)
        return _without_numbers(candidate) in alike, shared, -candidate.count(".")

    return max(fitting, key=likelihood, default=name)


def _without_numbers(name: str) -> str:
    """What the tensors of repeated blocks have in common."""
    return re.sub(r"\d+", "#", name)


def _shared_parts(first: str, second: str) -> int:
    """Count the modules that two tensors have in common."""
    pairs = zip(first.split("."), second.split("."), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _turn(name: str, pattern: str, replacement: str) -> Iterator[str]:
    """Yield every name that a pair could have made this one from."""
    ours, published = _turned_pair(pattern, replacement)
    match = re.match(ours, name)
    if match:
        for template in published:
            yield match.expand(template) + name[match.end() :]


@cache
def _turned_pair(pattern: str, replacement: str) -> tuple[str, tuple[str, ...]]:
    """Return a pattern of our names, and what of the published ones stands for it."""
    taken_over = set(re.findall(r"\\(\d)", replacement))
    groups: list[str] = []
    options: list[list[str]] = []
    for piece in _PIECES.finditer(pattern.removeprefix("^").removesuffix("$")):
        inside = piece["inside"]
        if inside is None:
            if piece[0] in _MAGIC:
                return r"(?!)", ()  # not plain: nothing matches
            options.append([piece["sign"] or piece[0]])
            continue
        if piece["silent"] is None:
            groups.append(inside)
        if piece["silent"] is None and str(len(groups)) in taken_over:
            options.append([rf"\g<g{len(groups)}>"])
        else:
            kept = [text.replace("\\", "") for text in inside.split("|")]
            options.append([*kept, ""] if piece["optional"] else kept)
    end = "$" if pattern.endswith("$") else ""
    return _ours(replacement, groups) + end, tuple(map("".join, itertools.product(*options)))


def _ours(replacement: str, groups: Sequence[str]) -> str:
    """Turn a replacement into a pattern that finds what it wrote."""
    pattern, seen = "", set()
    for text, number in re.findall(r"([^\\]*)(?:\\(\d))?", replacement):
        pattern += re.escape(text)
        if number:
            group = groups[int(number) - 1]
            pattern += f"(?P=g{number})" if number in seen else f"(?P<g{number}>{group})"
            seen.add(number)
    return pattern
