"""Which targets two runs have in common, and what becomes of a target that one of them lacks.

Compared is what both scored. Leaving out what a system failed on flatters it, so there is a worst
case too: for a target without a score a system gets that of the unprocessed mixture, as if it had
returned it, and never more than the other system has. Of a metric that means nothing of a mixture
it gets the worst score that either system has anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.core.record import Record, RecordKey
from bench.metrics import find_metric
from bench.run.result import Run

__all__ = ["RecordPair", "ScorePairs", "both_scored", "pair_records", "worst_case"]

RecordPair = tuple[Record, Record]


@dataclass(frozen=True)
class ScorePairs:
    """One score of two systems on the same targets.

    Attributes:
        records: The first system's record of each target.
        first: Its scores, `(targets,)`.
        second: Those of the other system.
    """

    records: tuple[Record, ...]
    first: NDArray[np.float64]
    second: NDArray[np.float64]

    @property
    def targets(self) -> list[str]:
        """Cluster of each target."""
        return [record.target_cluster for record in self.records]

    @property
    def interferers(self) -> list[str]:
        """Cluster of each interferer."""
        return [record.interferer_cluster for record in self.records]


def pair_records(first: Run, second: Run) -> tuple[RecordPair, ...]:
    """Pair the records of two runs by mixture and target, in the order of the first run.

    A record that is not there counts as failed, unless one of the runs is a quick look: then only
    what both looked at counts.
    """
    known = [{record.key: record for record in run.records} for run in (first, second)]
    if any(run.plan.limit is not None for run in (first, second)):
        keys = [key for key in known[0] if key in known[1]]
    else:
        keys = list(dict.fromkeys([*known[0], *known[1]]))
    return tuple((_taken(known[0], known[1], key), _taken(known[1], known[0], key)) for key in keys)


def _taken(
    own: Mapping[RecordKey, Record], other: Mapping[RecordKey, Record], key: RecordKey
) -> Record:
    return own.get(key) or replace(other[key], status="failed", error="no record", scores={})


def both_scored(pairs: Sequence[RecordPair], score: str) -> ScorePairs:
    """Take the targets for which both systems have a score."""
    return _score_pairs([pair for pair in pairs if None not in _values(pair, score)], score)


def worst_case(pairs: Sequence[RecordPair], score: str) -> ScorePairs:
    """Take the targets for which either system has a score, the other one getting the worst."""
    any_scored = [pair for pair in pairs if _values(pair, score) != (None, None)]
    worst = _worst(any_scored, score)
    return _score_pairs([_filled(pair, score, worst) for pair in any_scored], score)


def _values(pair: RecordPair, score: str) -> tuple[float | None, float | None]:
    return pair[0].scores.get(score), pair[1].scores.get(score)


def _score_pairs(pairs: Sequence[RecordPair], score: str) -> ScorePairs:
    values = np.array([_values(pair, score) for pair in pairs], np.float64).reshape(-1, 2)
    return ScorePairs(tuple(own for own, _ in pairs), values[:, 0], values[:, 1])


def _higher(score: str) -> bool:
    return find_metric(score.removesuffix("_i")).higher_is_better


def _worst(pairs: Sequence[RecordPair], score: str) -> float:
    found = [value for pair in pairs for value in _values(pair, score) if value is not None]
    return (min if _higher(score) else max)(found, default=0.0)


def _filled(pair: RecordPair, score: str, worst: float) -> RecordPair:
    first, second = _values(pair, score)
    if first is None:
        return _with_score(pair[0], score, _stand_in(pair[1], score, worst)), pair[1]
    if second is None:
        return pair[0], _with_score(pair[1], score, _stand_in(pair[0], score, worst))
    return pair


def _with_score(record: Record, score: str, value: float) -> Record:
    return replace(record, scores={**record.scores, score: value})


def _stand_in(other: Record, score: str, worst: float) -> float:
    """What a system gets for a target that only the other one scored."""
    value = other.scores[score]
    assert value is not None
    unprocessed = _of_mixture(other, score)
    if unprocessed is None:
        return worst
    return (min if _higher(score) else max)(value, unprocessed)


def _of_mixture(record: Record, score: str) -> float | None:
    """Score of the unprocessed mixture, as the improvement tells; None where it does not."""
    if score.endswith("_i"):
        return 0.0
    value, improvement = record.scores.get(score), record.scores.get(f"{score}_i")
    return None if value is None or improvement is None else value - improvement
