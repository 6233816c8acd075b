"""The pages of the systems: what is known of each, all its figures, and how its scores spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.board.published import Figure
from bench.board.runs.rows import Board
from bench.board.runs.rows import Row as BoardRow
from bench.board.site.definitions import metric_address
from bench.board.site.distributions import quantiles_table, score_chart, worst_table
from bench.board.site.models import Cell, Column, Fact, Page, Row, Section, Table
from bench.board.site.names import list_name
from bench.board.site.printed_tables import figure_anchor
from bench.board.site.references import paper_address
from bench.board.site.scored_tables import scored_table
from bench.board.sota.meanings import meaning_of
from bench.board.sota.sources import GRADE_MEANINGS, conflicts_with
from bench.core.provenance import PROVENANCES
from bench.efficiency.profile import Profile
from bench.separators.card import Card

__all__ = ["PATH", "SystemRecord", "system_page", "systems_page"]

PATH = "systems.html"
_KINDS = {
    "published": "a published system",
    "re-implementation": "a re-implementation from the paper: no public code exists",
    "own": "a system of its submitters",
    "oracle": "an oracle: it sees the references",
    "baseline": "a baseline",
}


@dataclass(frozen=True)
class SystemRecord:
    """All that is known of one system.

    Attributes:
        name: As tables call it.
        path: Of its page.
        card: What this benchmark knows; None for a system that is not here.
        figures: Printed figures.
        boards: Boards it stands on, cut down to its rows, with their anchors.
        profiles: What it costs.
        facts: What its submitters say.
    """

    name: str
    path: str
    card: Card | None = None
    figures: tuple[Figure, ...] = ()
    boards: tuple[tuple[str, Board], ...] = ()
    profiles: tuple[Profile, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def rows(self) -> list[BoardRow]:
        """Its rows of all boards."""
        return [row for _, board in self.boards for row in board.rows]

    @property
    def provenances(self) -> list[str]:
        """Where its figures come from, the best last."""
        found: set[str] = {row.run.provenance for row in self.rows}
        found |= {"published"} if self.figures else set()
        return [name for name in PROVENANCES if name in found]


def systems_page(systems: Sequence[SystemRecord]) -> Page:
    """Make the list of all systems."""
    columns = (
        Column("system", numeric=False),
        Column("year"),
        Column("what it is", numeric=False),
        Column("figures", numeric=False),
        Column("printed", tip="Number of printed figures."),
        Column("scored", tip="Runs and submissions."),
        Column("separator (M)", descending=False, tip="Parameters, lip encoder apart."),
        Column("runs here", numeric=False, tip="Whether this benchmark has the network."),
    )
    rows = tuple(map(_system_row, systems))
    table = Table("systems", "Every system with a figure or a network here.", columns, rows)
    lead = ("Every page holds what is known of a system: all its figures, wherever printed.",)
    return Page(PATH, "Systems", lead, (Section("all", "All systems", tables=(table,)),), PATH)


def _system_row(system: SystemRecord) -> Row:
    best = system.provenances[-1] if system.provenances else ""
    card = system.card
    size = card.parameters.separator / 1e6 if card and card.parameters else None
    cells = (
        Cell(system.name, href=system.path),
        Cell(str(_year(system) or ""), _year(system)),
        Cell(card.summary if card else ""),
        Cell(", ".join(system.provenances) or "none", mark=best),
        Cell(str(len(system.figures) or ""), len(system.figures) or None),
        Cell(str(len(system.rows) or ""), len(system.rows) or None),
        Cell("" if size is None else f"{size:.2f}", size),
        Cell("yes" if card else "no"),
    )
    return Row(cells)


def _year(system: SystemRecord) -> int | None:
    if system.card and system.card.paper:
        return system.card.paper.year
    return system.figures[0].year if system.figures else None


def system_page(system: SystemRecord, paths: Mapping[str, str]) -> Page:
    """Make the page of one system."""
    sections = [_about(system)]
    if system.boards:
        sections.append(_scored(system, paths))
        sections += [
            _spread(f"{id}-{number}", board, row)
            for id, board in system.boards
            for number, row in enumerate(board.rows, 1)
        ]
    if system.figures:
        sections.append(_printed(system))
    lead = (_sentence(system.card.summary),) if system.card else ()
    return Page(system.path, system.name, lead, tuple(sections), PATH)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _about(system: SystemRecord) -> Section:
    facts = [*_card_facts(system.card), *_cost_facts(system.profiles)] if system.card else []
    if not system.card and system.figures:
        facts = list(_paper_facts(system.figures[0]))
    notes = system.card.notes if system.card else ()
    ours = () if system.card or system.facts else ("This benchmark has no network of this system.",)
    return Section("about", "About", ours, (*facts, *system.facts), notes=notes)


def _paper_facts(figure: Figure) -> Iterable[Fact]:
    address = paper_address(figure.arxiv)
    if figure.paper:
        yield Fact("paper", figure.paper, address)
    yield Fact("year", str(figure.year))


def _card_facts(card: Card) -> Iterable[Fact]:
    yield Fact("kind", _KINDS[card.kind])
    if paper := card.paper:
        yield Fact("paper", paper.title, paper.url)
        yield Fact("authors", paper.authors)
        yield Fact("published", f"{paper.venue}, {paper.year}")
        if paper.code:
            yield Fact("code", paper.code.removeprefix("https://"), paper.code)
        if paper.code_licence:
            yield Fact("licence of the code", paper.code_licence)
    yield Fact("id", card.id)
    if sizes := card.parameters:
        yield Fact("parameters of the separator", f"{sizes.separator:,}")
        if sizes.lip_encoder:
            yield Fact("parameters of the lip encoder", f"{sizes.lip_encoder:,}")
        if sizes.face_encoder:
            yield Fact("parameters of the face encoder", f"{sizes.face_encoder:,}")
    if card.is_network:
        ahead, chunk = card.look_ahead_s, card.smallest_chunk_s
        yield Fact("look-ahead", "the whole mixture" if ahead is None else f"{ahead:g} s")
        yield Fact("smallest chunk", "the whole mixture" if chunk is None else f"{chunk:g} s")
    for name, given in card.mouth_inputs.items():
        yield Fact(f"mouths, {name}", given.note or f"{given.stream}, {given.size} pixels")
    for file in card.files:
        yield Fact(f"weights, {file.role.replace('_', ' ')}", file.where)


def _cost_facts(profiles: Sequence[Profile]) -> Iterable[Fact]:
    for profile in profiles[:1]:
        costs = profile.cost(1.0)
        if costs is not None:
            text = f"{costs.mixture.total / 1e9:.2f} G MAC per second of audio, both targets"
            yield Fact("computation", text, "efficiency.html#costs")


def _scored(system: SystemRecord, paths: Mapping[str, str]) -> Section:
    tables = tuple(scored_table(board, id, paths) for id, board in system.boards)
    notes = [
        f"{row.label}: {note}."
        for row in system.rows
        for note in (*row.run.plan.marks, *row.run.system.notes, *row.run.summary.symptoms)
    ]
    return Section(
        "scored",
        "Scored by this benchmark",
        tables=tables,
        notes=tuple(dict.fromkeys(notes)),
        links=(Fact("Compare with another system", "", "compare.html"),),
    )


def _spread(id: str, board: Board, row: BoardRow) -> Section:
    """Make the part that shows the single targets of one run."""
    chart = score_chart(row.run, f"{id}-spread")
    worst = worst_table(row.run, board.scores, f"{id}-worst")
    quantiles = quantiles_table(row.run, board.scores, f"{id}-quantiles")
    return Section(
        id,
        f"{row.label} on {list_name(board.dataset)}, target by target",
        facts=tuple(_run_facts(row)),
        charts=(chart,) if chart else (),
        tables=(quantiles, *((worst,) if worst else ())),
    )


def _run_facts(row: BoardRow) -> Iterable[Fact]:
    summary = row.run.summary
    yield Fact("run", row.run.id)
    counts = f"{summary.ok} ok, {summary.undefined} undefined, {summary.failed} failed"
    yield Fact("targets", counts)
    if summary.separation_failed is not None:
        yield Fact("improved by less than 1 dB", f"{summary.separation_failed:.1%}")
    if summary.nearer_to_interferer is not None:
        yield Fact("nearer to the other voice", f"{summary.nearer_to_interferer:.1%}")


def _printed(system: SystemRecord) -> Section:
    columns = (
        Column("list", numeric=False),
        Column("column", numeric=False),
        Column("value"),
        Column("unit", numeric=False),
        Column("what it is", numeric=False),
        Column("source", numeric=False),
        Column("grade", numeric=False),
        Column("note", numeric=False),
    )
    seen: set[str] = set()
    rows = tuple(_printed_row(figure, system.figures, seen) for figure in system.figures)
    return Section(
        "printed",
        "Printed figures",
        tables=(
            Table("figures", "Every printed figure, with its source.", columns, rows, 1, ("list",)),
        ),
    )


def _printed_row(figure: Figure, figures: Sequence[Figure], seen: set[str]) -> Row:
    anchor = figure_anchor(figure.list, figure.metric)
    conflicts = [f"{other.text} in {other.source}" for other in conflicts_with(figure, figures)]
    meaning = meaning_of(figure)
    cells = (
        Cell(figure.list or "-"),
        Cell(figure.metric),
        Cell(
            figure.value,
            figure.number,
            flags=("contradicted",) if conflicts else (),
            tip=f"But {'; '.join(conflicts)}." if conflicts else "",
        ),
        Cell(figure.unit),
        Cell(meaning, href=metric_address(figure.metric_id) if figure.metric_id else ""),
        Cell(figure.source, href=figure.source_url, below=figure.quoted_by),
        Cell(figure.grade, tip=f"{GRADE_MEANINGS[figure.grade]}."),
        Cell(figure.note),
    )
    first = anchor not in seen
    seen.add(anchor)
    return Row(cells, {"list": figure.list or "costs"}, id=anchor if first else "")
