"""The first page: one section per data set, all printed figures beside all that was scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.board.runs.rows import Board
from bench.board.site.models import Page, Section
from bench.board.site.names import board_ids, board_name, is_official, list_name
from bench.board.site.printed_tables import printed_notes, printed_table
from bench.board.site.scored_tables import scored_notes, scored_table
from bench.board.sota.tables import SotaTable
from bench.core.provenance import MEANINGS
from bench.datasets import load_card

__all__ = ["PATH", "board_page"]

PATH = "index.html"
_LEAD = (
    "Audio-visual speech separation: every published number with its source, beside what was "
    "measured. Ranked is only what was computed by one definition on one list of mixtures.",
)
_EMPTY = (
    "Nothing has been scored here yet, so that all figures below are quoted from papers. To add a "
    "row of your own, run a system (avss-bench run ctcnet --checkpoint FILE --out results/local) "
    "or take in a submission (submissions/<system>/), then make this site again: avss-bench site "
    "results/local submissions --out site"
)


def board_page(
    published: Sequence[SotaTable], boards: Sequence[Board], paths: Mapping[str, str]
) -> Page:
    """Make the page.

    Args:
        published: Tables of printed figures, the project's own data sets first.
        boards: Of runs and submissions.
        paths: Of the systems' pages, by name.
    """
    lists = [table.list_id for table in published]
    named = list(zip(board_ids(boards), boards, strict=True))
    own = [_scored_alone(id, board, paths) for id, board in named if board.dataset not in lists]
    printed = [
        _section(table, [pair for pair in named if pair[1].dataset == table.list_id], paths)
        for table in published
    ]
    first = sum(table.list_id.endswith("-2mix") for table in published)
    sections = (*printed[:first], *own, *printed[first:])
    lead, legend = _LEAD if boards else (*_LEAD, _EMPTY), tuple(MEANINGS.items())
    return Page(PATH, "The board", lead, sections, PATH, legend=legend)


def _scored_alone(id: str, board: Board, paths: Mapping[str, str]) -> Section:
    """Make the section of a set that nobody has published figures on."""
    about = load_card(board.dataset).summary if is_official(board.dataset) else ""
    return Section(
        id,
        board_name(board),
        (about,) if about else (),
        tables=(scored_table(board, id, paths),),
        notes=scored_notes(board),
    )


def _section(
    table: SotaTable, boards: Sequence[tuple[str, Board]], paths: Mapping[str, str]
) -> Section:
    scored = [scored_table(board, id, paths) for id, board in boards]
    return Section(
        table.list_id,
        list_name(table.list_id),
        tuple(filter(None, (f"{table.title}." if table.title else "", table.notes[0]))),
        tables=(printed_table(table, paths), *scored),
        notes_title="Signs, contradictions, notes",
        notes=(*printed_notes(table), *(n for _, board in boards for n in scored_notes(board))),
    )
