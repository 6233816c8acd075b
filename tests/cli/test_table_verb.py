"""`avss-bench table` as a person types it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from board.made_profiles import make_profile
from board.made_runs import make_run

from bench.cli import main
from bench.efficiency.profile import write_profile
from bench.metrics import metric_versions
from bench.run.result import Run


class Table:
    """Runs the verb in this process."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capture = patch, capture
        self.code = 0
        self.said = ""

    def __call__(self, *arguments: str | Path) -> str:
        self._patch.setattr(sys, "argv", ["avss-bench", "table", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self._capture.readouterr()
        self.code, self.said = ended.value.code or 0, printed.err  # type: ignore[assignment]
        return printed.out

    def rows(self, *arguments: str | Path) -> list[dict[str, object]]:
        """Return the rows of the only board."""
        (board,) = json.loads(self(*arguments, "--json"))["boards"]
        rows: list[dict[str, object]] = board["rows"]
        return rows


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Table:
    return Table(monkeypatch, capsys)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two folders of runs, and a profile beside one of them."""
    for folder, name, scores in (("one", "a", [1.0, 3.0]), ("two", "b", [5.0, 6.0])):
        run = make_run(name, scores)
        place = tmp_path / folder / run.id
        place.mkdir(parents=True)
        run.save(place)
    write_profile(make_profile("a", 10.0), tmp_path / "one" / "profiles")
    return tmp_path


def test_several_folders_stand_on_one_board(table: Table, results: Path) -> None:
    assert {row["system"] for row in table.rows(results / "one", results / "two")} == {"A", "B"}
    assert table.code == 0


def test_a_damaged_run_does_not_block_the_board(table: Table, results: Path) -> None:
    broken = next((results / "two").iterdir())
    (broken / "run.json").write_text("{")
    assert [row["system"] for row in table.rows(results)] == ["A"]
    assert table.code == 1
    assert f"avss-bench: {broken} is left out: " in table.said
    assert "Traceback" not in table.said


def test_rows_are_sorted_and_filtered(table: Table, results: Path) -> None:
    assert [row["system"] for row in table.rows(results, "--sort", "system")] == ["A", "B"]
    (row,) = table.rows(results, "--system", "a", "--dataset", "tiny")
    assert row["rank_high"] == 2


def test_costs_come_from_profiles_beside_the_runs_or_from_a_folder(
    table: Table, results: Path, tmp_path: Path
) -> None:
    here = {row["system"]: row["costs"] for row in table.rows(results / "one", results / "two")}
    assert here["A"]["macs_per_second"] == 10e9  # type: ignore[index]
    assert here["B"]["macs_per_second"] is None  # type: ignore[index]
    write_profile(make_profile("b", 5.0), tmp_path / "own")
    own = {
        row["system"]: row["costs"] for row in table.rows(results, "--profiles", tmp_path / "own")
    }
    assert own["A"]["macs_per_second"] is None  # type: ignore[index]
    assert own["B"]["macs_per_second"] == 5e9  # type: ignore[index]


def test_a_comparison_is_printed(table: Table, results: Path) -> None:
    assert "+3.50" in table(results, "--against", "a")


@pytest.mark.parametrize(
    ("format", "mark"),
    [
        ("terminal", "│"),
        ("md", "|--"),
        ("csv", "dataset,rank,rank_low,rank_high,system"),
        ("latex", r"\toprule"),
        ("json", '"boards"'),
        ("html", "<caption>"),
    ],
)
def test_every_format_is_printed_and_written(
    table: Table, results: Path, tmp_path: Path, format: str, mark: str
) -> None:
    assert mark in table(results, "--format", format)
    assert table(results, "--format", format, "--out", tmp_path / "board") == ""
    assert mark in (tmp_path / "board").read_text()


def test_published_figures_stand_alone_or_beside_the_folders_given(
    table: Table, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where no results/local is
    text = table("--published", "--dataset", "lrs2-2mix")
    assert table.code == 0
    assert "CTCNet" in text
    assert "14.3" in text
    (next((results / "two").iterdir()) / "run.json").write_text("{")
    table("--as-printed", results, "--format", "csv")
    assert table.code == 1
    assert "is left out" in table.said


def test_the_worst_say_how_many_more_are_as_bad(table: Table, results: Path) -> None:
    items = json.loads(table(results, "--worst", "1", "--json"))
    assert [item["as_bad"] for item in items] == [0, 0]
    assert "target" in table(results, "--worst", "1")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--against", "ctcnt"), "unknown system 'ctcnt': did you mean 'ctcnet'?"),
        (("--sort", "mac"), "unknown column 'mac': did you mean 'macs'?"),
        (("--system", "z"), "unknown system 'z'"),
        (("--dataset", "tin"), "did you mean 'tiny'?"),
        (("--provenance", "submited"), "unknown provenance 'submited'"),
        (("--format", "htm"), "did you mean 'html'?"),
        (("--score", "si_snri"), "did you mean 'si_snr_i'?"),
        (("--profiles", "absent"), "--profiles absent holds no profile"),
        (("--worst", "1", "--format", "latex"), "--worst prints terminal or json"),
        (("--published", "--system", "a"), "--system was given, but --published has no such"),
    ],
)
def test_wrong_use_is_one_sentence(
    table: Table, results: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    table(results, *arguments)
    assert table.code == 2
    assert sentence in table.said
    assert len(table.said.strip().splitlines()) == 1


def _saved(run: Run, folder: Path) -> Run:
    (folder / run.id).mkdir(parents=True)
    run.save(folder / run.id)
    return run


def test_a_stress_test_does_not_flood_the_board(table: Table, results: Path) -> None:
    for shift in (1, 2, 3):
        run = make_run("a", [0.0, 0.0], plan={"mouths": f"shifted:{shift}"})
        _saved(run, results / "stress")
    assert [row["system"] for row in table.rows(results)] == ["B", "A"]
    assert table.said.startswith("avss-bench: 3 runs with disturbed mouths are left out; ")
    assert "`avss-bench stress`" in table.said
    assert table.code == 0
    assert len(table.rows(results / "stress")) == 3
    assert "left out" not in table.said


def test_the_worst_of_runs_with_a_score_are_named_where_others_lack_it(
    table: Table, results: Path
) -> None:
    lacking = make_run("c", [1.0, 2.0], plan={"metrics": metric_versions(("pesq_wb",))})
    records = [replace(r, scores={"pesq_wb": 2.0, "pesq_wb_i": 1.0}) for r in lacking.records]
    lacking = _saved(replace(lacking, records=tuple(records)), results)
    shown = table(results, "--worst", "1")
    assert "m0/s1" in shown
    assert "C " not in shown
    assert f"avss-bench: {lacking.id} has no 'si_snr_i' and is left out." in table.said
    assert table.code == 0
    table(results, "--worst", "1", "--by", "stoi")
    assert table.code == 2
    assert "unknown score 'stoi'" in table.said
