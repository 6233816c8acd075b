"""Runs made by hand, so that a board's figures are known beforehand."""

from __future__ import annotations

from dataclasses import replace

from bench.core.plan import Plan
from bench.core.record import Record
from bench.metrics import metric_versions
from bench.run.result import Run, SystemFacts

METRICS = ("si_snr", "pesq_wb")


def make_run(
    name: str,
    scores: list[float | None],
    *,
    kind: str = "published",
    plan: dict[str, object] | None = None,
    system: dict[str, object] | None = None,
) -> Run:
    """Make a run whose targets have these SI-SNR improvements."""
    settings = Plan(
        dataset="tiny",
        list_sha256="0" * 64,
        data_sha256=None,
        separator={"separator": name, "weights": "checkpoint"},
        kind=kind,
        metrics=metric_versions(METRICS),
    )
    settings = replace(settings, **(plan or {}))  # type: ignore[arg-type]
    records = tuple(_record(settings, k, score) for k, score in enumerate(scores))
    facts = replace(SystemFacts(name.upper(), kind), **(system or {}))  # type: ignore[arg-type]
    return Run(settings, facts, records, len(records))


def _record(plan: Plan, position: int, score: float | None) -> Record:
    return Record(
        run=plan.run_id,
        dataset="tiny",
        mixture=f"m{position // 2}",
        target=position % 2 + 1,
        status="ok" if score is not None else "failed",
        error=None if score is not None else "the separator raised ValueError: no",
        target_cluster=f"speaker{position}",
        interferer_cluster=f"speaker{position ^ 1}",
        scores={
            "si_snr": score,
            "si_snr_i": score,
            "pesq_wb": None if score is None else 2.0 - score / 100,
            "pesq_wb_i": None if score is None else 1.0,
        },
    )
