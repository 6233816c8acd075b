"""Drawing a table on a terminal of some width: the richest form that fits."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from tabulate import tabulate

__all__ = ["draw_table", "drawn_width"]

_ESCAPES = re.compile(r"\x1b\[\d*m")
_NARROWEST = 16
# From the upper edge of a box to a rule inside it.
_BELOW = str.maketrans("╭┬╮", "├┼┤")


def drawn_width(text: str) -> int:
    """Columns that a drawn table takes; colours take none."""
    return max((len(line) for line in _ESCAPES.sub("", text).splitlines()), default=0)


def draw_table(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int,
    words: Sequence[bool],
    fixed: int = 1,
) -> str:
    """Draw a table with box characters, or without, or in several parts below one another.

    Args:
        titles: Heads of the columns.
        rows: Texts; lines of one cell stand below one another.
        width: Columns of the terminal.
        words: Which columns are left-aligned, and wrapped where they are long.
        fixed: Number of first columns that every part repeats.
    """
    # In the narrowest form titles stand on two lines.
    split = [re.sub(r"[- ](?=.)", _broken, title) for title in titles]
    for form, heads, gap in ((_boxed, titles, 3), (_plain, split, 2)):
        lines = [heads, *rows]
        for limits in (None, _limits(lines, words, width - gap * len(titles) - 1)):
            table = form(_wrapped(lines, limits), words)
            if drawn_width(table) <= width:
                return table
    return _in_parts(titles, rows, width, words, fixed) or table


def _in_parts(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    words: Sequence[bool],
    fixed: int,
) -> str:
    """Draw each half of the columns on its own; empty where there is but one."""
    movable = len(titles) - fixed
    if movable < 2:
        return ""
    middle = fixed + (movable + 1) // 2
    return "\n\n".join(
        draw_table(
            [titles[k] for k in part],
            [[row[k] for k in part] for row in rows],
            width=width,
            words=[words[k] for k in part],
            fixed=fixed,
        )
        for part in ([*range(middle)], [*range(fixed), *range(middle, len(titles))])
    )


def _limits(rows: Sequence[Sequence[str]], words: Sequence[bool], room: int) -> list[int | None]:
    """Share out what numbers leave of the room: each column of words gets what it needs, or less.

    Returns:
        The longest line of every column; None where it is not to be wrapped.
    """
    needs = [max(map(drawn_width, column)) for column in zip(*rows, strict=True)]
    room -= sum(need for need, word in zip(needs, words, strict=True) if not word)
    limits: list[int | None] = [None] * len(needs)
    shared = sorted((k for k, word in enumerate(words) if word), key=lambda k: needs[k])
    for place, k in enumerate(shared):
        limits[k] = max(_NARROWEST, min(needs[k], room // (len(shared) - place)))
        room -= min(needs[k], limits[k] or 0)
    return limits


def _broken(found: re.Match[str]) -> str:
    return "-\n" if found[0] == "-" else "\n"


def _wrapped(rows: Sequence[Sequence[str]], limits: Sequence[int | None] | None) -> list[list[str]]:
    if limits is None:
        return [list(row) for row in rows]
    return [[_filled(c, limit) for c, limit in zip(row, limits, strict=True)] for row in rows]


def _filled(cell: str, limit: int | None) -> str:
    if limit is None:
        return cell
    lines = (textwrap.wrap(line, limit, break_on_hyphens=False) for line in cell.splitlines())
    return "\n".join(part for line in lines for part in line)


def _plain(lines: Sequence[Sequence[str]], words: Sequence[bool]) -> str:
    return _drawn(lines, words, "plain")


def _boxed(lines: Sequence[Sequence[str]], words: Sequence[bool]) -> str:
    """Draw with a rule below the titles, and between rows where a cell has several lines."""
    if any("\n" in cell for line in lines for cell in line):
        return _drawn(lines, words, "rounded_grid")
    top, titles, *rest = _drawn(lines, words, "rounded_outline").splitlines()
    return "\n".join([top, titles, top.translate(_BELOW), *rest])


def _drawn(lines: Sequence[Sequence[str]], words: Sequence[bool], form: str) -> str:
    """Draw titles as a row like others: heads would be padded."""
    sides = ["left" if word else "right" for word in words]
    return tabulate(lines, [], form, disable_numparse=True, colalign=sides)
