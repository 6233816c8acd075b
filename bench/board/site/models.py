"""What a page shows, apart from how: the border between the board's figures and the templates.

Whoever changes where figures come from changes the modules that fill these; whoever changes how a
page looks changes the templates. Addresses are relative to the top of the site.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "Cell",
    "Chart",
    "Column",
    "Fact",
    "Group",
    "Page",
    "Row",
    "Section",
    "Snippet",
    "Table",
]

_FEW_ROWS = 7


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        title: Its heading.
        group: Heading over several columns; empty = none.
        numeric: Whether it sorts by number.
        descending: Whether the first click shows the largest values first.
        href: Where its definition stands.
        tip: One sentence for those who point at the heading.
    """

    title: str
    group: str = ""
    numeric: bool = True
    descending: bool = True
    href: str = ""
    tip: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: What is printed; empty = nothing is known.
        order: Number that it sorts by; None = by its text, or last in a numeric column.
        below: Second line, small.
        href: Where it leads.
        tip: What to say to those who point at it or reach it with the keyboard.
        place: 1 for the best of its column, 2 for the second, else 0.
        mark: Provenance shown as a sign before the text.
        signs: Raised after the text; None where the column has none, so that numbers line up.
        flags: Short words after the text.
    """

    text: str
    order: float | None = None
    below: str = ""
    href: str = ""
    tip: str = ""
    place: int = 0
    mark: str = ""
    signs: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        cells: One per column.
        facets: What the filters look at, by the name of the filter.
        id: Anchor; empty = none.
        quiet: Whether the row stands back, since it is not ranked.
    """

    cells: tuple[Cell, ...]
    facets: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        id: Anchor, unique on its page.
        caption: What it shows, one sentence.
        columns: Its columns.
        rows: Its rows, in the order in which they are read without scripts.
        header: Number of the column that names the row.
        filters: Names of the facets that a reader may choose by.
        folded: Groups of columns that scripts put away until they are asked for.
        plain: Whether it is not worth sorting.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    header: int = 0
    filters: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    plain: bool = False

    @property
    def groups(self) -> tuple[Group, ...]:
        """The headings over several columns, with the number of columns below each."""
        groups: list[Group] = []
        for column in self.columns:
            if groups and groups[-1].title == column.group:
                groups[-1] = Group(column.group, groups[-1].span + 1)
            else:
                groups.append(Group(column.group, 1))
        return tuple(groups)

    @property
    def controls(self) -> bool:
        """Whether there are enough rows to search and filter them."""
        return not self.plain and len(self.rows) > _FEW_ROWS

    @property
    def grouped(self) -> bool:
        """Whether there are such headings."""
        return any(column.group for column in self.columns)

    @property
    def choices(self) -> dict[str, list[str]]:
        """What can be chosen in each filter."""
        return {
            name: sorted({row.facets[name] for row in self.rows if row.facets.get(name)})
            for name in self.filters
        }


@dataclass(frozen=True)
class Group:
    """A heading over neighbouring columns."""

    title: str
    span: int


@dataclass(frozen=True)
class Chart:
    """A picture, for wide and for narrow windows, and what it says for those who do not see it.

    Attributes:
        id: Anchor, unique on its page.
        title: What it shows.
        summary: One or two sentences that say what is to be seen.
        wide: SVG.
        narrow: SVG.
    """

    id: str
    title: str
    summary: str
    wide: str
    narrow: str


@dataclass(frozen=True)
class Fact:
    """A term and what is known of it.

    Attributes:
        term: What.
        text: The answer.
        href: Where it leads: below the site, or an address of the web.
    """

    term: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class Snippet:
    """A text to copy.

    Attributes:
        id: Anchor, unique on its page.
        title: What it is.
        text: The text.
        href: The same as a file.
    """

    id: str
    title: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class Section:
    """A part of a page: its parts are shown in the order of the attributes.

    Attributes:
        id: Anchor, unique on its page.
        title: Heading.
        text: Paragraphs.
        facts: Terms and answers.
        charts: Pictures.
        tables: Tables.
        snippets: Texts to copy.
        notes: Sentences below the tables.
        notes_title: What many notes are about.
        links: Where more stands.
    """

    id: str
    title: str
    text: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    snippets: tuple[Snippet, ...] = ()
    notes: tuple[str, ...] = ()
    notes_title: str = "Notes"
    links: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        path: Below the top of the site, "systems/ctcnet.html".
        title: Heading.
        lead: What the page is for, paragraphs.
        sections: Its parts.
        place: Path of the page in the navigation that it belongs to.
        chooser: Pairs that can be looked up, (first, second, address); the compare page alone.
        legend: Marks of provenance that are explained below the lead, (mark, meaning).
    """

    path: str
    title: str
    lead: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    place: str = ""
    chooser: tuple[tuple[str, str, str], ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
