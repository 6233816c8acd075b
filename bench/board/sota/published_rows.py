"""Rows of printed figures: one per system, one more where the references were used.

As printed, papers also put figures of other lists of the same corpus into a column; those stand
here only if asked for, each saying which list it is on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bench.board.published import Figure, contradictions
from bench.board.sota.meanings import meaning_of
from bench.board.sota.sources import conflicts_with, first_choice, printed, sources_of
from bench.board.sota.tables import SotaCell, SotaRow

__all__ = ["costs_beside", "guests_of", "published_rows"]


def published_rows(
    list_id: str,
    figures: Sequence[Figure],
    *,
    guests: Sequence[Figure] = (),
    costs: Sequence[Figure] = (),
    conditions: Mapping[str, str],
    systems: Collection[str] = (),
) -> list[SotaRow]:
    """Make the rows of a list.

    Args:
        list_id: Its id.
        figures: Scores on it.
        guests: Scores on other lists that are shown beside them.
        costs: Sizes and times of the systems.
        conditions: What the head of a cost's column states.
        systems: Names of systems, whose oracle figures are labelled; the clean speech is none.
    """
    groups: dict[tuple[str, str], list[Figure]] = {}
    for figure in (*figures, *guests):
        groups.setdefault((figure.system, figure.kind), []).append(figure)
    rows = []
    for (system, kind), group in groups.items():
        own = [c for c in costs if c.system == system and c.kind == kind]
        cells = {
            **{m: _score(group, m, list_id) for m in dict.fromkeys(f.metric for f in group)},
            **{m: _cost(own, m, conditions[m]) for m in dict.fromkeys(c.metric for c in own)},
        }
        label = f"{system} (oracle)" if kind == "oracle" and system in systems else system
        row = SotaRow(system, label, group[0].year, "published", group[0].kind, cells=cells)
        rows.append(row)
    return rows


def _score(group: Sequence[Figure], metric: str, list_id: str) -> SotaCell:
    """Make a cell of figures on the list, or, where there are none, on other lists."""
    same = [figure for figure in group if figure.metric == metric]
    here = [figure for figure in same if figure.list == list_id] or same
    shown = first_choice(here)
    cell = _cell(shown, [figure for figure in here if figure.list == shown.list])
    if shown.list == list_id:
        return cell
    return _of_other_list(cell, shown.list)


def _of_other_list(cell: SotaCell, list_id: str) -> SotaCell:
    return replace(cell, meaning=f"on {list_id}, which is another list; {cell.meaning}")


def _cost(costs: Sequence[Figure], metric: str, condition: str) -> SotaCell:
    """Make a cell of the figures under the condition of the column, or under the next best one."""
    same = [cost for cost in costs if cost.metric == metric]
    shown = first_choice([cost for cost in same if meaning_of(cost) == condition] or same)
    return _cell(shown, same)


def _cell(shown: Figure, figures: Sequence[Figure]) -> SotaCell:
    """Make the cell of one figure, among all that claim the same or stand beside it."""
    same = [figure for figure in figures if figure.place == shown.place]
    conflicts = conflicts_with(shown, same)
    also = f" ({', '.join(other.text for other in conflicts)})" if conflicts else ""
    backing = [figure for figure in same if figure.value == shown.value]
    return SotaCell(
        text=shown.value + also,
        value=shown.number,
        grade=shown.grade,
        meaning=meaning_of(shown),
        metric_id=shown.metric_id,
        conflicts=conflicts,
        elsewhere=printed(figure for figure in figures if figure.place != shown.place),
        disputed=any(contradictions(figure, figures) for figure in figures),
        source=sources_of(backing),
        source_url=shown.source_url,
        note="; ".join(dict.fromkeys(figure.note for figure in backing if figure.note)),
    )


def costs_beside(scores: Sequence[Figure], figures: Sequence[Figure]) -> list[Figure]:
    """Find the sizes and times that belong to the systems of a list.

    A cost stands where its source prints scores, too: a system of the same name on the list of
    another group need not be the same network.
    """
    sources = {_document(figure) for figure in scores}
    systems = {figure.system for figure in scores}
    return [
        figure
        for figure in figures
        if not figure.list and figure.system in systems and _document(figure) in sources
    ]


def guests_of(list_id: str, figures: Sequence[Figure]) -> list[Figure]:
    """Find the scores on other lists of a corpus that tables print beside those of a list."""
    tables = {figure.source for figure in figures if figure.list == list_id}
    corpus = list_id.partition("-")[0]
    return [
        figure
        for figure in figures
        if figure.source in tables
        and figure.list != list_id
        and figure.list.partition("-")[0] == corpus
    ]


def _document(figure: Figure) -> str:
    """Name what a source is part of: "Dolphin" for "Dolphin paper, main comparison"."""
    return figure.source.split()[0].rstrip(",")
