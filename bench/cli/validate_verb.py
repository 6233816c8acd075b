"""`avss-bench validate`: say everything that is wrong with submissions, all at once."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import JsonOption
from bench.core.files import write_text
from bench.core.jsonio import dumps_pretty
from bench.errors import DataError, UsageError

if TYPE_CHECKING:
    from bench.board.submissions.validation import Report
    from bench.run.result import Run

__all__ = ["known_runs", "print_report", "register"]

# Where runs and submissions of a checkout lie.
_USUAL = ("results", "submissions")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench validate submissions/my-system"
    app.command("validate", epilog=f"Example: {example}")(validate)


def validate(
    submissions: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of submissions, or folders that hold such folders."),
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of runs or submissions to hold them against; repeat it. "
            "Default: results and submissions, where they are."
        ),
    ] = None,
    comment: Annotated[
        Path | None,
        typer.Option(help="Write the comparison with CTCNet and the best system, as Markdown."),
    ] = None,
    reveal: Annotated[
        Path | None, typer.Option(help="Secret file that proves whose a submission is.")
    ] = None,
    incoming: Annotated[
        bool,
        typer.Option("--incoming", help="They come from strangers: refuse verdicts of their own."),
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of submission.json.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Recompute every figure of submissions from their records, and check all that can be checked.

    Nothing of a submission is run or downloaded.
    """
    from bench.board.submissions.anonymous import read_secret
    from bench.board.submissions.findings import shown
    from bench.board.submissions.folders import submission_folders
    from bench.board.submissions.incoming import (
        incoming_findings,
        known_submissions,
        stray_reports,
    )
    from bench.board.submissions.schema import schema_text
    from bench.board.submissions.validation import validate_submission

    if schema:
        typer.echo(schema_text(), nl=False)
        return
    if not submissions:
        raise UsageError("name the folder of a submission, or use --schema.")
    folders = [folder for place in submissions for folder in submission_folders(place)]
    known = known_runs(against)
    secret = read_secret(reveal) if reveal else None
    reports = [validate_submission(folder, others=known, secret=secret) for folder in folders]
    old = known_submissions(against or [])
    if incoming:
        reports = [
            report.with_findings(incoming_findings(report.folder, old)) for report in reports
        ]
        reports += [report for place in submissions for report in stray_reports(place)]
    if comment is not None:
        new = [r for r in reports if not (r.valid and r.submission and r.submission.sha256 in old)]
        _write_comment(new, known, comment)
    if json:
        typer.echo(dumps_pretty([report.plain() for report in reports]), nl=False)
    else:
        for report in reports:
            print_report(report)
        if secret is not None and all(report.valid for report in reports):
            typer.echo(f"The secret proves that it is {shown(secret.identity.system)}.")
    if not all(report.valid for report in reports):
        sys.exit(1)


def print_report(report: Report) -> None:
    """Print a report for people: a line that sums it up, then every finding."""
    from bench.board.submissions.findings import visible

    counts = Counter(finding.severity for finding in report.findings)
    said = [f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in sorted(counts.items())]
    verdict = "valid" if report.valid else "refused"
    # A stranger may have named the folder.
    typer.echo(f"{visible(str(report.folder))}: {', '.join([verdict, *said])}")
    for finding in report.findings:
        typer.echo(f"  {finding.line()}")


def known_runs(against: list[Path] | None = None) -> list[Run]:
    """Read the runs that submissions are held against.

    Args:
        against: Folders; None = the usual ones, where they are.

    Raises:
        UsageError: A folder that was named is not there.
    """
    from bench.board.runs.collect import collect_runs

    found: list[Run] = []
    for folder in against if against is not None else map(Path, _USUAL):
        if against is not None and not folder.is_dir():
            raise UsageError(f"there is no folder {folder} to hold submissions against.")
        with suppress(DataError):  # a folder without any run
            found += collect_runs(folder).runs
    return found


def _write_comment(reports: list[Report], known: list[Run], comment: Path) -> None:
    from bench.board.submissions.comment import write_comment

    write_text(comment, write_comment(reports, known))
