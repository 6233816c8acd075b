"""Runs are found where they lie, and the items to listen to are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from runs import make_run

from bench.board.collect import collect_runs
from bench.board.worst import worst_items
from bench.errors import DataError, UsageError


def _save(folder: Path, name: str) -> Path:
    run = make_run(name, [1.0, 2.0])
    place = folder / run.id
    place.mkdir(parents=True)
    (place / "plan.json").write_text("{}")
    run.save(place)
    return place


def test_runs_are_found_at_any_depth(tmp_path: Path) -> None:
    _save(tmp_path, "a")
    _save(tmp_path / "deep" / "er", "b")
    found = collect_runs(tmp_path)
    assert [run.system.name for run in found.runs] == ["A", "B"]
    assert found.unfinished == ()


def test_unfinished_runs_are_named(tmp_path: Path) -> None:
    _save(tmp_path, "a")
    place = _save(tmp_path, "b")
    (place / "run.json").unlink()
    found = collect_runs(tmp_path)
    assert found.unfinished == (place,)
    assert len(found.runs) == 1


def test_a_folder_without_runs_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no run"):
        collect_runs(tmp_path)
    with pytest.raises(DataError, match="there is no folder"):
        collect_runs(tmp_path / "absent")


def test_the_worst_come_first_and_failures_before_them() -> None:
    items = worst_items([make_run("a", [4.0, -1.0, None, 2.0])], 3)
    assert [item.value for item in items] == [None, -1.0, 2.0]
    assert items[0].record.error == "the separator raised ValueError: no"


def test_the_kept_estimate_is_named(tmp_path: Path) -> None:
    run = make_run("a", [1.0, 2.0])
    voice = tmp_path / "estimates" / "s2" / "m0.wav"
    voice.parent.mkdir(parents=True)
    voice.touch()
    kept = type(run)(run.plan, run.system, run.records, run.expected, tmp_path)
    assert [item.estimate for item in worst_items([kept], 2)] == [None, voice]


def test_an_unknown_score_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="unknown score 'loudness'"):
        worst_items([make_run("a", [1.0])], 1, "loudness")
