"""Which of several printed values is shown, and which others contradict it.

What the authors print comes before what others quote, papers before repositories, and digests,
leaderboards and aggregators come last; among equals, the value that most sources print, with
all digits that anybody prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.board.published import Figure, Grade, agree, contradictions
from bench.board.sota.meanings import condition_of
from bench.board.sota.tables import Printed

__all__ = [
    "GRADE_MEANINGS",
    "GRADE_SIGNS",
    "conflicts_with",
    "first_choice",
    "printed",
    "sources_of",
]

GRADE_SIGNS: dict[Grade, str] = {"table": "", "figure": "†", "quoted": "‡", "digest": "§"}
GRADE_MEANINGS: dict[Grade, str] = {
    "table": "a table of the authors",
    "figure": "read off a picture of the authors",
    "quoted": "quoted or measured by other authors",
    "digest": "re-typed by a digest, a leaderboard or an aggregator: never ranked",
}
_DISTANCE: dict[Grade, int] = {"table": 0, "figure": 0, "quoted": 1, "digest": 2}


def first_choice(figures: Sequence[Figure]) -> Figure:
    """Return the figure to show, of several that claim the same quantity."""

    def order(figure: Figure) -> tuple[int, bool, int]:
        backing = sum(agree(figure, other) for other in figures)
        return _DISTANCE[figure.grade], " paper" not in figure.source, -backing

    best = min(figures, key=order)
    alike = [f for f in figures if order(f) == order(best) and agree(f, best)]
    return min(alike, key=lambda figure: figure.half_digit)


def conflicts_with(figure: Figure, figures: Sequence[Figure]) -> tuple[Printed, ...]:
    """Return the other values of a figure's quantity, one entry per value."""
    return printed(contradictions(figure, figures))


def printed(figures: Iterable[Figure]) -> tuple[Printed, ...]:
    """Put figures together that print one value under one condition."""
    groups: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        condition = "" if figure.list else condition_of(figure)
        groups.setdefault((figure.value, condition), []).append(figure)
    return tuple(_printed(condition, group) for (_, condition), group in groups.items())


def _printed(condition: str, group: Sequence[Figure]) -> Printed:
    best = first_choice(group)
    return Printed(best.value, condition, best.grade, sources_of(group), best.source_url)


def sources_of(figures: Sequence[Figure]) -> str:
    """Name every source of some figures, the nearest to the authors first."""
    ordered = sorted(figures, key=lambda figure: _DISTANCE[figure.grade])
    return "; ".join(dict.fromkeys(map(_source, ordered)))


def _source(figure: Figure) -> str:
    own = figure.grade in {"table", "figure"}
    return figure.source if own else f"{figure.source} ({figure.grade})"
