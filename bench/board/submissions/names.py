"""Names that look like others: letters of two alphabets, compatibility forms, a name taken."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bench.board.submissions.findings import Finding, shown
from bench.board.submissions.models import FILE_NAME
from bench.board.submissions.reading import Submission
from bench.core.plugins import plugin_folder, plugins

__all__ = ["name_findings", "odd_letters"]

_PLUGINS = "bench.separators"


def name_findings(submission: Submission) -> Iterator[Finding]:
    """Look at every name that a table shows."""
    content, place = submission.content, f"{FILE_NAME}#/identity"
    named = {"system": content.identity.system, "supersedes": content.identity.supersedes or ""}
    named |= {f"authors/{k}": author for k, author in enumerate(content.identity.authors)}
    for where, name in named.items():
        if name != unicodedata.normalize("NFC", name) or name != name.strip():
            problem = f"{shown(name)} is not in Unicode's composed form without outer spaces (NFC)"
            yield Finding(f"{place}/{where}", problem)
        elif not where.startswith("authors") and (odd := odd_letters(name)):
            problem = f"{shown(name)} holds {odd}: it may look like another name"
            yield Finding(f"{place}/{where}", problem, "warning")
    yield from _taken(submission)


def odd_letters(name: str) -> str | None:
    """Name the first letter that may pass for a Latin one.

    >>> odd_letters("CTCNet"), odd_letters("\\u0421TCNet")
    (None, 'U+0421 CYRILLIC CAPITAL LETTER ES')
    """
    for sign in name:
        latin = sign.isascii() or unicodedata.name(sign, "").startswith("LATIN")
        plain = unicodedata.normalize("NFKC", sign) == sign
        stacked = unicodedata.category(sign)[0] == "M"  # accents that make no letter of their own
        if not plain or stacked or (sign.isalpha() and not latin):
            return f"U+{ord(sign):04X} {unicodedata.name(sign, 'unnamed')}"
    return None


def _taken(submission: Submission) -> Iterator[Finding]:
    systems = _known_systems()
    own = {run.plan.separator.separator for run in submission.content.runs}
    same = [
        id
        for id, name in systems.items()
        if _bare(name) == _bare(submission.name) and id not in own
    ]
    if same:
        problem = f"{shown(submission.name)} is the name of '{same[0]}', which was not run here"
        yield Finding(f"{FILE_NAME}#/identity/system", problem, "warning")
    if submission.content.commitment is not None:  # a codename is no system of the project
        return
    for number, run in enumerate(submission.content.runs):
        separator = run.plan.separator.separator
        if run.plan.kind != "own" and separator not in systems:
            place = f"{FILE_NAME}#/runs/{number}/plan/kind"
            problem = f"'{run.plan.kind}', but {shown(separator)} is no system of the project"
            yield Finding(place, problem)


@cache
def _known_systems() -> dict[str, str]:
    """Names of the systems of the project and of plug-ins by id, read from their cards.

    The cards are read as files: importing the separators would load PyTorch.
    """
    paths = list((Path(__file__).parents[2] / "separators" / "cards").glob("*.toml"))
    points = plugins(_PLUGINS)
    paths += [plugin_folder(point) / f"{name}.toml" for name, point in points.items()]
    return {path.stem: str(tomllib.loads(path.read_text("utf-8"))["name"]) for path in paths}


def _bare(name: str) -> str:
    """Letters and digits alone, in compatibility form, whatever their case."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))
