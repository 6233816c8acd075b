"""A finished run: its plan, its records, and the folder they are kept in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.files import write_text
from bench.core.jsonio import dumps_pretty, loads
from bench.core.plan import SCHEMA, Plan
from bench.core.provenance import Provenance
from bench.core.record import Record
from bench.core.recordfile import read_records, write_records
from bench.errors import DataError
from bench.run.summary import Summary, summarise, verdict_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Run", "SystemFacts"]


@dataclass(frozen=True)
class SystemFacts:
    """What a table says about the system beside its scores.

    Attributes:
        name: As the paper spells it.
        kind: "published", "re-implementation", "oracle", "baseline" or "own".
        inputs: How the pictures were fed; empty where they are not looked at.
        notes: Sentences that must appear wherever the system does.
    """

    name: str
    kind: str
    inputs: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """The records of one separator on one data set.

    Attributes:
        plan: What was done.
        system: What a table says about the separator.
        records: One per target, in the order of the list.
        expected: Number of targets there should be.
        folder: Where it is kept; None for a run in memory.
        provenance: How far its records may be trusted; a submission's are not ours.
    """

    plan: Plan
    system: SystemFacts
    records: tuple[Record, ...]
    expected: int
    folder: Path | None = None
    provenance: Provenance = "reproduced"

    @property
    def id(self) -> str:
        """Name of the run."""
        return self.plan.run_id

    @cached_property
    def summary(self) -> Summary:
        """The figures, recomputed from the records."""
        return summarise(self.records, self.expected)

    def to_frame(self) -> pd.DataFrame:
        """Return the records as a table: one row per target.

        One column per score and condition, and whether the separation failed or gave the wrong
        voice (see `bench.metrics.verdicts`).
        """
        import pandas as pd

        rows = []
        for record in self.records:
            flat = record.flat()
            nested: list[Mapping[str, Any]] = [flat.pop("conditions"), flat.pop("diagnostics")]
            rows.append({**flat, **nested[0], **nested[1], **vars(verdict_of(record))})
        return pd.DataFrame(rows)

    def save(self, folder: Path) -> None:
        """Write `records.jsonl.gz`, then `run.json`; the latter says that the former is whole."""
        write_records(folder / "records.jsonl.gz", self.records)
        content = {
            "schema": SCHEMA,
            "run": self.id,
            "plan": asdict(self.plan),
            "system": asdict(self.system),
            "summary": self.summary.plain(),
        }
        write_text(folder / "run.json", dumps_pretty(content))

    @classmethod
    def load(cls, folder: Path) -> Run:
        """Read a finished run.

        Raises:
            DataError: No run is there, it is not finished, or a file cannot be read.
        """
        path = folder / "run.json"
        if not path.is_file():
            raise DataError(f"{folder} is not a finished run: it has no run.json.")
        content = loads(path.read_bytes(), str(path))
        try:
            if content["schema"] != SCHEMA:
                raise DataError(
                    f"{path} was written by another version of avss-bench (format "
                    f"{content['schema']}, this one reads {SCHEMA}); run again elsewhere."
                )
            plan = Plan(**content["plan"])
            system = SystemFacts(
                **{**content["system"], "notes": tuple(content["system"]["notes"])}
            )
            expected = int(content["summary"]["expected"])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"{path} is not the description of a run ({error}); delete {folder} and run again."
            ) from error
        records = read_records(folder / "records.jsonl.gz")
        return cls(plan, system, _unique(records, folder), expected, folder)


def _unique(records: Sequence[Record], folder: Path) -> tuple[Record, ...]:
    if len({record.key for record in records}) < len(records):
        raise DataError(f"{folder / 'records.jsonl.gz'} holds a target twice.")
    return tuple(records)
