"""A plan is an identity: equal settings, equal folder; any other setting, another folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.core.plan import Plan, claim_folder
from bench.errors import UsageError

PLAN = Plan(
    dataset="tiny",
    list_sha256="0" * 64,
    data_sha256=None,
    separator={"separator": "mixture"},
    kind="baseline",
    metrics={"si_snr": "1"},
)


def test_every_setting_moves_the_hash() -> None:
    others = [
        replace(PLAN, threads=2),
        replace(PLAN, limit=3),
        replace(PLAN, mouths="swapped"),
        replace(PLAN, metrics={"si_snr": "2"}),
        replace(PLAN, list_sha256="1" * 64),
        replace(PLAN, separator={"separator": "mixture", "settings": {"a": 1}}),
    ]
    assert len({plan.sha256 for plan in [PLAN, *others]}) == 7
    assert replace(PLAN, threads=1).sha256 == PLAN.sha256


def test_a_name_cannot_leave_the_folder() -> None:
    plan = replace(PLAN, separator={"separator": "../../etc/x y"})
    assert "/" not in plan.run_id
    assert not plan.run_id.startswith(".")


def test_the_same_plan_finds_its_folder_again(tmp_path: Path) -> None:
    assert claim_folder(tmp_path, PLAN) == claim_folder(tmp_path, PLAN) == tmp_path / PLAN.run_id


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    folder = claim_folder(tmp_path, PLAN)
    (folder / "plan.json").write_text("{}")
    with pytest.raises(UsageError, match="belongs to another run"):
        claim_folder(tmp_path, PLAN)


def test_the_folder_of_a_run_is_not_a_folder_of_runs(tmp_path: Path) -> None:
    folder = claim_folder(tmp_path, PLAN)
    with pytest.raises(UsageError, match="is itself the folder of a run"):
        claim_folder(folder, PLAN)


def test_a_folder_with_foreign_records_is_refused(tmp_path: Path) -> None:
    (tmp_path / PLAN.run_id).mkdir()
    (tmp_path / PLAN.run_id / "records.jsonl").write_text("")
    with pytest.raises(UsageError, match="something that is not a run"):
        claim_folder(tmp_path, PLAN)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        claim_folder(tmp_path / "out", PLAN)
