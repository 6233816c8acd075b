"""The page of definitions: what every metric id, column of a paper, mark and data set means."""

from __future__ import annotations

from bench.board.site.models import Cell, Column, Fact, Page, Row, Section, Table
from bench.board.sota.sources import GRADE_MEANINGS
from bench.core.provenance import MEANINGS, PROVENANCES
from bench.datasets import list_datasets, load_card
from bench.metrics import find_metric, list_metrics
from bench.metrics.as_published import PublishedMetric, list_protocols, list_published
from bench.metrics.registry import Metric

__all__ = ["FROM_COLUMN", "PATH", "definitions_page", "metric_address"]

PATH = "definitions.html"
# Says where the figures of a row come from; its heading leads to what the marks mean.
FROM_COLUMN = Column("from", numeric=False, href=f"{PATH}#provenance")


def metric_address(metric_id: str) -> str:
    """Return where a metric id, or that of a paper's column, is defined on the site."""
    return f"{PATH}#{metric_id.removesuffix('_i')}"


def definitions_page() -> Page:
    """Make the page."""
    lead = (
        "One name, one definition. A metric's id names exactly what is computed; papers use one "
        "word for several of them.",
    )
    sections = (_provenance(), _metrics(), _papers(), _data_sets())
    return Page(PATH, "Definitions", lead, sections, PATH)


def _provenance() -> Section:
    marks = tuple(
        Row((Cell(name, mark=name), Cell(MEANINGS[name])), id=f"provenance-{name}")
        for name in PROVENANCES
    )
    grades = tuple(Row((Cell(name), Cell(meaning))) for name, meaning in GRADE_MEANINGS.items())
    columns = (Column("mark", numeric=False), Column("a number that was", numeric=False))
    graded = (Column("grade", numeric=False), Column("read in", numeric=False))
    return Section(
        "provenance",
        "Where a number comes from",
        ("The fuller the circle, the more of the number has been seen by this benchmark.",),
        tables=(
            Table("marks", "Provenance of every row.", columns, marks, plain=True),
            Table("grades", "Sources of published figures.", graded, grades, plain=True),
        ),
    )


def _metrics() -> Section:
    columns = (
        Column("id", numeric=False),
        Column("name", numeric=False),
        Column("definition", numeric=False),
        Column("unit", numeric=False),
        Column("range", numeric=False),
        Column("better", numeric=False),
        Column("no value for", numeric=False),
        Column("version", numeric=False),
    )
    rows = tuple(_metric_row(find_metric(id)) for id in list_metrics())
    return Section(
        "metrics",
        "Metrics of this benchmark",
        (
            "An id with “_i” at its end is the improvement over the unprocessed mixture. A score "
            "that does not exist for an item is left out of the mean, and the row says how many "
            "were scored; it is never a number that stands in for it.",
        ),
        tables=(Table("metric-ids", "Every metric id.", columns, rows),),
    )


def _metric_row(metric: Metric) -> Row:
    texts = (
        metric.id,
        metric.name,
        f"{metric.definition}.",
        metric.unit or "-",
        _range(metric),
        "higher" if metric.higher_is_better else "lower",
        metric.undefined,
        metric.version,
    )
    return Row(tuple(map(Cell, texts)), id=metric.id)


def _range(metric: Metric) -> str:
    if metric.lowest is None and metric.highest is None:
        return "any"
    low = "" if metric.lowest is None else f"{metric.lowest:g}"
    high = "" if metric.highest is None else f"{metric.highest:g}"
    if not high:
        return f"from {low}"
    return f"{low} to {high}" if low else f"up to {high}"


def _papers() -> Section:
    columns = (
        Column("column", numeric=False),
        Column("what the code computes", numeric=False),
        Column("readers take it for", numeric=False),
        Column("id", numeric=False),
    )
    tables = tuple(
        Table(
            f"protocol-{protocol}",
            f"{protocol}: what its released code computes.",
            columns,
            tuple(map(_column_row, list_published(protocol))),
            plain=True,
        )
        for protocol in list_protocols()
    )
    return Section(
        "papers",
        "What each paper's code uses",
        (
            "Read in the released code; whether a paper's table was made by exactly that code is "
            "not known. These ids are for understanding printed figures and are never ranked "
            "against the metrics above.",
        ),
        tables=tables,
    )


def _column_row(column: PublishedMetric) -> Row:
    standard = Cell(column.standard, href=metric_address(column.standard))
    cells = (Cell(column.column), Cell(f"{column.definition}."), standard, Cell(column.id))
    return Row(cells, id=column.id)


def _data_sets() -> Section:
    facts = []
    for id in list_datasets():
        card = load_card(id)
        said = " ".join(filter(None, (card.summary, card.made, card.caution)))
        facts.append(Fact(f"{card.name} ({id})", said))
    return Section(
        "data-sets",
        "Data sets",
        ("Figures of different lists are never compared, even where papers call them alike.",),
        facts=tuple(facts),
    )
