"""Rows of systems that are here and of which nobody printed a figure on the list: they say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench.board.published import Figure
from bench.board.sota.tables import SotaRow
from bench.separators.card import Card, shipped_cards

__all__ = ["absent_rows", "kinds_of_systems"]

_SYSTEMS = ("published", "re-implementation")


def absent_rows(
    list_id: str,
    figures: Sequence[Figure],
    present: Iterable[str],
    cards: Mapping[str, Card] | None = None,
) -> list[SotaRow]:
    """Make a row for every system with a card and without a figure on a list.

    Args:
        list_id: The list.
        figures: All that is known, of any list.
        present: Systems that have a row already.
        cards: By id; None = those that ship.
    """
    rows = []
    for card in (shipped_cards() if cards is None else cards).values():
        if card.kind not in _SYSTEMS or card.name in present:
            continue
        year = card.paper.year if card.paper else None
        reason = _reason(card.name, list_id, figures)
        row = SotaRow(card.name, card.name, year, "published", "published", reason=reason)
        rows.append(row)
    return rows


def _reason(system: str, list_id: str, figures: Sequence[Figure]) -> str:
    lists = {figure.list for figure in figures if figure.system == system and figure.list}
    if not lists:
        return "no published figure is known"
    return f"no figure on {list_id}, only on {', '.join(sorted(lists))}"


def kinds_of_systems(cards: Mapping[str, Card] | None = None) -> dict[str, str]:
    """Return what the systems are here, by their names: "published", "re-implementation", ..."""
    return {c.name: c.kind for c in (shipped_cards() if cards is None else cards).values()}
