"""How the scores of a run spread over its targets: bars, quantiles, and the targets to look at."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bench.board.formats.texts import score_text, score_title
from bench.board.runs.rows import RANKED_BY, higher_is_better
from bench.board.runs.worst import WorstItem, worst_items
from bench.board.site.charts import Axis, Bar, draw_bars
from bench.board.site.models import Cell, Chart, Column, Row, Table
from bench.core.record import Record
from bench.metrics import find_metric
from bench.run.result import Run

__all__ = ["bars_of", "quantiles_table", "score_chart", "worst_table"]

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_WIDTHS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_MOST_BARS = 40
_WORST = 10


def bars_of(values: Sequence[float]) -> list[Bar]:
    """Count values in at most 40 bins of a round width."""
    low, high = min(values), max(values)
    fitting = [width for width in _WIDTHS if (high - low) / width <= _MOST_BARS - 2]
    width = fitting[0] if fitting else (high - low) / (_MOST_BARS - 2)
    first = math.floor(low / width)
    counts = [0] * (math.floor(high / width) - first + 1)
    for value in values:
        counts[math.floor(value / width) - first] += 1
    edges = [round((first + k) * width, 9) for k in range(len(counts) + 1)]
    return [Bar(a, b, count) for a, b, count in zip(edges, edges[1:], counts, strict=False)]


def _values(records: Sequence[Record], score: str) -> list[float]:
    return [value for record in records if (value := record.scores.get(score)) is not None]


def score_chart(run: Run, id: str, score: str = RANKED_BY) -> Chart | None:
    """Draw the distribution of one score of a run; None where no target has it."""
    values = _values(run.records, score)
    if not values:
        return None
    title, unit = score_title(score), find_metric(score.removesuffix("_i")).unit
    mean, median = float(np.mean(values)), float(np.median(values))
    low, high = (float(np.quantile(values, q)) for q in (_QUANTILES[0], _QUANTILES[-1]))
    return draw_bars(
        bars_of(values),
        id=id,
        title=f"{title} of every target",
        summary=(
            f"Nine in ten lie between {score_text(low, score)} and {score_text(high, score)}; mean "
            f"{score_text(mean, score)}, median {score_text(median, score)}."
        ),
        axis=Axis(f"{title} ({unit})" if unit else title, unit),
        lines=(("mean", mean),),
    )


def quantiles_table(run: Run, scores: Sequence[str], id: str) -> Table:
    """Make a table of the quantiles of some scores of a run."""
    columns = (
        Column("score", numeric=False),
        *(Column(f"{q:.0%}" if q != 0.5 else "median") for q in _QUANTILES),
        Column("mean"),
        Column("scored"),
    )
    rows = []
    for score in scores:
        values = _values(run.records, score)
        if values:
            quantiles = [float(np.quantile(values, q)) for q in _QUANTILES]
            numbers = [*quantiles, float(np.mean(values))]
            cells = (Cell(score_text(number, score), number) for number in numbers)
            rows.append(Row((Cell(score_title(score)), *cells, Cell(str(len(values))))))
    caption = "How the scores spread over the targets: so many of them lie below."
    return Table(id, caption, columns, tuple(rows), plain=True)


def worst_table(run: Run, scores: Sequence[str], id: str) -> Table | None:
    """Make a table of the worst targets of a run; None where it has no score to sort by."""
    if RANKED_BY not in run.summary.aggregates:
        return None
    columns = (
        Column("target", numeric=False),
        *(Column(score_title(score), descending=higher_is_better(score)) for score in scores),
        Column("outcome", numeric=False),
    )
    rows = tuple(_worst_row(item, scores) for item in worst_items([run], _WORST))
    caption = f"The {len(rows)} worst targets, failed ones first: listen to these."
    return Table(id, caption, columns, rows, plain=True)


def _worst_row(item: WorstItem, scores: Sequence[str]) -> Row:
    record = item.record
    # Why a score is undefined our metrics say; an exception may name a path, a stranger anything.
    ours = record.status == "undefined" and item.run.provenance == "reproduced"
    outcome = record.error or "" if ours else record.status.replace("ok", "")
    values = [record.scores.get(score) for score in scores]
    return Row(
        (
            Cell(f"{record.mixture}/s{record.target}"),
            *(
                Cell("" if value is None else score_text(value, score), value)
                for value, score in zip(values, scores, strict=True)
            ),
            Cell(outcome),
        )
    )
