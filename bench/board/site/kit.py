"""The paper kit: tables, a sentence of methods and references, to copy into a paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.board.formats.escapes import latex_escape
from bench.board.formats.latex import to_latex
from bench.board.formats.texts import score_title
from bench.board.runs.rows import Board
from bench.board.site.models import Page, Section, Snippet
from bench.board.site.names import board_ids, board_name, list_name
from bench.board.site.references import Shelf, bibliography, references_of
from bench.board.sota.latex import to_latex as sota_to_latex
from bench.board.sota.tables import SotaTable
from bench.datasets import list_datasets, load_card
from bench.metrics import find_metric

__all__ = ["PATH", "kit_page", "methods_sentence"]

PATH = "kit.html"
_LEAD = (
    "Copy, paste, cite. The tables compile with the package booktabs as they are; what their "
    "figures mean stands below them, since a figure without its definition cannot be compared.",
)


def kit_page(
    published: Sequence[SotaTable],
    boards: Sequence[Board],
    shelf: Shelf,
    *,
    version: str,
) -> tuple[Page, dict[str, bytes]]:
    """Make the page and the files that it offers.

    Args:
        published: Tables of printed figures.
        boards: Of runs and submissions.
        shelf: Where the papers of systems are known from.
        version: Of this package.
    """
    sections = []
    for id, board in zip(board_ids(boards), boards, strict=True):
        systems = [row.run.system.name for row in board.rows]
        texts = [
            ("scored.tex", "Table", to_latex(board)),
            ("methods.tex", "Methods", methods_sentence(board, version=version)),
            ("scored.bib", "References", bibliography(*references_of(systems, shelf))),
        ]
        sections.append(_section(f"{id}-scored", f"{board_name(board)}, scored", id, texts))
    for table in published:
        systems = [row.system for row in table.rows if row.cells]
        texts = [
            ("printed.tex", "Table", sota_to_latex(table)),
            ("printed.bib", "References", bibliography(*references_of(systems, shelf))),
        ]
        id, title = table.list_id, f"{list_name(table.list_id)}, as printed"
        sections.append(_section(f"{id}-printed", title, id, texts))
    files = {snippet.href: snippet.text.encode() for part in sections for snippet in part.snippets}
    return Page(PATH, "Paper kit", _LEAD, tuple(sections), PATH), files


def _section(id: str, title: str, place: str, texts: Iterable[tuple[str, str, str]]) -> Section:
    snippets = tuple(
        Snippet(f"{place}-{name.replace('.', '-')}", heading, text, f"data/{place}-{name}")
        for name, heading, text in texts
    )
    return Section(id, title, snippets=snippets)


def methods_sentence(board: Board, *, version: str) -> str:
    """Say in LaTeX how the rows of a board were scored."""
    plan = board.rows[0].run.plan
    card = load_card(board.dataset) if board.dataset in list_datasets() else None
    made = f" ({card.mixture_list.mixtures} mixtures)" if card else ""
    scores = "; ".join(
        f"{score_title(score)}: {find_metric(score.removesuffix('_i')).definition}"
        for score in board.scores
    )
    improvements = ", ".join(score_title(score) for score in board.scores if score.endswith("_i"))
    over = f" {improvements}: improvements over the unprocessed mixture." if improvements else ""
    text = (
        f"All systems were scored with avss-bench {version} on {list_name(board.dataset)}{made}, "
        f"mixture list SHA-256 {plan.list_sha256[:12]}; values are means over "
        f"{_span(cell.scored for row in board.rows for cell in row.cells.values())} targets. "
        f"Metrics: {scores}.{over} {_intervals(board)}"
    )
    return latex_escape(text) + "\n"


def _intervals(board: Board) -> str:
    """Say what the intervals of the rows that have one are over."""
    summaries = [
        row.run.summary
        for row in board.rows
        if any(cell.interval and cell.interval.known for cell in row.cells.values())
    ]
    if not summaries:
        return "There are no intervals: the targets are of too few clusters."
    return (
        "Intervals are 95 % intervals over test items from a two-way cluster bootstrap over "
        f"{_span(found.target_clusters for found in summaries)} target and "
        f"{_span(found.interferer_clusters for found in summaries)} interferer clusters, not over "
        "training seeds."
    )


def _span(counts: Iterable[int]) -> str:
    """Write one number, or the lowest and the highest of several; scores of no target have none."""
    known = sorted(count for count in counts if count) or [0]
    return f"{known[0]}" if known[0] == known[-1] else f"{known[0]} to {known[-1]}"
