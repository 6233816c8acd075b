"""What typer itself refuses, and Ctrl-C: one line on the error stream, whatever the moment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bench
from bench.cli import main


def refuse(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> str:
    """Run what must be refused, and return the one line it gets."""
    monkeypatch.setattr(sys, "argv", ["avss-bench", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (2, "")
    (line,) = printed.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "mixture", "--datset", "x"), ("no such option: --datset", "--dataset")),
        (("separate",), ("missing argument",)),
        (("run", "mixture", "--workers", "two"), ("invalid value for '--workers'",)),
        (("run", "mixture", "--workers", "0"), ("invalid value for '--workers'", "1")),
        (("run", "mixture", "--root"), ("option '--root' requires an argument",)),
        (("explain",), ("missing argument",)),
        (("lst",), ("no such command 'lst'", "'list'")),
        (("list", "ctcnet", "iianet"), ("unexpected extra argument",)),
    ],
)
def test_a_wrong_call_is_one_line(
    arguments: tuple[str, ...],
    said: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = refuse(monkeypatch, capsys, *arguments)
    assert line.startswith("avss-bench: ")
    assert line.endswith("--help` shows what is expected.")
    assert all(words in line for words in said)


def test_the_verb_whose_help_is_named_is_the_one_that_was_called(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "`avss-bench score --help`" in refuse(monkeypatch, capsys, "score", "--fast")


def test_nothing_is_drawn_for_what_never_begins(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    call = ("run", "mixture", "--out", str(tmp_path / "file"))
    assert "expects a folder" in refuse(monkeypatch, capsys, *call)


def test_no_verb_at_all_gets_the_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["avss-bench"])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert "Usage: avss-bench" in printed.out
    assert printed.err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--version",), f"avss-bench {bench.__version__}"),
        (("-h",), "Usage: avss-bench"),
        (("run", "-h"), "Usage: avss-bench run"),
    ],
)
def test_version_and_the_short_way_to_help(
    arguments: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["avss-bench", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, said in capsys.readouterr().out) == (0, True)


# The loading of a module is interrupted: the verbs, the engine, PyTorch.
@pytest.mark.parametrize("module", ["bench.cli.app", "bench.run.engine", "torch"])
def test_ctrl_c_while_something_is_loaded_is_one_line(module: str) -> None:
    code = f"""
import os, signal, sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupt())
sys.argv = ["avss-bench", "run", "mixture", "--out", os.devnull]
from bench.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    (line,) = done.stderr.splitlines()
    assert line == "avss-bench: interrupted; the same command goes on from what was kept."
