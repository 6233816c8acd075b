"""What people type for a run, and which run they mean."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from made_runs import make_run

from bench.board.comparison.find import find_pair
from bench.core.files import write_text
from bench.core.jsonio import dumps_pretty
from bench.errors import DataError, UsageError
from bench.run.result import Run


def saved(run: Run, folder: Path) -> Run:
    write_text(folder / run.id / "plan.json", dumps_pretty(asdict(run.plan)))
    run.save(folder / run.id)
    return run


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    saved(make_run("ctcnet", [1.0, 2.0]), folder)
    saved(make_run("iianet", [1.0, 2.0]), folder)
    saved(make_run("iianet", [1.0, 2.0], plan={"dataset": "other"}), folder)
    saved(make_run("rtfs", [1.0, 2.0]), folder)
    saved(make_run("rtfs", [1.0, 2.0], plan={"threads": 2}), folder)
    return folder


def test_folders_ids_and_names_are_all_understood(results: Path) -> None:
    ctcnet, iianet = make_run("ctcnet", [1.0, 2.0]), make_run("iianet", [1.0, 2.0])
    for first in (str(results / ctcnet.id), ctcnet.id, "ctcnet", "CTCNET"):
        found = find_pair(first, iianet.id, results)
        assert [run.id for run in found] == [ctcnet.id, iianet.id]


def test_a_name_on_two_sets_is_enough_where_the_other_is_on_one(results: Path) -> None:
    first, second = find_pair("ctcnet", "iianet", results)
    assert (first.plan.dataset, second.plan.dataset) == ("tiny", "tiny")


def test_a_name_of_several_runs_lists_them(results: Path) -> None:
    with pytest.raises(UsageError, match=r"'rtfs' stands for 2 runs.*rtfs_tiny_.*rtfs_tiny_"):
        find_pair("ctcnet", "rtfs", results)


def test_the_data_set_is_offered_only_where_it_helps(results: Path) -> None:
    with pytest.raises(UsageError, match=r", or a folder\.$"):
        find_pair("ctcnet", "rtfs", results)
    saved(make_run("ctcnet", [1.0, 2.0], plan={"dataset": "other"}), results)
    with pytest.raises(UsageError, match=r", or a folder, or --dataset\.$"):
        find_pair("ctcnet", "iianet", results)


def test_runs_of_other_mouths_are_no_candidates_for_a_name(results: Path) -> None:
    disturbed = make_run("ctcnet", [0.0, 0.0], plan={"mouths": "shifted:3"})
    saved(disturbed, results / "stress")
    first, _ = find_pair("ctcnet", "iianet", results)
    assert first.plan.mouths == "as-is"
    first, _ = find_pair(str(results / "stress"), "ctcnet", results)
    assert first.id == disturbed.id


def test_the_data_set_may_be_named(results: Path) -> None:
    with pytest.raises(UsageError, match="unknown data set of 'ctcnet' 'other'"):
        find_pair("ctcnet", "iianet", results, "other")


def test_an_unknown_name_gets_the_nearest(results: Path) -> None:
    with pytest.raises(UsageError, match="unknown run 'ctcnat': did you mean 'ctcnet'"):
        find_pair("ctcnat", "iianet", results)
    with pytest.raises(UsageError, match="did you mean 'ctcnet_tiny_"):
        find_pair("ctcnet_tiny", "iianet", results)


def test_a_copy_of_a_run_is_no_second_one(results: Path) -> None:
    saved(make_run("ctcnet", [1.0, 2.0]), results / "again")
    assert find_pair("ctcnet", "iianet", results)[0].system.name == "CTCNET"


def test_a_run_is_not_compared_with_itself(results: Path) -> None:
    with pytest.raises(UsageError, match="give two different runs"):
        find_pair("ctcnet", make_run("ctcnet", [1.0, 2.0]).id, results)


def test_a_folder_of_several_runs_is_ambiguous(results: Path) -> None:
    with pytest.raises(UsageError, match="stands for 5 runs"):
        find_pair(str(results), "ctcnet", results)


def test_without_a_folder_of_results_only_folders_are_understood(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'ctcnet' is no folder"):
        find_pair("ctcnet", "iianet", tmp_path / "none")


def test_a_damaged_run_says_what_is_wrong(results: Path, tmp_path: Path) -> None:
    write_text(tmp_path / "torn" / "run.json", "{")
    with pytest.raises(DataError, match="not valid JSON"):
        find_pair(str(tmp_path / "torn"), "ctcnet", results)


def test_an_unfinished_run_is_refused(results: Path, tmp_path: Path) -> None:
    write_text(tmp_path / "begun" / "plan.json", "{}")
    with pytest.raises(DataError, match="is not finished"):
        find_pair(str(tmp_path / "begun"), "ctcnet", results)
