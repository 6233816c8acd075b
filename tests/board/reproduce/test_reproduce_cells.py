"""Which system meets which set, how the mouths are fed, and what one failure does to the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.board.reproduce import cells
from bench.board.reproduce.cells import Cell, CellResult, RunOptions, plan_cells, run_cells
from bench.board.reproduce.files import FoundFile
from bench.board.reproduce.report import plain_report, plan_text, result_text
from bench.board.reproduce.systems import System
from bench.core.jsonio import dumps
from bench.core.plan import Plan
from bench.errors import CheckpointError
from bench.run.result import Run, SystemFacts

SETS = ["lrs2-2mix", "lrs3-2mix", "talking-heads-2mix"]


def _system(id: str, path: str, **more: object) -> System:
    return System(id, FoundFile(Path(path)), **more)  # type: ignore[arg-type]


def _planned(*systems: System, told: dict[str, str] | None = None) -> list[tuple[str, str]]:
    sets = {Path(path): id for path, id in (told or {}).items()}
    found, _ = plan_cells(systems, SETS, Path("/weights"), sets)
    return [(cell.system.id, cell.dataset) for cell in found]


def test_a_checkpoint_meets_the_set_of_its_name_and_sets_of_no_print() -> None:
    found = _planned(_system("ctcnet", "lrs3/best_model.pth"))
    assert found == [("ctcnet", "lrs3-2mix"), ("ctcnet", "talking-heads-2mix")]


def test_without_a_name_it_meets_every_set_and_says_why() -> None:
    found, _ = plan_cells([_system("ctcnet", "best_model.pth")], SETS, Path("/weights"), {})
    assert [cell.dataset for cell in found] == SETS
    assert any(
        "neither its path nor --map" in caution for cell in found for caution in cell.cautions
    )


def test_the_folder_itself_may_name_the_set() -> None:
    found, _ = plan_cells([_system("ctcnet", "best_model.pth")], SETS, Path("/weights/LRS2"), {})
    assert [cell.dataset for cell in found] == ["lrs2-2mix", "talking-heads-2mix"]


def test_what_the_user_says_is_no_guess() -> None:
    system = _system("ctcnet", "lrs3/best_model.pth")
    told = {Path("lrs3/best_model.pth"): "lrs2-2mix"}
    (cell, _), _ = plan_cells([system], SETS, Path("/weights"), told)
    assert cell.dataset == "lrs2-2mix"
    assert cell.cautions == ()


def test_what_cannot_run_is_named_with_its_reason() -> None:
    systems = [_system("ctcnet", "a.pth", problem="it needs lips"), _system("iianet", "vox2.pth")]
    found, left = plan_cells(systems, SETS[:2], Path("/weights"), {})
    assert found == []
    assert [item.what for item in left] == ["a.pth as ctcnet", "vox2.pth as iianet"]
    assert "voxceleb2-2mix, which is not among the data" in left[1].reason


@pytest.mark.parametrize(
    ("id", "fed"),
    [
        ("iianet", "as-published"),
        ("swift-net", "as-published"),
        ("ctcnet", "default"),
        ("av-convtasnet", "default"),
    ],
)
def test_mouths_are_fed_as_for_the_print_where_crops_are_large_enough(id: str, fed: str) -> None:
    (cell, *_), _ = plan_cells([_system(id, "lrs2.pth")], SETS, Path("/weights"), {})
    assert cell.mouth_input == fed
    assert any("as for the printed scores" in note for note in cell.notes) == (fed != "default")


def test_one_failure_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan = Plan("talking-heads-2mix", "0" * 64, None, {"separator": "ctcnet"}, "published", {})
    run = Run(plan, SystemFacts("CTCNet", "published"), (), 0)

    def stand_in(cell: Cell, *_: object) -> Run:
        if cell.system.id == "ctcnet":
            return run
        if cell.system.id == "iianet":
            raise CheckpointError("the file is damaged.")
        raise RuntimeError("out of memory")

    monkeypatch.setattr(cells, "_run", stand_in)
    ids = ("iianet", "dolphin", "ctcnet")
    planned = [Cell(_system(id, "x.pth"), "talking-heads-2mix", "default", ()) for id in ids]
    results = list(run_cells(planned, dict.fromkeys(SETS), tmp_path, RunOptions(tmp_path)))  # type: ignore[arg-type]
    assert [result.error for result in results] == ["the file is damaged.", "out of memory", ""]
    text = result_text(results, [], 100)
    assert "failed: the file is damaged." in text
    assert "nothing published" in text
    assert [cell["error"] for cell in plain_report(results, [], [])["cells"]] == [
        result.error for result in results
    ]


@pytest.mark.parametrize("width", [80, 100, 160])
def test_tables_and_plans_keep_to_the_width(width: int) -> None:
    cell = Cell(_system("rtfsnet-12", "a/b.pth"), "voxceleb2-2mix", "default", ("word " * 60,))
    result = CellResult(cell, error="word " * 60)
    for text in (plan_text([cell], [], width), result_text([result], [], width)):
        assert max(map(len, text.split("\n"))) <= width
    dumps(plain_report([cell], [], []))
