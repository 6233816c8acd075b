"""Which scores of two runs may be compared, and why others may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.board.runs.leaderboard import shown_scores
from bench.datasets.fingerprint import Comparison
from bench.errors import DataError, UsageError, unknown_name
from bench.metrics import find_metric, list_metrics
from bench.run.data_sameness import compare_data
from bench.run.result import Run

__all__ = ["check_data", "check_scores", "left_out_notes"]


def check_data(first: Run, second: Run) -> Comparison:
    """Return how the data of two runs relate.

    Raises:
        DataError: They are different, or one cannot tell.
    """
    relation = compare_data(first, second)
    if relation.kind == "different":
        sets = f"{first.id} and {second.id}"
        raise DataError(
            f"{sets} were not measured on the same data ({'; '.join(relation.reasons)}); compare"
            " runs on the same data."
        )
    return relation


def check_scores(first: Run, second: Run, scores: Sequence[str] | None) -> tuple[str, ...]:
    """Return the scores to compare: those asked for, or the usual one of every shared metric.

    Raises:
        UsageError: A score that was asked for and that one of the runs lacks, or has by another
            definition; or no metric is the same.
    """
    mine, theirs = first.plan.metrics, second.plan.metrics
    if not scores:
        if not (same := _same(mine, theirs)):
            raise _unequal(first, second)
        return shown_scores(same)
    shared = [s for s in first.summary.aggregates if s in second.summary.aggregates]
    for score in scores:
        if score not in shared:
            raise unknown_name("score", score, shared)
        metric = score.removesuffix("_i")
        if mine.get(metric) != theirs.get(metric):
            raise _unequal(first, second, [metric])
    return tuple(dict.fromkeys(scores))


def left_out_notes(first: Run, second: Run, labels: Sequence[str]) -> list[str]:
    """Say which metrics are not compared, since the runs do not have them in one version."""
    mine, theirs = first.plan.metrics, second.plan.metrics
    found = {*mine, *theirs} - set(_same(mine, theirs))
    alike: dict[str, list[str]] = {}
    for metric in sorted(found, key=list_metrics().index):
        versions = _version(mine, metric), _version(theirs, metric)
        told = f"{versions[0]} in {labels[0]}, {versions[1]} in {labels[1]}"
        alike.setdefault(told, []).append(find_metric(metric).name)
    return [f"Left out: {', '.join(names)}; {told}." for told, names in alike.items()]


def _same(mine: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    """Return the metrics that two runs have in one version."""
    return sorted(metric for metric in mine if mine[metric] == theirs.get(metric))


def _unequal(first: Run, second: Run, asked: Sequence[str] | None = None) -> UsageError:
    """Make the error for metrics that are not the same, with those that are."""
    mine, theirs = first.plan.metrics, second.plan.metrics
    same = _same(mine, theirs)
    told = ", ".join(
        f"'{metric}' is {_version(mine, metric)} in {first.id} and {_version(theirs, metric)} in"
        f" {second.id}"
        for metric in asked or sorted({*mine, *theirs} - set(same))
    )
    options = " ".join(f"--metrics {score}" for score in shown_scores(same))
    mend = f"`{options}` compares what is the same" if same else "score one of them anew"
    return UsageError(f"the runs were not scored by the same metrics: {told}; {mend}.")


def _version(metrics: Mapping[str, str], metric: str) -> str:
    return f"version {metrics[metric]}" if metric in metrics else "absent"
