"""Whether one run is better than another: paired over the same targets of the same data.

For every score: the mean difference with its 95 % interval and p-value (see `bench.stats.paired`),
p-values corrected over the scores shown (Holm), effect size, and the share of mixtures won. The
first score leads: the mixtures that differ most and the breakdown by conditions are its.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.board.comparison.checks import check_data, check_scores, left_out_notes
from bench.board.comparison.conditions import ConditionGroup, by_condition
from bench.board.comparison.items import (
    RecordPair,
    ScorePairs,
    both_scored,
    pair_records,
    worst_case,
)
from bench.board.comparison.notes import comparison_warnings, method_notes, missing_notes, run_notes
from bench.board.formats.texts import score_title
from bench.board.runs.leaderboard import Row, higher_is_better
from bench.errors import DataError
from bench.run.result import Run
from bench.stats.holm import holm
from bench.stats.paired import PairedDifference, paired_difference

__all__ = ["Missing", "MixtureDifference", "RunComparison", "ScoreComparison", "compare_runs"]

LEVEL = 0.95
_DRAWS = 2000
_MOST_DIFFERENT = 10


@dataclass(frozen=True)
class Missing:
    """Targets without a score.

    Attributes:
        first: Only the first system lacks them.
        second: Only the second system lacks them.
        both: Both do: they are nowhere.
    """

    first: int
    second: int
    both: int

    @property
    def counts(self) -> tuple[int, int, int]:
        """First, second, both."""
        return self.first, self.second, self.both

    @property
    def unequal(self) -> bool:
        """Whether there is a target that one system scored and the other did not."""
        return self.first + self.second > 0


@dataclass(frozen=True)
class ScoreComparison:
    """One score of two systems.

    Attributes:
        score: Its id.
        first: Mean of the first system over the targets that both scored.
        second: Mean of the second.
        difference: First less second, over the targets that both scored.
        p_adjusted: Its p-value after Holm's correction over the scores shown.
        mixtures_won: Share of mixtures in which the first system is the better one, its targets
            taken together.
        mixtures_tied: Share of mixtures in which they are equal.
        missing: Targets that are not in it.
        worst_case: The difference if what one system lacks counts as badly as it can; None where
            both lack the same.
        worst_case_p_adjusted: Its p-value, corrected; None without a worst case.
    """

    score: str
    first: float
    second: float
    difference: PairedDifference
    p_adjusted: float
    mixtures_won: float
    mixtures_tied: float
    missing: Missing
    worst_case: PairedDifference | None = None
    worst_case_p_adjusted: float | None = None

    @property
    def better(self) -> int:
        """1 or 2 where that system is better beyond doubt, in the worst case too; else 0."""
        told = [(self.difference, self.p_adjusted)]
        if self.worst_case is not None and self.worst_case_p_adjusted is not None:
            told.append((self.worst_case, self.worst_case_p_adjusted))
        if not all(p <= 1 - LEVEL for _, p in told):
            return 0
        ahead = {(found.mean > 0) == higher_is_better(self.score) for found, _ in told}
        return 0 if len(ahead) > 1 else (1 if ahead == {True} else 2)


@dataclass(frozen=True)
class MixtureDifference:
    """The leading score of one mixture, its targets taken together.

    Attributes:
        mixture: Its name.
        first: Mean of the first system.
        second: Mean of the second system.
    """

    mixture: str
    first: float
    second: float

    @property
    def difference(self) -> float:
        """First less second."""
        return self.first - self.second


@dataclass(frozen=True)
class RunComparison:
    """Two runs side by side.

    Attributes:
        runs: The first and the second.
        labels: What tables call them.
        targets: Number of targets that both were to score.
        data: "identical" or "equivalent"; "unfingerprinted" where the runs say the same list and
            not of which data it was made.
        scores: One per score; the first one leads.
        lead: The leading score of every target that both scored.
        mixtures: The mixtures that differ most, by the leading score.
        conditions: The leading score by what the mixtures are like.
        warnings: Why the comparison may not mean what it seems to.
        notes: What must be known to read the figures; the first one explains the intervals.
    """

    runs: tuple[Run, Run]
    labels: tuple[str, str]
    targets: int
    data: str
    scores: tuple[ScoreComparison, ...]
    lead: ScorePairs
    mixtures: tuple[MixtureDifference, ...]
    conditions: tuple[ConditionGroup, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


def compare_runs(
    first: Run,
    second: Run,
    scores: Sequence[str] | None = None,
    *,
    draws: int = _DRAWS,
    seed: int = 0,
) -> RunComparison:
    """Compare two runs on the same data.

    Args:
        first: A finished run.
        second: What it is compared with.
        scores: Score ids; the first one leads. None = one per metric that both runs have in one
            version, as tables show them.
        draws: Bootstrap replicates.
        seed: Of the draws; the same seed gives the same figures.

    Raises:
        UsageError: No metric is the same, or one that was asked for is not.
        DataError: The runs are on different data, or have no scored target in common.
    """
    runs, labels = (first, second), _labels(first, second)
    data = check_data(first, second)
    chosen = check_scores(first, second, scores)
    pairs = pair_records(first, second)
    compared = _corrected([_compared(pairs, score, draws, seed) for score in chosen])
    lead = both_scored(pairs, chosen[0])
    lacking = [(score_title(s.score), s.missing.counts) for s in compared if any(s.missing.counts)]
    return RunComparison(
        runs=runs,
        labels=labels,
        targets=len(pairs),
        data="unfingerprinted" if first.plan.data_sha256 is None else data.kind,
        scores=compared,
        lead=lead,
        mixtures=_most_different(lead),
        conditions=by_condition(lead, draws=draws, seed=seed),
        warnings=comparison_warnings(runs, labels),
        notes=(
            *method_notes(lead, data, known=compared[0].difference.known),
            *(() if scores else left_out_notes(first, second, labels)),
            *missing_notes(labels, lacking),
            *run_notes(runs, labels),
        ),
    )


def _labels(first: Run, second: Run) -> tuple[str, str]:
    """What tables call the runs; with what tells them apart where that is the same."""
    one, other = (Row(run, {}).label for run in (first, second))
    if one != other:
        return one, other
    marks = ("A", "B") if first.id == second.id else (first.id[-12:], second.id[-12:])
    return f"{one} [{marks[0]}]", f"{other} [{marks[1]}]"


def _compared(pairs: Sequence[RecordPair], score: str, draws: int, seed: int) -> ScoreComparison:
    """Compare one score; its p-values are not corrected yet."""
    scored = both_scored(pairs, score)
    if not len(scored.first):
        raise DataError(
            f"there is no target for which both runs have '{score}'; compare other scores."
        )
    missing = _missing(pairs, score)
    difference = _difference(scored, draws, seed)
    worst = _difference(worst_case(pairs, score), draws, seed) if missing.unequal else None
    signs = np.sign([mixture.difference for mixture in _mixtures(scored)])
    return ScoreComparison(
        score=score,
        first=float(scored.first.mean()),
        second=float(scored.second.mean()),
        difference=difference,
        p_adjusted=difference.p_value,
        mixtures_won=float(np.mean(signs == (1 if higher_is_better(score) else -1))),
        mixtures_tied=float(np.mean(signs == 0)),
        missing=missing,
        worst_case=worst,
        worst_case_p_adjusted=worst.p_value if worst else None,
    )


def _missing(pairs: Sequence[RecordPair], score: str) -> Missing:
    lacks = np.array([[r.scores.get(score) is None for r in pair] for pair in pairs])
    count = lacks.sum(axis=1)
    first, second = lacks[count == 1].sum(axis=0)
    return Missing(int(first), int(second), int(np.sum(count == 2)))


def _difference(pairs: ScorePairs, draws: int, seed: int) -> PairedDifference:
    clusters = pairs.targets, pairs.interferers
    return paired_difference(
        pairs.first, pairs.second, *clusters, level=LEVEL, draws=draws, seed=seed
    )


def _corrected(compared: Sequence[ScoreComparison]) -> tuple[ScoreComparison, ...]:
    """Correct the p-values over all scores: as they are, and in the worst case of each."""
    plain = holm([found.difference.p_value for found in compared])
    worst = holm([(found.worst_case or found.difference).p_value for found in compared])
    return tuple(
        replace(
            found,
            p_adjusted=p,
            worst_case_p_adjusted=p_worst if found.worst_case is not None else None,
        )
        for found, p, p_worst in zip(compared, plain, worst, strict=True)
    )


def _mixtures(pairs: ScorePairs) -> list[MixtureDifference]:
    names, places = np.unique([r.mixture for r in pairs.records], return_inverse=True)
    counts = np.bincount(places)
    first, second = (np.bincount(places, values) / counts for values in (pairs.first, pairs.second))
    return [
        MixtureDifference(str(name), float(one), float(other))
        for name, one, other in zip(names, first, second, strict=True)
    ]


def _most_different(pairs: ScorePairs) -> tuple[MixtureDifference, ...]:
    found = sorted(_mixtures(pairs), key=lambda m: (-abs(m.difference), m.mixture))
    return tuple(found[:_MOST_DIFFERENT])
