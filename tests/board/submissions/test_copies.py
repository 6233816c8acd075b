"""Scores of another system, handed in as one's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from submitted import make_run, submission

from bench.board.submissions.findings import Finding
from bench.board.submissions.validation import validate_submission
from bench.run.result import Run

OTHER = {"separator": {"separator": "thief", "tensors": "b" * 64}}


def _shifted(run: Run, offset_db: float, noise_db: float) -> Run:
    """The scores of a run, a little better, as those of another system."""
    plan = replace(run.plan, **OTHER)
    noise = np.random.default_rng(0).uniform(-noise_db, noise_db, len(run.records))
    records = []
    for record, step in zip(run.records, noise, strict=True):
        scores = dict(record.scores)
        for name in ("si_snr", "snr", "sdr_bsseval512"):
            scores |= {n: scores[n] + offset_db + step for n in (name, f"{name}_i")}
        records.append(replace(record, run=plan.run_id, scores=scores))
    return replace(run, plan=plan, records=tuple(records))


def _findings(run: Run, other: Run, folder: Path) -> list[Finding]:
    report = validate_submission(submission(folder / "mine", run), others=[other])
    assert report.valid
    return [found for found in report.findings if "by one and the same number" in found.problem]


@pytest.mark.parametrize(("offset_db", "noise_db"), [(0.0, 0.0), (0.3, 0.0), (0.1, 0.008)])
def test_copied_scores_are_noticed(tmp_path: Path, offset_db: float, noise_db: float) -> None:
    honest = make_run()
    (found,) = _findings(_shifted(honest, offset_db, noise_db), honest, tmp_path)
    assert found.severity == "warning"
    assert found.problem.startswith("200 of 200 targets differ")
    assert honest.id in found.problem


def test_another_system_and_the_same_weights_are_not(tmp_path: Path) -> None:
    honest = make_run()
    assert not _findings(make_run(seed=1, plan=OTHER), honest, tmp_path / "1")
    again = replace(honest.plan, threads=2)
    records = tuple(replace(r, run=again.run_id) for r in honest.records)
    assert not _findings(replace(honest, plan=again, records=records), honest, tmp_path / "2")
