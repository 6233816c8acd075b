"""A submission as it was read: what it says, and its runs as boards take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.board.submissions.lines import WordLine
from bench.board.submissions.models import Content
from bench.board.submissions.run_models import SubmittedPlan, SubmittedRun
from bench.core.plan import Plan
from bench.core.provenance import Provenance
from bench.core.record import Record
from bench.errors import DataError
from bench.run.result import Run, SystemFacts

__all__ = ["Submission", "data_folder", "plan_of"]


@dataclass(frozen=True)
class Submission:
    """What somebody handed in.

    Attributes:
        folder: Where it lies.
        content: `submission.json`.
        records: Of all runs.
        words: Word counts of all runs; empty without any.
        sha256: Of `submission.json`, which holds the hashes of everything else: the identity of
            the submission.
    """

    folder: Path
    content: Content
    records: tuple[Record, ...]
    words: tuple[WordLine, ...]
    sha256: str

    @property
    def name(self) -> str:
        """What tables call the system; the codename of an anonymous submission."""
        return self.content.identity.system

    @cached_property
    def by_run(self) -> Mapping[str, tuple[Record, ...]]:
        """The records of each run, by its id."""
        found: dict[str, list[Record]] = {run.id: [] for run in self.content.runs}
        for record in self.records:
            found[record.run].append(record)
        return {run: tuple(records) for run, records in found.items()}

    def to_runs(self, provenance: Provenance | None = None) -> tuple[Run, ...]:
        """Return its runs as a board takes them.

        Args:
            provenance: How far the records may be trusted; None = as the verification says that
                lies beside them.
        """
        from bench.board.verification.kept import provenances

        known = provenances(self) if provenance is None else {}
        return tuple(self._run(run, provenance or known[run.id]) for run in self.content.runs)

    def to_run(self, dataset: str | None = None, provenance: Provenance | None = None) -> Run:
        """Return its only run, or its only one on a data set.

        Raises:
            DataError: There is none, or several.
        """
        found = [
            run
            for run in self.to_runs(provenance)
            if dataset is None or run.plan.dataset == dataset
        ]
        if len(found) != 1:
            what = f" on '{dataset}'" if dataset else ""
            raise DataError(
                f"the submission {self.folder} has {len(found)} runs{what}, but one is expected; "
                "name a data set, or take them all with to_runs()."
            )
        return found[0]

    def _run(self, run: SubmittedRun, provenance: Provenance) -> Run:
        facts = SystemFacts(
            run.system.name, run.system.kind, run.system.inputs, tuple(run.system.notes)
        )
        return Run(
            plan_of(run.plan),
            facts,
            self.by_run[run.id],
            run.expected,
            None if run.data is None else self.folder / data_folder(run.data),
            provenance,
        )


def plan_of(plan: SubmittedPlan) -> Plan:
    """Return the plan of a submitted run, whose hash is in the id of the run."""
    entries = {name: getattr(plan, name) for name in SubmittedPlan.model_fields}
    version = entries.pop("version")
    # What was not known of the separator is absent, or the hash would be another.
    separator = plan.separator.model_dump(exclude_unset=True)
    return Plan(**{**entries, "separator": separator, "schema": version})


def data_folder(sha256: str) -> str:
    """Where the fingerprint file with this hash lies below a submission."""
    return f"data/{sha256[:12]}"
