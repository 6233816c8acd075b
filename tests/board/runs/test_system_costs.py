"""A run finds the costs of its own system, and of no other; devices are never mixed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_profiles import CPU, GPU, make_profile
from made_runs import make_run

from bench.board.runs import cost_notes
from bench.board.runs.arrange import against
from bench.board.runs.cost_notes import with_cost_notes
from bench.board.runs.leaderboard import Board, build_boards
from bench.board.runs.system_costs import costs_of, device_columns
from bench.board.submissions.efficiency import EfficiencyBlock
from bench.efficiency.profile import Profile
from bench.errors import UsageError

SETTINGS: dict[str, bool | int | float | str] = {"blocks": 10}


def _run_with(settings: dict[str, bool | int | float | str]):  # type: ignore[no-untyped-def]
    separator = {"separator": "a", "weights": "checkpoint", "settings": settings}
    return make_run("a", [1.0, 2.0], plan={"separator": separator})


def _board(*profiles: Profile, names: str = "ab") -> Board:
    runs = [make_run(name, [1.0, 2.0 + k]) for k, name in enumerate(names)]
    (board,) = build_boards(runs, profiles=profiles)
    return with_cost_notes(board, Path("here"))


def test_costs_are_joined_by_the_separators_id() -> None:
    costs = costs_of(make_run("a", [1.0]), [make_profile("b", 2.0), make_profile("a", 1.0)])
    assert costs is not None
    assert (costs.parameters, costs.macs) == (1_000_000, 1e9)
    assert costs_of(make_run("c", [1.0]), [make_profile("a", 1.0)]) is None


def test_changed_settings_never_get_the_costs_of_the_published_ones() -> None:
    plain, changed = make_profile("a", 1.0), make_profile("a", 9.0, settings=SETTINGS)
    assert costs_of(_run_with(SETTINGS), [plain]) is None
    assert costs_of(_run_with({}), [changed]) is None
    found = costs_of(_run_with(SETTINGS), [plain, changed])
    assert found is not None
    assert found.macs == 9e9


def test_a_stranger_of_the_same_name_does_not_get_them_either() -> None:
    assert costs_of(make_run("a", [1.0], kind="own"), [make_profile("a", 1.0)]) is None


def _claim(**changes: object) -> EfficiencyBlock:
    profile = make_profile("a", 7.0, kind="own").model_copy(update=changes)
    return EfficiencyBlock.model_validate_json(profile.model_dump_json())


def test_what_a_submission_says_counts_where_nothing_was_measured_and_without_times() -> None:
    run = make_run("a", [1.0], kind="own")
    claimed = costs_of(run, [], [_claim()])
    assert claimed is not None
    assert (claimed.parameters, claimed.macs, claimed.claimed) == (7_000_000, 7e9, True)
    assert claimed.on == {}
    measured = costs_of(run, [make_profile("a", 3.0, kind="own")], [_claim()])
    assert measured is not None
    assert (measured.macs, measured.claimed) == (3e9, False)
    assert costs_of(run, [], [_claim(settings=SETTINGS)]) is None


def test_claims_are_named_as_such_and_never_reach_our_own_rows() -> None:
    own = make_run("a", [1.0, 2.0], kind="own")
    theirs = replace(make_run("b", [2.0, 3.0], kind="own"), provenance="submitted")
    claims = {run.id: [_claim()] for run in (own, theirs)}
    (board,) = build_boards([own, theirs], claims=claims)
    costs = {row.label: row.costs for row in board.rows}
    assert costs["A"] is None
    assert costs["B"] is not None
    notes = with_cost_notes(board, Path("here")).cost_notes
    assert "As submitted, not counted here: the costs of B." in notes


def test_latency_and_memory_stay_with_their_device() -> None:
    here = make_profile("a", 1.0, run_s=2.0)
    there = make_profile("a", 1.0, run_s=0.5, device=GPU)
    costs = costs_of(make_run("a", [1.0]), [here, there])
    assert costs is not None
    assert costs.on[CPU.key].latency_s == 2.0
    assert costs.on[CPU.key].real_time_factor == 4.0
    assert costs.on[CPU.key].memory_bytes == 200_000_000
    assert costs.on[GPU.key].latency_s == 0.5


def test_the_first_of_two_profiles_counts() -> None:
    costs = costs_of(
        make_run("a", [1.0]), [make_profile("a", 1.0, run_s=2.0), make_profile("a", 1.0, run_s=9.0)]
    )
    assert costs is not None
    assert costs.on[CPU.key].latency_s == 2.0


def test_every_device_has_columns_of_its_own_and_an_unmeasured_kind_an_empty_one() -> None:
    other = CPU.model_copy(update={"name": "Tester 10"})
    cpus = [make_profile("a", 1.0), make_profile("a", 1.0, device=other)]
    columns = device_columns(cpus)
    assert [(c.label, c.key) for c in columns] == [
        ("CPU 1", other.key),
        ("CPU 2", CPU.key),
        ("GPU", ""),
    ]
    assert [c.label for c in device_columns([make_profile("a", 1.0, run_s=None)])] == ["CPU", "GPU"]
    assert [c.key for c in device_columns(cpus, "tester-10")] == [other.key]
    with pytest.raises(UsageError, match="unknown device 'painter'"):
        device_columns(cpus, "painter")


def test_what_nobody_measured_comes_with_its_command() -> None:
    board = _board(make_profile("a", 1.0))
    cpu, gpu = board.hints
    assert cpu == (
        "CPU: not measured yet; avss-bench profile b --against ctcnet --seconds 1 "
        "--threads 1 --out here"
    )
    assert "profile b a --against ctcnet --seconds 1 --device cuda --out here" in gpu


def test_commands_name_a_plug_in_by_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost_notes, "plugins", lambda group: {"mine": group})
    runs = [make_run(name, [1.0, 2.0], kind="own") for name in ("mine", "file")]
    (board,) = build_boards(runs)
    hints = with_cost_notes(board, Path("here")).hints
    assert all("avss-bench profile FILE.py:FUNCTION mine --against" in hint for hint in hints)
    assert hints


def test_commands_name_the_settings() -> None:
    (board,) = build_boards([_run_with(SETTINGS), make_run("a", [3.0, 4.0])])
    hints = with_cost_notes(board, Path("here")).hints
    assert [hint for hint in hints if "profile a --set blocks=10 --against" in hint]
    assert [hint for hint in hints if "profile a --against" in hint]


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (make_profile("a", 1.0, busy=True), "!: on CPU the machine was too busy"),
        (make_profile("a", 1.0, unknown=("mine::scan",)), "≥: the cost of some operator"),
    ],
)
def test_what_limits_a_figure_is_said(profile: Profile, said: str) -> None:
    assert any(said in note for note in _board(profile).cost_notes)
    assert not any(said in note for note in _board(make_profile("a", 1.0)).cost_notes)


def test_ratios_name_their_system() -> None:
    profiles = [make_profile("a", 1.0)]
    boards = against(build_boards([make_run("a", [1.0, 2.0])], profiles=profiles), "a", profiles)
    assert any("ratio to A" in note for note in with_cost_notes(boards[0], Path("x")).cost_notes)
