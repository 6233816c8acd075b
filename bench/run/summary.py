"""From records to a run's figures. Aggregates are always recomputed, never edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bench.core.record import Record
from bench.metrics.verdicts import Verdict, judge

__all__ = ["Aggregate", "Summary", "summarise", "verdict_of"]

_EQUAL_ESTIMATES = 0.99
_DEAF_TO_MOUTHS = 1e-3


@dataclass(frozen=True)
class Aggregate:
    """One score over all targets that have it.

    Attributes:
        scored: Number of targets with this score.
        mean: Their mean; None without any.
        median: Their median; None without any.
    """

    scored: int
    mean: float | None
    median: float | None


@dataclass(frozen=True)
class Summary:
    """What a run came to.

    Attributes:
        expected: Number of targets in the list (or in the subset of a quick look).
        ok: Targets with every score.
        undefined: Targets with some score that does not exist for them.
        failed: Targets with no score.
        aggregates: By score id.
        target_clusters: Number of different target clusters.
        interferer_clusters: Number of different interferer clusters.
        nearer_to_interferer: Share of targets whose estimate is nearer to the other voice.
        separation_failed: Share of targets whose SI-SNR improved by less than 1 dB.
        symptoms: What users should know before they believe the scores, one sentence each.
    """

    expected: int
    ok: int
    undefined: int
    failed: int
    aggregates: dict[str, Aggregate]
    target_clusters: int
    interferer_clusters: int
    nearer_to_interferer: float | None
    separation_failed: float | None
    symptoms: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every expected target has a record."""
        return self.ok + self.undefined + self.failed == self.expected

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


def summarise(records: Sequence[Record], expected: int) -> Summary:
    """Reduce records to figures.

    Args:
        records: Unique by (mixture, target).
        expected: Number of targets there should be.
    """
    statuses = [record.status for record in records]
    names = sorted({name for record in records for name in record.scores})
    verdicts = [verdict_of(record) for record in records]
    return Summary(
        expected=expected,
        ok=statuses.count("ok"),
        undefined=statuses.count("undefined"),
        failed=statuses.count("failed"),
        aggregates={name: _aggregate(records, name) for name in names},
        target_clusters=len({record.target_cluster for record in records}),
        interferer_clusters=len({record.interferer_cluster for record in records}),
        nearer_to_interferer=_share([verdict.wrong_speaker for verdict in verdicts]),
        separation_failed=_share([verdict.separation_failed for verdict in verdicts]),
        symptoms=tuple(_symptoms(records)),
    )


def _aggregate(records: Sequence[Record], name: str) -> Aggregate:
    found = [record.scores.get(name) for record in records]
    values = [value for value in found if value is not None]
    if not values:
        return Aggregate(0, None, None)
    return Aggregate(len(values), float(np.mean(values)), float(np.median(values)))


def verdict_of(record: Record) -> Verdict:
    """Judge one target by what its record holds."""
    return judge(
        si_snr=record.scores.get("si_snr"),
        si_snr_i=record.scores.get("si_snr_i"),
        si_snr_to_interferer=record.diagnostics.get("si_snr_to_interferer"),
    )


def _share(told: Sequence[bool | None]) -> float | None:
    """Share of what is true among what is known."""
    known = [value for value in told if value is not None]
    return float(np.mean(known)) if known else None


def _symptoms(records: Sequence[Record]) -> list[str]:
    found = []
    first = [record for record in records if record.target == 1]
    alike = [r.diagnostics.get("estimate_correlation", 0.0) > _EQUAL_ESTIMATES for r in first]
    if alike and np.mean(alike) > 0.5:
        found.append(
            f"both estimates are nearly equal (correlation above {_EQUAL_ESTIMATES}) in "
            f"{np.mean(alike):.0%} of the mixtures: look at the weights and the mouths"
        )
    changes = [r.diagnostics.get("mouth_exchange_change") for r in first]
    probed = [change for change in changes if change is not None]
    if probed and max(probed) < _DEAF_TO_MOUTHS:
        found.append(
            f"the estimates do not change when the mouths are exchanged ({len(probed)} "
            f"{_mixtures(len(probed))} tried): the separator does not look at them"
        )
    if halved := sum("batch_halved" in record.diagnostics for record in first):
        found.append(
            f"memory was too short for {halved} {_mixtures(halved)}, whose voices were separated "
            "one by one instead of together: another batch plan, which can move the last digits"
        )
    return found


def _mixtures(count: int) -> str:
    return "mixture" if count == 1 else "mixtures"
