"""`avss-bench doctor` as a person and as a program see it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench.cli import main


class Doctor:
    """Runs the verb in this process; returns its exit code and what it printed."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capture = patch, capture

    def __call__(self, *arguments: str | Path) -> tuple[object, str]:
        self._patch.setattr(sys, "argv", ["avss-bench", "doctor", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self._capture.readouterr()
        assert printed.err == ""
        return ended.value.code, printed.out


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    return Doctor(monkeypatch, capsys)


def test_a_machine_that_runs_tests_has_what_is_needed(doctor: Doctor, tmp_path: Path) -> None:
    code, said = doctor("--results", tmp_path)
    assert code == 0
    groups = ("installed", "devices", "data sets", "model files", "storage")
    assert [line for line in said.splitlines() if line in groups] == list(groups)
    assert said.splitlines()[-1].startswith("everything needed is here; ")


def test_lines_fit_a_narrow_terminal(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, said = doctor("--results", tmp_path, "--root", tmp_path)
    assert max(map(len, said.splitlines())) <= 80


def test_where_results_cannot_be_written_the_exit_code_is_1(doctor: Doctor) -> None:
    code, said = doctor("--results", "/proc/results")
    assert code == 1
    assert said.splitlines()[-1] == "to be mended first: results"


def test_a_root_that_was_asked_for_and_is_broken_gives_1(doctor: Doctor, tmp_path: Path) -> None:
    code, said = doctor("--results", tmp_path, "--root", tmp_path / "absent")
    assert code == 1
    assert said.splitlines()[-1] == "to be mended first: --root"


def test_programs_get_json(doctor: Doctor, tmp_path: Path) -> None:
    code, said = doctor("--results", tmp_path, "--json")
    content = json.loads(said)
    assert (code, content["works"]) == (0, True)
    keys = {"group", "name", "state", "found", "mend", "needed"}
    assert all(finding.keys() == keys for finding in content["findings"])
