"""The compare pages: a matrix per board, and a page for every pair, made beforehand.

There is no server, so every pair of the best rows of a board has a page of its own; the matrix
leads to them without scripts, and a chooser with them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bench.board.comparison import tables as compare_tables
from bench.board.comparison.compare import RunComparison, compare_runs
from bench.board.formats.texts import score_decimals, score_title
from bench.board.runs.rows import Board
from bench.board.runs.rows import Row as BoardRow
from bench.board.site.addresses import unique_slugs
from bench.board.site.charts import Axis, draw_bars
from bench.board.site.distributions import bars_of
from bench.board.site.models import Cell, Chart, Column, Fact, Page, Row, Section, Table
from bench.board.site.names import board_ids, board_name
from bench.errors import BenchError
from bench.metrics import find_metric

__all__ = ["MOST_ROWS", "PATH", "compare_pages"]

PATH = "compare.html"
# A board of so many rows has 276 pairs; further rows are compared on the command line.
MOST_ROWS = 24


@dataclass(frozen=True)
class _Pair:
    """Two rows of a board, side by side.

    Attributes:
        path: Of their page.
        comparison: None where they cannot be compared.
        problem: Why not; empty where they can.
    """

    path: str
    comparison: RunComparison | None = None
    problem: str = ""


_Pairs = Mapping[tuple[str, str], _Pair]


def compare_pages(boards: Sequence[Board]) -> list[Page]:
    """Make the page of matrices and the pages of all pairs, those of the best rows first."""
    sections, chooser, pages = [], [], []
    for id, board in zip(board_ids(boards), boards, strict=True):
        rows = _labelled(board)
        if len(rows) < 2:
            continue
        pairs = _compared(id, rows)
        sections.append(_matrix(id, board, list(rows), pairs))
        for (first, second), pair in pairs.items():
            if pair.comparison is not None:
                named = [f"{label} on {board_name(board)}" for label in (first, second)]
                chooser.append((named[0], named[1], pair.path))
                pages.append(_pair_page(pair.path, board, pair.comparison, (first, second)))
    lead = (
        "Two systems on the same mixtures, target by target. Choose a pair, or follow a difference "
        "in the matrix."
        if sections
        else "There is nothing to compare yet: a pair needs two runs or submissions on one data "
        "set. avss-bench run makes runs; avss-bench site shows them here.",
    )
    return [Page(PATH, "Compare", lead, tuple(sections), PATH, tuple(chooser)), *pages]


def _labelled(board: Board) -> dict[str, BoardRow]:
    """Return the first rows of a board by names of their own."""
    labels = [row.label for row in board.rows]
    named: dict[str, BoardRow] = {}
    for row in board.rows[:MOST_ROWS]:
        alone = labels.count(row.label) == 1
        name = base = row.label if alone else f"{row.label} [{row.run.id[-12:]}]"
        number = 2
        while name in named:  # strangers may call two runs alike
            name, number = f"{base} ({number})", number + 1
        named[name] = row
    return named


def _compared(id: str, rows: Mapping[str, BoardRow]) -> dict[tuple[str, str], _Pair]:
    slugs = unique_slugs(rows)
    pairs = {}
    for first, second in combinations(rows, 2):
        one, other = sorted((slugs[first], slugs[second]))  # whoever is ahead today
        path = f"compare/{id}/{one}--{other}.html"
        try:
            pairs[first, second] = _Pair(path, compare_runs(rows[first].run, rows[second].run))
        except BenchError as error:
            pairs[first, second] = _Pair(path, problem=str(error))
    return pairs


def _matrix(id: str, board: Board, labels: Sequence[str], pairs: _Pairs) -> Section:
    score = _matrix_score(board, pairs)
    title = score_title(score) if score else "score"
    columns = (Column("", numeric=False), *(Column(label) for label in labels))
    rows = tuple(
        Row((Cell(own), *(_difference(own, other, pairs, score) for other in labels)))
        for own in labels
    )
    caption = f"{title} of the row less that of the column; bold: better at the 95 % level."
    left_out = len(board.rows) - len(labels)
    notes = [f"{' and '.join(p)}: {pair.problem}" for p, pair in pairs.items() if pair.problem]
    if left_out:
        notes.append(f"{left_out} more rows of the board: avss-bench compare has their pairs.")
    return Section(
        id,
        board_name(board),
        tables=(Table(f"{id}-matrix", caption, columns, rows, plain=True),),
        notes=(
            "Better at the 95 % level: after correction over the scores, and with what one system "
            "could not score counted against it. Intervals are over test items, not trainings.",
            *notes,
        ),
    )


def _matrix_score(board: Board, pairs: _Pairs) -> str:
    """Return the first score of the board that any pair has in common; empty without one."""
    shared = {s.score for pair in pairs.values() if pair.comparison for s in pair.comparison.scores}
    return next((score for score in board.scores if score in shared), "")


def _difference(own: str, other: str, pairs: _Pairs, score: str) -> Cell:
    """Make the cell of a pair; each stands in the matrix twice, with opposite signs."""
    pair, sign = pairs.get((own, other)), 1
    if pair is None:
        pair, sign = pairs.get((other, own)), -1
    if pair is None:
        return Cell("")
    if pair.comparison is None:
        return Cell("-", tip=pair.problem)
    lead = next((found for found in pair.comparison.scores if found.score == score), None)
    if lead is None:
        return Cell("-", href=pair.path, tip=f"Not both have {score_title(score)}.")
    found, digits = lead.difference, score_decimals(lead.score)
    low, high = sorted((sign * found.low, sign * found.high))
    said = f"{own} less {other}"
    if math.isfinite(low):
        said += f": 95 % interval {low:+z.{digits}f} to {high:+z.{digits}f}"
    better = lead.better == (1 if sign == 1 else 2)
    return Cell(
        f"{sign * found.mean:+z.{digits}f}",
        sign * found.mean,
        href=pair.path,
        tip=said,
        place=1 if better else 0,
    )


def _pair_page(path: str, board: Board, comparison: RunComparison, labels: tuple[str, str]) -> Page:
    names = {"A": labels[0], "B": labels[1], "A-B": "difference"}
    sections = [
        Section(
            "scores",
            "Scores",
            facts=(
                Fact("A", labels[0]),
                Fact("B", labels[1]),
                Fact("data", f"{board_name(board)}, {comparison.data} data"),
                Fact("targets", str(comparison.targets)),
            ),
            charts=tuple(_charts(comparison)),
            tables=(_shown("scores-table", compare_tables.scores_table(comparison), names),),
            notes=(*comparison.warnings, *comparison.notes),
        ),
        Section(
            "mixtures",
            "Mixtures that differ most",
            tables=(_shown("mixtures-table", compare_tables.mixtures_table(comparison), names),),
        ),
    ]
    if comparison.conditions:
        table = _shown("conditions-table", compare_tables.conditions_table(comparison), names)
        sections.append(Section("conditions", "By condition", tables=(table,)))
    lead = (compare_tables.conclusion(comparison),)
    return Page(path, f"{labels[0]} and {labels[1]}", lead, tuple(sections), PATH)


def _charts(comparison: RunComparison) -> Iterable[Chart]:
    pairs, score = comparison.lead, comparison.scores[0].score
    differences = [float(value) for value in pairs.first - pairs.second]
    if not differences:
        return
    unit = find_metric(score.removesuffix("_i")).unit
    title = f"difference in {score_title(score)}"
    won = sum(value > 0 for value in differences) / len(differences)
    yield draw_bars(
        bars_of(differences),
        id="differences",
        title=f"{title[0].upper()}{title[1:]}, target by target",
        summary=f"{comparison.labels[0]} has the higher score on {won:.0%} of the targets.",
        axis=Axis(f"{title} ({unit})" if unit else title, unit),
        lines=(("mean", comparison.scores[0].difference.mean),),
    )


def _shown(id: str, table: compare_tables.Table, names: Mapping[str, str]) -> Table:
    """Take over a table of texts."""
    columns = tuple(
        Column(names.get(header, header), numeric=place >= table.words)
        for place, header in enumerate(table.headers)
    )
    rows = tuple(Row(tuple(Cell(text) for text in row)) for row in table.rows)
    return Table(id, f"{table.title}.", columns, rows, plain=True)
