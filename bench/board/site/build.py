"""From folders of results to the files of a site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import bench
from bench.board.runs.cost_notes import with_cost_notes
from bench.board.runs.leaderboard import build_boards
from bench.board.runs.rows import Board
from bench.board.site.addresses import system_paths
from bench.board.site.assets import shared_assets
from bench.board.site.boards import board_page
from bench.board.site.definitions import definitions_page
from bench.board.site.downloads import data_files, downloads_page
from bench.board.site.efficiency import efficiency_page
from bench.board.site.folder import check_folder, write_site
from bench.board.site.kit import kit_page
from bench.board.site.models import Fact, Page
from bench.board.site.names import board_ids
from bench.board.site.pairs import compare_pages
from bench.board.site.references import Shelf, systems_of
from bench.board.site.render import render_page
from bench.board.site.sources import Sources, read_sources
from bench.board.site.systems import SystemRecord, system_page, systems_page
from bench.board.sota import build_sota
from bench.board.submissions import Content

__all__ = ["build_site", "site_files"]

_PROFILES = Path("results/profiles")


def build_site(folders: Sequence[Path], out: Path) -> Sources:
    """Make a site, or make it anew.

    Args:
        folders: Of runs and submissions; without any the site shows published figures alone.
        out: Where it goes; absent, empty, or an older site.

    Returns:
        What it was made from; `left_out` names what could not be read.

    Raises:
        UsageError: `out` holds something that is not a site of ours.
        DataError: A folder does not exist.
        StorageError: Something could not be written; an older site is untouched.
    """
    check_folder(out)
    sources = read_sources(folders)
    write_site(site_files(sources), out)
    return sources


def site_files(sources: Sources) -> dict[str, bytes]:
    """Return the files of a site by path; the same sources give the same bytes."""
    version = bench.__version__
    figures, profiles = sources.figures, sources.profiles
    built = build_boards(sources.runs, profiles=profiles, claims=sources.claims)
    boards = [with_cost_notes(board, _PROFILES) for board in built]
    published = build_sota(figures, sources.runs)
    systems = _systems(sources, boards)
    paths = {system.name: system.path for system in systems}
    shelf = Shelf(figures, sources.cards, sources.submissions)
    kit, kit_files = kit_page(published, boards, shelf, version=version)
    files = {**data_files(published, boards, figures, profiles), **kit_files}
    pages: list[Page] = [
        board_page(published, boards, paths),
        efficiency_page(profiles, boards, paths),
        systems_page(systems),
        *(system_page(system, paths) for system in systems),
        *compare_pages(boards),
        definitions_page(),
        kit,
        downloads_page(files),
    ]
    rendered = {page.path: render_page(page, version=version) for page in pages}
    return {**shared_assets(), **files, **rendered}


def _systems(sources: Sources, boards: Sequence[Board]) -> list[SystemRecord]:
    """Collect what is known of every system that has a figure, a run or a network here."""
    names = {figure.system for figure in sources.figures}
    names |= {run.system.name for run in sources.runs} | set(sources.cards)
    paths = system_paths(names)
    ids = board_ids(boards)
    return [
        SystemRecord(
            name=name,
            path=paths[name],
            card=sources.cards.get(name),
            figures=tuple(figure for figure in sources.figures if figure.system == name),
            boards=tuple(_rows_of(name, ids, boards)),
            profiles=tuple(p for p in sources.profiles if p.name == name),
            facts=tuple(_submitted_facts(name, sources.submissions)),
        )
        for name in sorted(names, key=_natural)
    ]


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort RTFS-Net-4 before RTFS-Net-12."""
    pieces = re.findall(r"\d+|\D+", name.lower())
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in pieces]


def _rows_of(name: str, ids: Sequence[str], boards: Sequence[Board]) -> Iterable[tuple[str, Board]]:
    """Cut boards down to the rows of one system."""
    for id, board in zip(ids, boards, strict=True):
        rows = tuple(row for row in board.rows if row.run.system.name == name)
        if rows:
            yield id, replace(board, rows=rows)


def _submitted_facts(name: str, submissions: Sequence[Content]) -> Iterable[Fact]:
    """Say what the authors of a system's submissions say of it."""
    for content in submissions:
        if name in systems_of(content):
            yield from _facts(content)


def _facts(content: Content) -> Iterable[Fact]:
    identity, method = content.identity, content.method
    yield Fact("submitted by", ", ".join(identity.authors))
    if paper := identity.paper:
        yield Fact("paper, as submitted", f"{paper.title} ({paper.year})", paper.url or "")
    if identity.code:
        yield Fact("code, as submitted", identity.code, identity.code)
    told: Mapping[str, str] = {
        "licence, as submitted": method.licence,
        "modality": method.modality,
        "causal": "yes" if method.causal else "no",
        "trained on": method.training_data,
        "visual encoder trained on": method.visual_pretraining,
        "checkpoint chosen": method.checkpoint_choice,
        "times trained": str(method.training_seeds),
    }
    yield from (Fact(term, text) for term, text in told.items() if text)
    yield from (Fact("note of the submitters", note) for note in method.notes)
