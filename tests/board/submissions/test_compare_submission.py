"""Submissions are compared like runs, with a word on where they come from."""

from __future__ import annotations

from pathlib import Path

from submitted import make_run, save, submission

from bench.board.comparison.compare import compare_runs
from bench.board.comparison.find import find_pair


def test_a_submission_is_compared_with_a_run(tmp_path: Path) -> None:
    theirs = submission(tmp_path / "theirs", make_run(gain_db=9.5, seed=1))
    plan = {"separator": {"separator": "ours", "tensors": "b" * 64, "weights": "checkpoint"}}
    ours = save(make_run(plan=plan), tmp_path / "results")
    for name in (str(ours), "ours"):
        pair = find_pair(str(theirs), name, tmp_path / "results")
        assert [run.provenance for run in pair] == ["submitted", "reproduced"]
    found = compare_runs(*pair, draws=199)
    assert found.scores[0].better == 1
    assert found.warnings == ("LipNet-Zwölf was handed in by its authors and not verified.",)


def test_a_submission_differs_by_nothing_from_the_run_it_was_made_from(tmp_path: Path) -> None:
    run = make_run()
    folders = submission(tmp_path / "theirs", run), save(run, tmp_path / "results")
    found = compare_runs(*find_pair(*map(str, folders), tmp_path / "results"), draws=199)
    assert all(score.mixtures_tied == 1 and score.better == 0 for score in found.scores)
