"""Scores of folders as text: item by item, protocol beside protocol, or beside a released file."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from tabulate import tabulate

from bench.board.formats import draw_table, score_text, score_title
from bench.board.runs.leaderboard import shown_scores
from bench.metrics import find_metric
from bench.metrics.as_published import PublishedMetric, find_published, list_published
from bench.run.folders.released_comparison import ColumnReport, Recomputed
from bench.run.folders.released_csv import ReleasedTable
from bench.run.folders.score import FolderScores
from bench.run.folders.scoring_rule import STANDARD

__all__ = ["item_table", "released_text", "side_by_side"]

_WIDTH = 100
_PROBLEMS = 20
# The order in which papers print their columns, by the metric that a reader takes them for.
_COMPARED = ("si_snr", "sdr_bsseval512", "pesq_nb", "stoi")


def item_table(scores: FolderScores, width: int = _WIDTH) -> str:
    """Draw a table of all items with their mean, then say what is missing and why.

    Args:
        scores: Of the folders.
        width: Columns of the terminal; scores that do not fit beside the others get a table below.
    """
    rule = scores.rule
    if rule.metrics:
        names = shown_scores(rule.metrics, improvements=rule.with_mixture)
        titles = [score_title(name) for name in names]
    else:
        columns = [column for name in rule.protocols for column in list_published(name)]
        names = tuple(_shown(column, improvements=rule.with_mixture) for column in columns)
        titles = list(names)
    rows = [[item.id, *(_cell(item.values[name], name) for name in names)] for item in scores.items]
    found = scores.summary["scores"]
    rows.append(["mean", *(_cell(found[name]["mean"], name) for name in names)])
    rows.append(["scored", *(str(found[name]["scored"]) for name in names)])
    words = [True, *(False for _ in names)]
    table = draw_table(["file", *titles], rows, width=width, words=words)
    told = [part for line in _outcome(scores) for part in textwrap.wrap(line, width)]
    return "\n".join([table, *told])


def side_by_side(scores: FolderScores) -> str:
    """Draw the means of every protocol in columns, then one line each on what differs."""
    rule, means = scores.rule, scores.summary["scores"]
    columns = {name: list_published(name) for name in rule.protocols}
    rows = []
    for metric in _COMPARED:
        standard = f"{metric}_i" if rule.with_mixture and _in_decibels(metric) else metric
        own = means[standard]["mean"] if standard in means else None
        row = [score_title(standard), score_text(own, standard)]
        for published in columns.values():
            found = [c for c in published if c.standard == metric]
            shown = _shown(found[0], improvements=rule.with_mixture) if found else ""
            row.append(_cell(means[shown]["mean"], shown) if shown else "")
        rows.append(row)
    table = tabulate(
        rows, ["mean of", STANDARD, *columns], "rounded_outline", disable_numparse=True
    )
    lines = ["What differs from the standard:"]
    for protocol, published in columns.items():
        lines += [f"  {protocol} {column.column}: {column.definition}." for column in published]
    return "\n".join([table, *lines, *_outcome(scores)])


def released_text(table: ReleasedTable, reports: Sequence[ColumnReport]) -> str:
    """Explain the file of a released script, column by column."""
    lines = [f"{len(table.rows)} targets, written by the code of {table.protocol}."]
    for report in reports:
        column = report.column
        kind = "improvement over the mixture; " if column.improvement else ""
        lines += [
            "",
            f"{column.name} is {column.id}",
            *_wrapped(f"{kind}{column.metric.definition}."),
            f"  mean of the rows {column.printed_mean:.4f}"
            + (f", average {column.average:.4f}" if column.average is not None else ""),
        ]
        lines += _wrapped(f"Wrong: {column.remark}.") if column.remark else []
        lines += _recomputed("by the same definition", report.by_paper)
        lines += _recomputed("by the standard one", report.by_standard)
    return "\n".join(lines)


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _recomputed(what: str, found: Recomputed | None) -> list[str]:
    if found is None:
        return []
    return [
        f"  {what} ({found.id}) these files have {found.mean:.4f} over {found.rows} targets: the "
        f"file says {found.difference:+.4f} more, {found.largest_difference:.4f} at most"
    ]


def _in_decibels(metric: str) -> bool:
    return find_metric(metric).unit == "dB"


def _shown(column: PublishedMetric, *, improvements: bool) -> str:
    return f"{column.id}_i" if improvements and _in_decibels(column.standard) else column.id


def _cell(value: float | None, name: str) -> str:
    """Write a score of ours or of a paper with the decimals that mean something."""
    if "." not in name:
        return score_text(value, name)
    return score_text(value, find_published(name.removesuffix("_i")).standard)


def _outcome(scores: FolderScores) -> list[str]:
    """Say how many were scored, what failed, and which came out as the wrong voice."""
    counts = ", ".join(
        f"{scores.count(status)} {status}" for status in ("ok", "undefined", "failed")
    )
    spare = len(scores.items) - scores.expected
    without = f" ({spare} of them without a reference)" if spare > 0 else ""
    lines = [f"{len(scores.items)} items for {scores.expected} references{without}: {counts}"]
    if scores.resampled_from is not None:
        lines.append(f"resampled from {scores.resampled_from} Hz to 16000 Hz before scoring")
    summary = scores.summary
    failed, wrong = summary["separation_failed"], summary["wrong_speaker"]
    if failed["known"]:
        lines.append(
            f"weak (SI-SNR improved by less than 1 dB): {failed['count']} of {failed['known']}; "
            f"wrong voice (nearer to the interferer): {wrong['count']} of {wrong['known']}"
        )
    problems = [f"{item.id}: {item.error}" for item in scores.items if item.error]
    more = len(problems) - _PROBLEMS
    return lines + problems[:_PROBLEMS] + ([f"and {more} more; see --json"] if more > 0 else [])
