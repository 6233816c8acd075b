"""What docs/submissions.md tells to type works, in this order, in an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.cli.app import app
from bench.errors import BenchError

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = REPOSITORY / "docs" / "submissions.md"
WORKFLOW = REPOSITORY / ".github" / "workflows" / "submission.yml"


def _shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script where `avss-bench` is this checkout's."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    tool = tools / "avss-bench"
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m bench "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
        "COLUMNS": "100",
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of somebody who has typed everything, and what was printed."""
    folder = tmp_path_factory.mktemp("reader")
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    done = _shell("\n".join(blocks), folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_every_command_of_the_document_works(followed: tuple[Path, str]) -> None:
    folder, printed = followed
    assert "submissions/my-system: valid" in printed
    assert "My system" in printed
    assert "The secret proves that it is 'My system'." in printed
    assert "finished, 200 targets from 2 folders" in printed
    assert 'visual_pretraining = ""' in (folder / "my-system.toml").read_text(encoding="utf-8")
    hidden = (folder / "submissions" / "hidden" / "submission.json").read_text(encoding="utf-8")
    assert "My system" not in hidden and "Ada" not in hidden
    revealed = folder / "submissions" / "revealed" / "submission.json"
    assert '"My system"' in revealed.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("submit", "name the folders of finished runs"),
        ("submit RUN --out x", "'authors' is missing"),
        ("submit nowhere --out x", "is not a finished run"),
        ("submit RUN --out x --flag quick --system a", "did you mean 'quick-look'?"),
        ("validate", "name the folder of a submission"),
        ("validate nowhere", "there is no folder nowhere"),
        ("validate submissions --against nowhere", "there is no folder nowhere"),
        ("validate submissions/hidden --reveal my-system.toml", "is not a secret file"),
        ("merge machine-1 --out merged", "nothing is overwritten"),
        ("merge nowhere --out x", "holds no run"),
        ("run mixture --part 3/2 --out x", "K/N is expected"),
        ("run mixture --part 1/2 --wer-model auto --out x", "has no word error rates"),
    ],
)
def test_wrong_use_is_one_sentence(
    followed: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, command: str, sentence: str
) -> None:
    folder, _ = followed
    monkeypatch.chdir(folder)
    run = str(next((folder / "runs").iterdir()))
    done = CliRunner().invoke(app, command.replace("RUN", run).split())
    assert isinstance(done.exception, BenchError), done.output
    assert done.exception.exit_code == 2
    assert sentence in str(done.exception)
    assert "\n" not in str(done.exception)
    assert not (folder / "x").exists()


def test_a_submission_is_held_against_the_runs_of_the_checkout(
    followed: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`submit` looks where `validate` does."""
    folder, _ = followed
    monkeypatch.chdir(tmp_path)
    said = "no other run on the same talking-heads-2mix was found"
    again = [
        "submit",
        str(folder / "submissions/hidden"),
        "--reveal",
        str(folder / "my.secret.json"),
    ]
    assert said in CliRunner().invoke(app, [*again, "--out", "alone"]).output
    assert said in CliRunner().invoke(app, ["validate", "alone"]).output
    ours = REPOSITORY / "results" / "talking-heads-2mix"
    shutil.copytree(ours, tmp_path / "results" / "talking-heads-2mix")
    assert said not in CliRunner().invoke(app, [*again, "--out", "held"]).output
    assert said not in CliRunner().invoke(app, ["validate", "held"]).output


def test_the_schema_is_printed() -> None:
    ships = (REPOSITORY / "submissions" / "submission.schema.json").read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["validate", "--schema"]).stdout == ships


def _step(name: str) -> str:
    """The script of a step of the workflow."""
    text = WORKFLOW.read_text(encoding="utf-8")
    found = re.search(rf"- name: {name}\n.*?run: \|\n((?: {{10}}[^\n]*\n)+)", text, re.DOTALL)
    assert found is not None
    return re.sub(r"^ {10}", "", found[1], flags=re.MULTILINE)


def test_a_pull_request_is_validated_and_compared(followed: tuple[Path, str]) -> None:
    """The workflow's own command, on a pull request with a good and a forged submission."""
    reader, _ = followed
    folder = reader / "ci"
    for name in ("base/submissions", "head/submissions", "base/results"):
        (folder / name).mkdir(parents=True)
    for side in ("base", "head"):
        for path in (REPOSITORY / "submissions").glob("*.*"):
            shutil.copy(path, folder / side / "submissions")
    shutil.copytree(
        REPOSITORY / "results" / "talking-heads-2mix", folder / "base/results/talking-heads-2mix"
    )
    nothing = _shell(_step("Validate"), folder)
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "No submission was added" in (folder / "comment.md").read_text(encoding="utf-8")

    shutil.copytree(reader / "submissions/hidden", folder / "base/submissions/old")
    verdict = '{"runs": {}}'  # the board's own, which may stay
    (folder / "base/submissions/old/verification.json").write_text(verdict, encoding="utf-8")
    shutil.copytree(folder / "base/submissions/old", folder / "head/submissions/old")
    shutil.copytree(reader / "submissions/my-system", folder / "head/submissions/new")
    good = _shell(_step("Validate"), folder)
    assert good.returncode == 0, good.stdout + good.stderr
    comment = (folder / "comment.md").read_text(encoding="utf-8")
    assert comment.count("### ") == 1
    assert "### `My system`: valid" in comment
    assert "| SI-SNRi | 0.00 |" in comment

    forged = folder / "head/submissions/<script>"
    shutil.copytree(folder / "head/submissions/new", forged)
    path = forged / "submission.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"ok": 200', '"ok": 199'), encoding="utf-8"
    )
    (forged / "verification.json").write_text(verdict, encoding="utf-8")
    bad = _shell(_step("Validate"), folder)
    assert bad.returncode == 1
    assert "verification.json: is not what the board has" in bad.stdout
    assert "submission.json#/runs/0/ok: 199, but the records give 200" in bad.stdout
    assert "refused (2 errors)" in (folder / "comment.md").read_text(encoding="utf-8")


def test_the_workflow_can_neither_write_nor_leak() -> None:
    text = WORKFLOW.read_text(encoding="utf-8")
    assert "pull_request_target" not in text and "secrets." not in text
    assert re.search(r"^permissions:\n  contents: read\n(?! )", text, re.MULTILINE)
    assert text.count("persist-credentials: false") == text.count("actions/checkout")
    # What strangers choose (names of branches, titles) never reaches a shell.
    for script in re.findall(r"run: (.*(?:\n {10}.*)*)", text):
        assert "${{" not in script
    assert "pip install ./base" in text and "./head" not in text
