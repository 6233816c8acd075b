"""BibTeX of the systems' papers, from what the cards and the published figures know.

Authors stand there only where a card names them; nothing is looked up or guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.board.formats.escapes import latex_escape
from bench.board.published import Figure
from bench.board.site.addresses import slug
from bench.separators.card import Card

__all__ = ["Reference", "bibliography", "paper_address", "references_of"]

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
    """

    key: str
    title: str
    year: int
    authors: tuple[str, ...] = ()
    venue: str = ""
    number: str = ""
    url: str = ""

    def bibtex(self) -> str:
        """Return the entry."""
        fields = {"title": f"{{{latex_escape(self.title)}}}"}
        if self.authors:
            fields["author"] = " and ".join(map(_author, self.authors))
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


def _author(name: str) -> str:
    """Keep a surname of several words in one piece."""
    return f"{{{latex_escape(name)}}}" if " " in name else latex_escape(name)


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


def references_of(
    systems: Iterable[str], figures: Sequence[Figure], cards: Mapping[str, Card]
) -> tuple[list[Reference], list[str]]:
    """Find the papers of some systems.

    Args:
        systems: Names, as tables call them.
        figures: Printed figures, which name the papers.
        cards: By the name of the system.

    Returns:
        One reference per paper, and the systems without any.
    """
    found: dict[str, Reference] = {}
    unknown = []
    for name in sorted(set(systems), key=str.lower):
        reference = _reference(name, figures, cards.get(name))
        if reference is None:
            unknown.append(name)
        else:
            found.setdefault(reference.title.lower(), reference)
    return list(found.values()), unknown


def _reference(name: str, figures: Sequence[Figure], card: Card | None) -> Reference | None:
    printed = next((f for f in figures if f.system == name and f.paper), None)
    number = printed.arxiv if printed else ""
    if card is not None and card.paper is not None:
        paper = card.paper
        authors = tuple(part.strip() for part in paper.authors.split(",") if part.strip())
        key = f"{slug(name)}-{paper.year}"
        return Reference(key, paper.title, paper.year, authors, paper.venue, number, paper.url)
    if printed is None:
        return None
    key = f"{slug(name)}-{printed.year}"
    address = paper_address(printed.arxiv)
    return Reference(key, printed.paper, printed.year, number=number, url=address)


def bibliography(references: Sequence[Reference], unknown: Sequence[str]) -> str:
    """Return the entries as one text; what is missing is said in comments."""
    entries = [reference.bibtex() for reference in references]
    anonymous = [reference.key for reference in references if not reference.authors]
    comments = []
    if anonymous:
        comments.append(f"% Authors are not known here: {', '.join(anonymous)}")
    if unknown:
        comments.append(f"% No paper is known here: {', '.join(map(latex_escape, unknown))}")
    return "\n\n".join([*comments, *entries]) + "\n"
