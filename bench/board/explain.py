"""What a printed figure is: who printed it, on which list, by which definition, who disagrees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.board.published import LISTS, Figure, agree, contradictions, load_published
from bench.board.queries import Query, parse_query
from bench.metrics import find_metric
from bench.metrics.as_published import find_published, list_protocols, list_published

__all__ = ["Claim", "Explanation", "explain"]

_REPOSITORY = (
    "This is what the code of the repository computes; whether the table was made by exactly that "
    "code is not known."
)
_UNKNOWN = {
    "PESQ": "The scale is not known: raw narrow-band, narrow-band or wide-band, and the released "
    "evaluators of CTCNet, RTFS-Net and VisualVoice exchange its arguments.",
    "WER": "The recogniser is not repeatable: a cloud service without a version, or not named.",
    "SI-SNRi": "The label is wrong: see the note.",
    "SDR": "Which SDR is not known, and it is absolute, not an improvement.",
    "SI-SDR": "Absolute, not an improvement; whether means are removed is not known.",
    "SI-SDRi": "Whether means are removed is not known.",
}
_COST = "A cost, not a score: counts depend on the input length and on who counts which layers."


@dataclass(frozen=True)
class Claim:
    """One value of one quantity, with everybody who prints it.

    Attributes:
        figure: The figure, by the best source.
        sources: Every source of this value, "table (quoted by ...)".
        definition: What it is, one sentence or two.
        against: Other values of the same quantity, each with its sources.
        remarks: Notes, each after the sources that it is about, unless it is about all of them.
    """

    figure: Figure
    sources: tuple[str, ...]
    definition: str
    against: tuple[str, ...]
    remarks: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        parts = {name: getattr(self, name) for name in ("sources", "against", "remarks")}
        return {
            **self.figure.model_dump(),
            "definition": self.definition,
            "list_is": LISTS.get(self.figure.list, ""),
            **{name: list(part) for name, part in parts.items()},
        }


@dataclass(frozen=True)
class Explanation:
    """The answer to one query.

    Attributes:
        claims: What is printed, one per value.
        remark: What to know about the answer as a whole; empty if nothing.
    """

    claims: tuple[Claim, ...]
    remark: str = ""

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {"figures": [claim.plain() for claim in self.claims], "remark": self.remark}

    def text(self) -> str:
        """Say it in words."""
        parts = ["\n".join(_lines(claim)) for claim in self.claims]
        return "\n\n".join([*([self.remark] if self.remark else []), *parts])


def explain(
    text: str,
    figures: Sequence[Figure] | None = None,
    *,
    systems: Sequence[str] = (),
) -> Explanation:
    """Explain printed figures.

    Args:
        text: Any of system, column, list, value and year: "CTCNet SDRi LRS2 14.6".
        figures: Where to look; None = those that ship.
        systems: Names of systems without any figure.

    Raises:
        UsageError: A word that is no name of anything; suggests the nearest.
    """
    known = load_published() if figures is None else figures
    query = parse_query(text, known, systems)
    fitting = [figure for figure in known if query.fits(figure)]
    if not fitting:
        return Explanation((), _nothing(query))
    exact = [figure for figure in fitting if _has_value(figure, query)]
    claims = tuple(_claim(group, known) for group in _grouped(exact or fitting))
    if query.values and not exact:
        return Explanation(claims, f"Nobody prints {' or '.join(query.values)} there.")
    return Explanation(claims)


def _has_value(figure: Figure, query: Query) -> bool:
    """Whether a figure has the value asked for, up to the rounding of the question."""
    for given in query.values:
        if agree(figure, figure.model_copy(update={"value": given})):
            return True
    return not query.values


def _nothing(query: Query) -> str:
    names = ", ".join(sorted(query.systems)) or "any system"
    what = " ".join(sorted(query.metrics)) or "figure"
    where = f" on {', '.join(sorted(query.lists))}" if query.lists else ""
    return f"No published {what} of {names}{where} is known."


def _grouped(figures: Sequence[Figure]) -> list[list[Figure]]:
    """Put figures together that print one value of one quantity, the best source first."""
    groups: dict[tuple[object, ...], list[Figure]] = {}
    for figure in figures:
        key = (*figure.place, figure.value, figure.metric_id)
        groups.setdefault(key, []).append(figure)
    return [sorted(group, key=lambda figure: figure.quoted_by != "") for group in groups.values()]


def _claim(group: Sequence[Figure], figures: Sequence[Figure]) -> Claim:
    best = group[0]
    against = _sources_by((other.value, _source(other)) for other in contradictions(best, figures))
    notes = _sources_by((figure.note, figure.source) for figure in group)
    return Claim(
        best,
        tuple(dict.fromkeys(map(_source, group))),
        _definition(best),
        tuple(f"{value} in {'; '.join(sources)}" for value, sources in against.items()),
        tuple(
            note if len(notes) == 1 else f"{'; '.join(sources)}: {note}"
            for note, sources in notes.items()
            if note
        ),
    )


def _sources_by(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Collect the sources of each value or note, in the order of the first of each."""
    found: dict[str, dict[str, None]] = {}
    for said, source in pairs:
        found.setdefault(said, {})[source] = None
    return {said: list(sources) for said, sources in found.items()}


def _source(figure: Figure) -> str:
    """Name a source, and who re-typed it where the name does not tell that already."""
    who = figure.quoted_by.partition(" (")[0]
    if not who or figure.source.startswith(who):
        return figure.source
    return f"{figure.source} (quoted by {figure.quoted_by})"


def _definition(figure: Figure) -> str:
    metric = figure.metric_id.removesuffix("_i")
    convention = (
        "the improvement over the unprocessed mixture, per target, averaged over all targets"
        if figure.metric.endswith("i")
        else "the mean over all targets"
    )
    if "." in metric:
        definition = find_published(metric).definition
        return f"{figure.metric_id}: {definition}; {convention}. {_REPOSITORY}"
    if metric:
        return f"{figure.metric_id}: {find_metric(metric).definition}; {convention}."
    if figure.metric == "SDRi":
        return f"Which SDR is not known; {convention}. {_called_sdr()}"
    return _UNKNOWN.get(figure.metric, "" if figure.list else _COST)


def _called_sdr() -> str:
    """Say what the released evaluators call SDR."""
    found: dict[str, list[str]] = {}
    for protocol in list_protocols():
        for column in list_published(protocol):
            if column.column == "SDR":
                found.setdefault(column.definition, []).append(protocol)
    told = "; ".join(f"{' and '.join(who)}: {what}" for what, who in found.items())
    return f"The released evaluators call {len(found)} quantities SDR ({told})."


def _lines(claim: Claim) -> list[str]:
    figure = claim.figure
    where = f" on {figure.list}" if figure.list else ""
    costs = [figure.device, f"{figure.input_s:g} s of input" if figure.input_s else ""]
    measured = ", ".join(text for text in costs if text)
    lines = [
        f"{figure.system} ({figure.year}): {figure.metric} {figure.value} {figure.unit}{where}"
        + (f", {measured}" if measured else ""),
        f"  paper: {figure.paper}" + (f" (arXiv {figure.arxiv})" if figure.arxiv else ""),
        *(f"  printed in: {source}" for source in claim.sources),
        f"  read at: {figure.source_url}",
    ]
    lines += [f"  list: {LISTS[figure.list]}"] if figure.list in LISTS else []
    lines += [f"  what it is: {claim.definition}"] if claim.definition else []
    lines += [f"  note: {remark}" for remark in claim.remarks]
    lines += [f"  CONTRADICTED: {other}" for other in claim.against]
    return lines
