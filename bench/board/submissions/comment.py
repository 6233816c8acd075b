"""What is said of submissions under a pull request: whether they hold, and how they compare.

Each is compared, over the same targets of the same data, with CTCNet, the field's common yardstick,
and with the best system there is. Where CTCNet was not run on these data, its printed figure stands
there instead, without a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.board.comparison.compare import ScoreComparison, compare_runs
from bench.board.formats import score_text, score_title
from bench.board.published import load_published
from bench.board.runs.leaderboard import shown_scores
from bench.board.runs.rows import RANKED_BY
from bench.board.submissions.markdown import code_block, code_span
from bench.board.submissions.validation import Report
from bench.errors import BenchError
from bench.run.result import Run

__all__ = ["write_comment"]

YARDSTICK = "ctcnet"
_YARDSTICK_NAME = "CTCNet"
_MOST_FINDINGS = 40
_ABSENT = "-"


def write_comment(reports: Sequence[Report], others: Sequence[Run]) -> str:
    """Write the comment, as Markdown of GitHub.

    Args:
        reports: One per submission.
        others: Runs and other submissions to compare with.
    """
    if not reports:
        return "No submission was added or changed.\n"
    return "\n".join(line for report in reports for line in _one(report, others)) + "\n"


def _one(report: Report, others: Sequence[Run]) -> Iterator[str]:
    name = report.submission.name if report.submission else report.folder.name
    errors = sum(finding.severity == "error" for finding in report.findings)
    yield f"### {code_span(name)}: {'valid' if report.valid else f'refused ({errors} errors)'}"
    yield ""
    yield from _findings(report)
    if report.submission is None:
        return
    own = {run.id for run in report.submission.content.runs}
    for run in report.submission.to_runs():
        known = [other for other in others if other.id not in own]
        yield from _compared(run, known)
        yield ""
    if report.submission.content.anonymous:
        yield "The submission is anonymous; its owner can prove whose it is later."
        yield ""


def _findings(report: Report) -> Iterator[str]:
    if not report.findings:
        yield "Every figure was recomputed from the records; nothing was found."
    else:
        lines = [finding.line() for finding in report.findings[:_MOST_FINDINGS]]
        more = len(report.findings) - len(lines)
        yield code_block([*lines, *([f"and {more} more"] if more else [])])
    yield ""


def _compared(run: Run, others: Sequence[Run]) -> Iterator[str]:
    """A table: the submission, the yardstick, the best system."""
    summary = run.summary
    yield (
        f"On {code_span(run.plan.dataset)}: {summary.ok} of {run.expected} targets scored in full, "
        f"{summary.undefined} with an undefined score, {summary.failed} failed."
    )
    yield ""
    yardstick, best = _yardstick(run, others), _best(run, others)
    columns = [_named(_YARDSTICK_NAME, yardstick), _named("best so far", best)]
    if best is not None:
        columns[1] += f": {code_span(best.system.name)}"
    yield f"| score | {code_span(run.system.name)} | {' | '.join(columns)} |"
    yield "|---|--:|--:|--:|"
    compared = [_by_score(run, other) for other in (yardstick, best)]
    for score in _shown(run):
        mean = summary.aggregates[score].mean
        cells = [_cell(found.get(score), score) for found in compared]
        if yardstick is None:
            cells[0] = _printed(run.plan.dataset, score)
        yield f"| {score_title(score)} | {score_text(mean, score)} | {' | '.join(cells)} |"
    yield ""
    yield (
        "In brackets: submission less the other over the targets that both scored, with its 95 % "
        "interval over test items (two-way cluster bootstrap), not over training seeds."
    )


def _named(title: str, run: Run | None) -> str:
    """Say how far the records behind a column may be trusted."""
    return title if run is None else f"{title} ({run.provenance})"


def _shown(run: Run) -> list[str]:
    """One score per metric: the improvement where there is one in decibels."""
    return [s for s in shown_scores(run.plan.metrics) if s in run.summary.aggregates]


def _yardstick(run: Run, others: Sequence[Run]) -> Run | None:
    found = [o for o in others if o.plan.separator.get("separator") == YARDSTICK]
    return _best(run, [o for o in found if not o.plan.separator.get("settings")])


def _best(run: Run, others: Sequence[Run]) -> Run | None:
    """The run with the highest mean of the ranking score among those that may be ranked."""
    ranked = [(mean, o) for o in others if (mean := _rankable(run, o)) is not None]
    return max(ranked, key=lambda found: (found[0], found[1].id))[1] if ranked else None


def _rankable(run: Run, other: Run) -> float | None:
    """Its mean of the ranking score, where it may be ranked and compared with the submission."""
    plan = other.plan
    if plan.dataset != run.plan.dataset or plan.limit is not None or plan.mouths != "as-is":
        return None
    if plan.kind in ("oracle", "baseline") or plan.separator.get("weights") == "random":
        return None
    aggregate = other.summary.aggregates.get(RANKED_BY)
    if not other.summary.complete or aggregate is None or not _by_score(run, other):
        return None
    return aggregate.mean


def _by_score(run: Run, other: Run | None) -> dict[str, ScoreComparison]:
    """Compare score by score; empty where the two may not be compared."""
    if other is None:
        return {}
    try:
        shared = [s for s in _shown(run) if s in other.summary.aggregates]
        return {found.score: found for found in compare_runs(run, other, shared).scores}
    except BenchError:
        return {}


def _cell(found: ScoreComparison | None, score: str) -> str:
    if found is None:
        return _ABSENT
    paired = found.difference
    text = f"{score_text(found.second, score)} ({_signed(paired.mean, score)}"
    if paired.low == paired.low:  # not nan: there are clusters enough for an interval
        text += f" [{_signed(paired.low, score)}, {_signed(paired.high, score)}]"
    return f"{text})"


def _signed(value: float, score: str) -> str:
    text = score_text(value, score)
    return text if text.startswith("-") else f"+{text}"


def _printed(dataset: str, score: str) -> str:
    """The figure that the yardstick's authors printed, if it is of this list and this metric."""
    found = [
        figure
        for figure in load_published()
        if (figure.system, figure.list, figure.metric_id) == (_YARDSTICK_NAME, dataset, score)
        and figure.grade == "table"
    ]
    return f"{found[0].value} (printed)" if found else _ABSENT
