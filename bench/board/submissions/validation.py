"""Everything that can be said about a submission without running its system, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.board.submissions.anonymous import Secret, commitment_of, names_nobody, proves
from bench.board.submissions.copies import copy_findings
from bench.board.submissions.figures import figure_findings
from bench.board.submissions.findings import Finding, sorted_findings, visible
from bench.board.submissions.models import FILE_NAME, Content
from bench.board.submissions.names import name_findings
from bench.board.submissions.official import official_findings
from bench.board.submissions.plausibility import plausibility_findings
from bench.board.submissions.reading import Submission, examine
from bench.board.submissions.reference_scores import reference_findings
from bench.board.submissions.untrusted import RECORDS
from bench.run.result import Run

__all__ = ["Report", "validate_submission"]


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes:
        folder: What was looked at.
        submission: None where the files are so wrong that nothing can be used of them.
        findings: Errors first.
    """

    folder: Path
    submission: Submission | None
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Whether there is no error."""
        return not any(finding.severity == "error" for finding in self.findings)

    def with_findings(self, more: Sequence[Finding]) -> Report:
        """Return a report with more findings."""
        return Report(self.folder, self.submission, sorted_findings([*self.findings, *more]))

    def plain(self) -> dict[str, object]:
        """Return it as JSON can hold it."""
        return {
            "folder": visible(str(self.folder)),
            "system": self.submission.name if self.submission else None,
            "sha256": self.submission.sha256 if self.submission else None,
            "valid": self.valid,
            "findings": [finding.plain() for finding in self.findings],
        }


def validate_submission(
    folder: Path, *, others: Sequence[Run] = (), secret: Secret | None = None
) -> Report:
    """Check a submission.

    Args:
        folder: Where it lies.
        others: Runs to hold it against.
        secret: What should prove whose it is.
    """
    submission, findings = examine(folder)
    if submission is not None:
        findings += figure_findings(submission)
        findings += plausibility_findings(submission)
        findings += official_findings(submission)
        findings += name_findings(submission)
        own = {run.id for run in submission.content.runs}
        strange = [other for other in others if other.id not in own]
        findings += reference_findings(submission, strange)
        findings += copy_findings(submission, strange)
        findings += _identity_findings(submission.content, secret)
    return Report(folder, submission, sorted_findings(findings))


def _identity_findings(content: Content, secret: Secret | None) -> list[Finding]:
    place = f"{FILE_NAME}#/commitment"
    found = []
    commitment = content.commitment
    if commitment is not None and commitment.secret is not None:
        records = content.files[RECORDS].sha256
        if commitment_of(content.identity, commitment.secret, records) != commitment.sha256:
            found.append(Finding(place, "the secret does not prove the identity that is named"))
    if content.anonymous and not names_nobody(content.identity):
        problem = "names somebody, but a commitment without its secret proves nobody's"
        found.append(Finding(f"{FILE_NAME}#/identity", problem))
    if secret is not None and not proves(secret, content):
        found.append(Finding(place, "is not the commitment that the secret file proves"))
    return found
