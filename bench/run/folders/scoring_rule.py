"""What is computed of every item: by our definitions, by those of papers, by which engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from bench.errors import UsageError, unknown_name
from bench.metrics import (
    DEFAULT_METRICS,
    Scores,
    find_metric,
    metric_versions,
    score,
    value_names,
)
from bench.metrics.as_published import list_protocols, list_published, published_names
from bench.metrics.signals import Samples
from bench.run.guarded import guarded_pesq, guarded_scores
from bench.run.reference_scores import mixture_scores

__all__ = ["ENGINES", "STANDARD", "Engine", "ScoringRule", "every_protocol", "scoring_rule"]

Engine = Literal["own", "reference"]

ENGINES = get_args(Engine)
STANDARD = "standard"


@dataclass(frozen=True)
class ScoringRule:
    """What is computed of every item; from `scoring_rule`.

    Attributes:
        metrics: Ids of our metrics; empty where only papers' definitions are asked for.
        protocols: Papers whose definitions are computed.
        engine: "own", or "reference" for torchmetrics, pesq and pystoi.
        with_mixture: Whether improvements over the mixture are computed.
    """

    metrics: tuple[str, ...]
    protocols: tuple[str, ...]
    engine: Engine
    with_mixture: bool

    @property
    def names(self) -> list[str]:
        """Keys of the values of an item."""
        own = value_names(self.metrics, with_mixture=self.with_mixture)
        return own + published_names(self.protocols, with_mixture=self.with_mixture)

    @property
    def definitions(self) -> dict[str, dict[str, Any]]:
        """What each metric is, by id, as JSON can hold it."""
        found = {metric: asdict(find_metric(metric)) for metric in self.metrics}
        for protocol in self.protocols:
            for column in list_published(protocol):
                found[column.id] = {
                    "id": column.id,
                    "name": column.column,
                    "definition": column.definition,
                    "standard": column.standard,
                    "protocol": protocol,
                }
        return found

    def score(self, signals: Mapping[str, Samples], sample_rate: int) -> Scores:
        """Score "estimate" against "reference", and "mixture" where there is one."""
        parts = []
        if self.metrics and self.engine == "own":
            parts.append(self._own(signals, sample_rate))
        elif self.metrics:
            settings = {"metrics": self.metrics, "sample_rate": sample_rate}
            parts.append(guarded_scores("peers", signals, self.names, **settings))
        if self.protocols:
            named = {"protocol": self.protocols, "sample_rate": sample_rate}
            parts.append(guarded_scores("as published", signals, self.names, **named))
        return _joined(parts)

    def _own(self, signals: Mapping[str, Samples], sample_rate: int) -> Scores:
        """Score by our code; the mixture's scores are the same for every system, and kept."""
        mixture, reference = signals.get("mixture"), signals["reference"]
        before = (
            None
            if mixture is None
            else mixture_scores(mixture, reference, None, self.metrics, sample_rate)
        )
        return score(
            estimate=signals["estimate"],
            reference=reference,
            mixture=mixture,
            metrics=self.metrics,
            sample_rate=sample_rate,
            mixture_scores=before,
            pesq=guarded_pesq,
        )


def scoring_rule(
    *,
    metrics: Sequence[str] | None = None,
    protocols: Sequence[str] = (STANDARD,),
    engine: str = "own",
    with_mixture: bool,
) -> ScoringRule:
    """Check what was asked for.

    Args:
        metrics: Ids of our metrics, a part of the standard protocol; None = the usual ones.
        protocols: "standard" and names of papers.
        engine: One of `ENGINES`.
        with_mixture: Whether improvements are wanted.

    Raises:
        UsageError: An unknown name, a metric that needs more than one target, or metrics named
            beside a protocol that fixes its own.
    """
    for protocol in protocols:
        if protocol != STANDARD and protocol not in list_protocols():
            raise unknown_name("protocol", protocol, every_protocol())
    if engine not in ENGINES:
        raise unknown_name("engine", engine, ENGINES)
    if STANDARD in protocols:
        chosen = _checked_metrics(metrics or DEFAULT_METRICS)
    elif metrics or engine != "own":
        raise UsageError(
            f"the protocol {protocols[0]} fixes its metrics and their code: leave out --metrics "
            "and --engine, or use --protocol standard."
        )
    else:
        chosen = ()
    papers = tuple(protocol for protocol in protocols if protocol != STANDARD)
    return ScoringRule(chosen, papers, "own" if engine == "own" else "reference", with_mixture)


def every_protocol() -> tuple[str, ...]:
    """Return the names of all protocols, the standard one first."""
    return STANDARD, *list_protocols()


def _checked_metrics(metrics: Sequence[str]) -> tuple[str, ...]:
    known = tuple(metric_versions(metrics))
    for metric in known:
        if find_metric(metric).needs != "one target":
            raise UsageError(
                f"the metric '{metric}' needs every source of a mixture, and a folder of "
                "references holds one: leave it out."
            )
    return known


def _joined(parts: Sequence[Scores]) -> Scores:
    """Put the scores of one item by several definitions together."""
    values = {name: value for part in parts for name, value in part.values.items()}
    reasons = {name: reason for part in parts for name, reason in part.reasons.items()}
    statuses = {part.status for part in parts}
    if statuses == {"failed"}:
        return Scores(values, reasons, "failed")
    return Scores(values, reasons, "undefined" if reasons else "ok")
