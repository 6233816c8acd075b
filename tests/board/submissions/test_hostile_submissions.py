"""What strangers may hand in: each kind gets findings of one line, at a place, and no traceback."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hostile_kinds import (
    KINDS,
    MERELY_ODD,
    Spoil,
    bomb,
    entry,
    folder_of_files,
    many_lines,
    scores_moved,
)
from submitted import (
    edit_record,
    make_run,
    submission,
)
from typer.testing import CliRunner

from bench.board.submissions import read_submission
from bench.board.submissions.validation import validate_submission
from bench.cli.app import app
from bench.errors import DataError


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The bytes of a submission that nothing is wrong with."""
    folder = submission(tmp_path_factory.mktemp("honest") / "mine")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(honest: dict[str, bytes], tmp_path: Path) -> Path:
    place = tmp_path / "mine"
    place.mkdir()
    for name, content in honest.items():
        (place / name).write_bytes(content)
    return place


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_found_and_said_in_one_line(folder: Path, kind: str) -> None:
    spoil, place, problem = KINDS[kind]
    spoil(folder)
    report = validate_submission(folder)
    found = [f for f in report.findings if f.place.startswith(place) and problem in f.problem]
    assert found, [finding.line() for finding in report.findings]
    assert len(report.findings) < 400
    for finding in report.findings:
        line = finding.line()
        assert line.isprintable() and len(line) < 800
    if kind in MERELY_ODD:
        assert found[0].severity == "warning"
    else:
        assert not report.valid


@pytest.mark.parametrize("name", ["a\n::warning::b\x1b[2J", "\udcff\udcfe", "x\u202ey"])
def test_a_folder_may_have_any_name(folder: Path, name: str) -> None:
    """What is printed of it cannot begin a line, move a cursor or fail to be encoded."""
    place = folder.parent / "many" / name
    place.parent.mkdir()
    folder.rename(place)
    (place / "x").write_text("x", encoding="utf-8")
    for words in ([], ["--json"], ["--comment", str(folder.parent / "comment.md")]):
        done = CliRunner().invoke(app, ["validate", str(place.parent), *words])
        assert done.exit_code == 1, done.exception
        assert not any(line.startswith("::") for line in done.stdout.splitlines())
        assert all(line.isprintable() for line in done.stdout.splitlines())
    with pytest.raises(DataError) as caught:
        read_submission(place)
    assert str(caught.value).isprintable()


def test_everything_wrong_is_said_at_once(folder: Path) -> None:
    entry("method", "causal", to="no")(folder)
    entry("identity", "system", to="")(folder)
    (folder / "x.sh").write_text("exit", encoding="utf-8")
    places = {finding.place for finding in validate_submission(folder).findings}
    assert {"submission.json#/method/causal", "submission.json#/identity/system", "x.sh"} <= places


def test_a_board_gets_one_error(folder: Path) -> None:
    entry("method", "causal", to="no")(folder)
    entry("method", "licence", to=5)(folder)
    with pytest.raises(DataError, match=r"/method/causal: .* \(and 1 more; `avss-bench validate`"):
        read_submission(folder)


def test_scores_of_the_mixtures_are_held_against_other_runs(folder: Path) -> None:
    scores_moved(stoi_i=0.15)(folder)
    alone = validate_submission(folder)
    assert alone.valid and "no other run on the same" in alone.findings[-1].problem
    found = validate_submission(folder, others=[make_run(seed=3)])
    assert "the improvements of 1 targets are over other mixtures" in found.findings[0].problem


def test_speakers_are_held_against_other_runs(folder: Path) -> None:
    """A speaker per utterance would make intervals narrower, and contradicts nothing else here."""
    for number in range(200):
        edit_record(
            folder,
            number,
            lambda r: r.update(
                target_cluster=r["target_utterance"], interferer_cluster=r["interferer_utterance"]
            ),
        )
    assert validate_submission(folder).valid
    found = validate_submission(folder, others=[make_run(seed=3)])
    assert "200 targets are of other utterances, speakers" in found.findings[0].problem


@pytest.mark.parametrize("spoil", [bomb, many_lines, folder_of_files], ids=lambda s: s.__name__)
def test_memory_stays_bounded(folder: Path, spoil: Spoil) -> None:
    spoil(folder)
    tracemalloc.start()
    try:
        assert not validate_submission(folder).valid
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 300e6
