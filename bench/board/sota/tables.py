"""What a table of the state of the art consists of: tables, rows, cells, and what is said below.

Every cell says what it is (definition or condition), how near its source is to the authors, and who
prints another value. Signs are short: they are explained once, by the marks of the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bench.board.published import Grade, Kind
from bench.core.provenance import Provenance

__all__ = [
    "ROW_KINDS",
    "Mark",
    "Printed",
    "RowKind",
    "SotaCell",
    "SotaColumn",
    "SotaRow",
    "SotaTable",
]

RowKind = Kind | Literal["re-implementation", "own"]

# Digits that no figure has; behind them is what a subtraction leaves of binary fractions.
_EXACT = 9

ROW_KINDS: tuple[RowKind, ...] = ("published", "oracle", "baseline", "re-implementation", "own")


@dataclass(frozen=True)
class Printed:
    """Another printed value of a cell's quantity.

    Attributes:
        text: As printed.
        condition: Of a cost: length of the input and device; empty for scores and sizes.
        grade: How near the source is to the authors.
        source: Every place that prints it.
        source_url: Where it was read first.
    """

    text: str
    condition: str
    grade: Grade
    source: str
    source_url: str


@dataclass(frozen=True)
class SotaCell:
    """One figure of one system.

    Attributes:
        text: As printed, without signs; other values of the same quantity in brackets.
        value: The number that ranks and sorts; None where there is none.
        grade: How near the source is to the authors; None for what was measured.
        definition: Sign of the definition or condition, explained by the table's marks; empty where
            it is the column's own, "?" where it is not known.
        meaning: That definition or condition in words.
        metric_id: Id of what the figure really is; empty where nobody knows.
        conflicts: Other values of the same quantity.
        elsewhere: Values under other conditions.
        disputed: Whether somebody prints another value, be it under one of the other conditions.
        footnote: Number of the note that names who contradicts; 0 = nobody.
        source: Every place that prints the value, or the run.
        source_url: Where it was read first.
        note: What a reader must know.
        place: 1 for the best of the column, 2 for the second, else 0.
        to_published: Measured less published, of the same definition; None where there is no such
            pair.
        to_published_text: The same with the digits of the coarser figure, "+0.1".
        to_anchor: Difference (scores) or ratio (costs) to the system compared with; None where the
            two figures are not of one kind.
        to_anchor_text: The same with the digits of the coarser figure, "+2.7" or "×0.24".
    """

    text: str
    value: float | None
    grade: Grade | None = None
    definition: str = ""
    meaning: str = ""
    metric_id: str = ""
    conflicts: tuple[Printed, ...] = ()
    elsewhere: tuple[Printed, ...] = ()
    disputed: bool = False
    footnote: int = 0
    source: str = ""
    source_url: str = ""
    note: str = ""
    place: int = 0
    to_published: float | None = None
    to_published_text: str = ""
    to_anchor: float | None = None
    to_anchor_text: str = ""

    @property
    def decimals(self) -> int:
        """Digits behind the point of the value, as it is shown."""
        return len(self.text.split(maxsplit=1)[0].partition(".")[2])

    def less(self, other: SotaCell) -> tuple[float, str] | None:
        """Return the difference to another figure, and its text with the coarser one's digits.

        None where one of the two has no value.
        """
        if self.value is None or other.value is None:
            return None
        difference = round(self.value - other.value, _EXACT)
        return difference, f"{difference:+z.{min(self.decimals, other.decimals)}f}"


@dataclass(frozen=True)
class SotaColumn:
    """One quantity.

    Attributes:
        id: The column as papers print it ("SI-SNRi").
        title: With its unit and, for costs, the length of the input.
        unit: As printed.
        cost: Whether it is a size or a time: less is better, ratios instead of differences.
        higher_is_better: Which way.
        condition: Of every cost whose cell says no other; empty for scores and sizes.
        ranked: Whether ranks come from it.
    """

    id: str
    title: str
    unit: str
    cost: bool
    higher_is_better: bool
    condition: str = ""
    ranked: bool = False


@dataclass(frozen=True)
class SotaRow:
    """One system of one provenance.

    Attributes:
        system: Its name, as tables spell it.
        label: The name with what makes the row a variant.
        year: Of the paper; None where there is none.
        provenance: Where its figures come from.
        kind: What the row is: of the system, of an oracle, of a baseline, of a re-implementation.
        rank: "1", or empty where the row is not ranked.
        reason: Why it is not ranked; empty where it is.
        cells: By column id; what nobody printed is absent.
        run: Id of the run; empty for published figures.
        notes: What must be said wherever the run stands, one sentence each.
    """

    system: str
    label: str
    year: int | None
    provenance: Provenance
    kind: RowKind
    rank: str = ""
    reason: str = ""
    cells: Mapping[str, SotaCell] = field(default_factory=dict)
    run: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mark:
    """A sign and what it says.

    Attributes:
        sign: A letter, "?", or the sign of a grade.
        meaning: In words.
        kind: What it is said of: what a score is, how a cost was measured, where a figure is from.
    """

    sign: str
    meaning: str
    kind: Literal["definition", "condition", "grade"]


@dataclass(frozen=True)
class SotaTable:
    """All that is known of one mixture list.

    Attributes:
        list_id: Id of the list.
        title: What the list is, one line.
        columns: In order of importance: where there is no room, the last ones go first.
        rows: Best first.
        marks: Signs of the cells.
        footnotes: Who contradicts; number 1 first.
        notes: How it is ranked; who is not, and why; what must be said of runs.
        strict: Whether only figures of one definition are ranked.
        anchor: Label of the system that differences and ratios are to; empty without one.
    """

    list_id: str
    title: str
    columns: tuple[SotaColumn, ...]
    rows: tuple[SotaRow, ...]
    marks: tuple[Mark, ...] = ()
    footnotes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    strict: bool = True
    anchor: str = ""
