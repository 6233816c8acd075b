"""What others hand in: written from runs, read as from strangers, checked, and shown beside ours.

A submission is a folder: `submission.json` (see `models`), `records.jsonl.gz` with the records of
all its runs, and, where there are any, `words.jsonl.gz` (counts of word errors) and
`data/<hash>/fingerprint.json.gz` (what licensed data were measured on).
"""

from bench.board.submissions.findings import Finding
from bench.board.submissions.models import Content
from bench.board.submissions.reading import Submission, examine, read_submission

__all__ = ["Content", "Finding", "Submission", "examine", "read_submission"]
