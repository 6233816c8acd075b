"""BibTeX of the systems' papers, from what cards, published figures and submissions say.

Authors stand there only where one of these names them; nothing is looked up or guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.board.formats.escapes import latex_escape
from bench.board.published import Figure
from bench.board.site.addresses import slug
from bench.board.submissions import Content
from bench.separators.card import Card

__all__ = [
    "Reference",
    "Shelf",
    "bibliography",
    "paper_address",
    "references_of",
    "systems_of",
]

_ADDRESSES = {
    "openreview:": "https://openreview.net/forum?id=",
    "doi:": "https://doi.org/",
}
_JOURNALS = ("Transactions", "Journal", "Letters")


@dataclass(frozen=True)
class Reference:
    """One paper.

    Attributes:
        key: For `\\cite`.
        title: Of the paper.
        year: Of the paper.
        authors: Their names; empty where nobody here knows them.
        venue: Where it appeared; empty where that is not known.
        number: Of arXiv, or `doi:...`, or `openreview:...`; or empty.
        url: Where it lies; empty where that is not known.
        surnames: Whether the authors are known by their surnames alone.
    """

    key: str
    title: str
    year: int
    authors: tuple[str, ...] = ()
    venue: str = ""
    number: str = ""
    url: str = ""
    surnames: bool = False

    def bibtex(self) -> str:
        """Return the entry."""
        fields = {"title": f"{{{latex_escape(self.title)}}}"}
        if self.authors:
            names = [latex_escape(name) for name in self.authors]
            fields["author"] = " and ".join(map(_surname, names) if self.surnames else names)
        kind, place = _kind(self.venue)
        if place:
            fields[place] = latex_escape(self.venue)
        fields["year"] = str(self.year)
        if self.number.startswith("doi:"):
            fields["doi"] = self.number.removeprefix("doi:")
        elif re.fullmatch(r"\d{4}\.\d{4,5}", self.number):
            fields |= {"eprint": self.number, "archiveprefix": "arXiv"}
        if self.url:
            fields["url"] = self.url
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
        return "\n".join([f"@{kind}{{{self.key},", *lines, "}"])


def _surname(name: str) -> str:
    """Keep a surname of several words in one piece."""
    return f"{{{name}}}" if " " in name else name


def _kind(venue: str) -> tuple[str, str]:
    if not venue or venue == "arXiv":
        return "misc", ""
    if any(word in venue for word in _JOURNALS):
        return "article", "journal"
    return "inproceedings", "booktitle"


def paper_address(number: str) -> str:
    """Return the address of a paper by its number, as the published figures have it."""
    for prefix, address in _ADDRESSES.items():
        if number.startswith(prefix):
            return address + number.removeprefix(prefix)
    return f"https://arxiv.org/abs/{number}" if number else ""


@dataclass(frozen=True)
class Shelf:
    """Where papers are known from.

    Attributes:
        figures: Printed figures.
        cards: By the name of the system.
        submissions: Those that name a paper count.
    """

    figures: Sequence[Figure] = ()
    cards: Mapping[str, Card] = field(default_factory=dict)
    submissions: Sequence[Content] = ()


def references_of(systems: Iterable[str], shelf: Shelf) -> tuple[list[Reference], list[str]]:
    """Find the papers of some systems.

    Args:
        systems: Names, as tables call them.
        shelf: Where papers are known from.

    Returns:
        One reference per paper, and the systems without any.
    """
    found: dict[str, Reference] = {}
    unknown = []
    for name in sorted(set(systems), key=str.lower):
        reference = _of_card(name, shelf) or _of_figure(name, shelf) or _submitted(name, shelf)
        if reference is None:
            unknown.append(name)
        else:
            found.setdefault(reference.title.lower(), reference)
    return list(found.values()), unknown


def _of_card(name: str, shelf: Shelf) -> Reference | None:
    card = shelf.cards.get(name)
    if card is None or card.paper is None:
        return None
    paper = card.paper
    authors = tuple(part.strip() for part in paper.authors.split(",") if part.strip())
    number = next((f.arxiv for f in shelf.figures if f.system == name and f.paper), "")
    key = f"{slug(name)}-{paper.year}"
    return Reference(key, paper.title, paper.year, authors, paper.venue, number, paper.url, True)


def _of_figure(name: str, shelf: Shelf) -> Reference | None:
    figure = next((f for f in shelf.figures if f.system == name and f.paper), None)
    if figure is None:
        return None
    key, address = f"{slug(name)}-{figure.year}", paper_address(figure.arxiv)
    return Reference(key, figure.paper, figure.year, number=figure.arxiv, url=address)


def _submitted(name: str, shelf: Shelf) -> Reference | None:
    """Take over what the authors of a submission say of their paper."""
    for content in shelf.submissions:
        identity = content.identity
        if identity.paper is not None and name in systems_of(content):
            paper, key = identity.paper, f"{slug(name)}-{identity.paper.year}"
            url = paper.url or ""
            return Reference(key, paper.title, paper.year, identity.authors, paper.venue, url=url)
    return None


def systems_of(content: Content) -> set[str]:
    """Return what a submission calls its system: as a whole, and in its runs."""
    return {content.identity.system, *(run.system.name for run in content.runs)}


def bibliography(references: Sequence[Reference], unknown: Sequence[str]) -> str:
    """Return the entries as one text; what is missing is said in comments."""
    entries = [reference.bibtex() for reference in references]
    surnames = [reference.key for reference in references if reference.surnames]
    anonymous = [reference.key for reference in references if not reference.authors]
    comments = []
    if surnames:
        comments.append(f"% Only surnames are known here: {', '.join(surnames)}")
    if anonymous:
        comments.append(f"% Authors are not known here: {', '.join(anonymous)}")
    if unknown:
        comments.append(f"% No paper is known here: {', '.join(map(latex_escape, unknown))}")
    return "\n\n".join([*comments, *entries]) + "\n"
