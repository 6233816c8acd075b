"""Whether the items of a run are those of the official list: all of them, and no other.

Where a list ships, or was fetched before, items are compared by name. Where it may not ship, the
card knows the hash of its names: enough to say that all are there and none is foreign, not which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.board.submissions.findings import Finding, shown
from bench.board.submissions.models import FILE_NAME
from bench.board.submissions.reading import Submission
from bench.board.submissions.run_models import SubmittedRun
from bench.board.submissions.untrusted import RECORDS
from bench.core.hashing import hash_bytes
from bench.core.record import Record
from bench.datasets.cards import Card
from bench.datasets.list_files import kept_list
from bench.datasets.lists import read_list
from bench.datasets.registry import card_folder, load_card
from bench.errors import BenchError

__all__ = ["hash_names", "official_findings"]

_MOST_NAMED = 3


def hash_names(names: Sequence[str]) -> str:
    """Hash the names of a list's mixtures, whatever their order."""
    return hash_bytes("".join(f"{name}\n" for name in sorted(names)).encode())


def official_findings(submission: Submission) -> Iterator[Finding]:
    """Hold every run against the card and the list of its data set."""
    for number, run in enumerate(submission.content.runs):
        place = f"{FILE_NAME}#/runs/{number}"
        try:
            card = load_card(run.plan.dataset)
        except BenchError:
            problem = "is no data set of the project: its items cannot be checked here"
            yield Finding(f"{place}/plan/dataset", problem, "warning")
            continue
        yield from _wrong_data(card, run, place)
        yield from _wrong_items(card, run, submission.by_run[run.id], place)


def _wrong_data(card: Card, run: SubmittedRun, place: str) -> Iterator[Finding]:
    plan, whole = run.plan, run.plan.limit is None
    if card.purpose != "test":
        yield Finding(f"{place}/plan/dataset", "is a training set; only test sets are ranked")
    if plan.list_sha256 != card.mixture_list.sha256 and "unofficial-list" not in run.flags:
        yield Finding(f"{place}/plan/list_sha256", "is not the hash of the official list")
    if whole and card.fingerprint is not None and plan.data_sha256 != card.fingerprint:
        yield Finding(f"{place}/plan/data_sha256", "is not the hash of the mixtures that ship")
    if card.fingerprint is None and run.data is None:
        problem = "no fingerprint of the data lies beside: nobody can tell what was measured on"
        yield Finding(f"{place}/data", problem, "warning")


def _wrong_items(
    card: Card, run: SubmittedRun, records: Sequence[Record], place: str
) -> Iterator[Finding]:
    targets = card.mixture_list.targets
    whole = card.mixture_list.mixtures
    mixtures = min(run.plan.limit or whole, whole)
    if run.plan.list_sha256 != card.mixture_list.sha256:
        return
    if run.expected != (expected := mixtures * len(targets)):
        yield Finding(
            f"{place}/expected", f"is {run.expected}, but the list has {expected} targets"
        )
    odd = [record for record in records if record.target not in targets]
    if odd:
        yield Finding(RECORDS, f"{len(odd)} records are of a voice that this set does not score")
    yield from _unlike_names(records)
    names = sorted({record.mixture for record in records})
    official = _names(card)
    if official is None:
        yield from _wrong_hash(card, run, names, place)
    else:
        yield from _wrong_names(set(official), names, whole=run.plan.limit is None)


def _names(card: Card) -> list[str] | None:
    """Names of the official list; None where it is not here."""
    path = kept_list(card)
    if card.mixture_list.file is not None:
        path = card_folder(card.id) / card.mixture_list.file
    if path is None:
        return None
    return [line.name for line in read_list(path, card.mixture_list.format).lines]


def _wrong_names(official: set[str], names: Sequence[str], *, whole: bool) -> Iterator[Finding]:
    foreign = [name for name in names if name not in official]
    if foreign:
        yield Finding(RECORDS, f"{len(foreign)} mixtures are not in the list: {_some(foreign)}")
    missing = sorted(official - set(names)) if whole else []
    if missing:
        yield Finding(RECORDS, f"{len(missing)} mixtures of the list are absent: {_some(missing)}")


def _some(names: Sequence[str]) -> str:
    more = ", …" if len(names) > _MOST_NAMED else ""
    return ", ".join(map(shown, names[:_MOST_NAMED])) + more


def _wrong_hash(
    card: Card, run: SubmittedRun, names: Sequence[str], place: str
) -> Iterator[Finding]:
    if run.plan.limit is not None:
        problem = "the list is not here, so that the items of a quick look cannot be checked"
        yield Finding(f"{place}/plan/limit", problem, "note")
    elif card.mixture_list.names_sha256 is None:
        yield Finding(f"{place}/plan/dataset", "its list is not here: items were counted", "note")
    elif hash_names(names) != card.mixture_list.names_sha256:
        yield Finding(RECORDS, "the mixtures are not those of the official list, by their hash")


def _unlike_names(records: Sequence[Record]) -> Iterator[Finding]:
    """The name of a mixture holds those of its utterances: `first_gain_second_gain`."""
    for record in records:
        voices = (record.target_utterance, record.interferer_utterance)
        first, second = voices if record.target == 1 else voices[::-1]
        if not record.mixture.startswith(f"{first}_") or f"_{second}_" not in record.mixture:
            name = shown(f"{record.mixture}/s{record.target}")
            yield Finding(RECORDS, f"{name} does not name its utterances, {shown(first)} first")
            return
