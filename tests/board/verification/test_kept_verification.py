"""The file that keeps a verification: what it must say for the mark."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from louder import LISTED, better, changed, replayed, submit

from bench.board.submissions.reading import VERIFICATION, read_submission
from bench.board.verification.kept import keep_replay, read_verification
from bench.datasets import Dataset
from bench.run.result import Run


@pytest.fixture(scope="module")
def _verified_once(honest: Run, dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verified") / "sub"
    submission = submit(honest, folder)
    keep_replay(submission, replayed(submission, dataset))
    return folder


@pytest.fixture
def verified(_verified_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(_verified_once, tmp_path / "sub")


def _edit(folder: Path, change: Callable[[dict], None]) -> None:
    path = folder / VERIFICATION
    content = json.loads(path.read_text())
    change(next(iter(content["runs"].values())))
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.update(evidence_sha256="0" * 64),
        lambda entry: entry.update(result="agrees"),
        lambda entry: entry.update(sample=3, mixtures=entry["mixtures"][:3]),
        lambda entry: entry.update(sample=60),
        lambda entry: entry.update(mixtures=entry["mixtures"][:1] * LISTED),
        lambda entry: entry.update(compared=0),
        lambda entry: entry.update(unchecked={"si_snr": "no"}),
        lambda entry: entry.update(extra=1),
        lambda entry: entry.update(sample="50"),
    ],
)
def test_a_file_that_does_not_say_what_the_mark_needs_is_worth_nothing(
    verified: Path, change: Callable[[dict], None]
) -> None:
    assert read_submission(verified).to_run().provenance == "verified"
    _edit(verified, change)
    assert read_submission(verified).to_run().provenance == "submitted"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"runs": 1}', b"\xff\xfe", b"[" * 100_000, b'{"a":1,"a":1}', b"NaN"],
)
def test_a_damaged_file_is_worth_nothing(verified: Path, content: bytes) -> None:
    (verified / VERIFICATION).write_bytes(content)
    assert read_verification(verified) is None
    assert read_submission(verified).to_run().provenance == "submitted"


def test_the_mark_does_not_move_to_other_scores(
    verified: Path, honest: Run, tmp_path: Path
) -> None:
    submit(changed(honest, better), tmp_path / "better")
    (tmp_path / "better" / VERIFICATION).write_bytes((verified / VERIFICATION).read_bytes())
    assert read_submission(tmp_path / "better").to_run().provenance == "submitted"
