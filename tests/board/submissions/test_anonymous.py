"""Who it was is withheld, cannot be guessed, and can be proven."""

from __future__ import annotations

import gzip
import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from submitted import ENTRIES, edit, make_card, make_run, save

from bench.board.submissions import read_submission
from bench.board.submissions.anonymous import commitment_of, read_secret, write_secret
from bench.board.submissions.validation import validate_submission
from bench.board.submissions.writing import (
    draft_submission,
    reveal_submission,
    write_submission,
)
from bench.core.jsonio import dumps_pretty
from bench.efficiency.profile import Profile
from bench.errors import DataError, UsageError
from bench.run.result import Run

IDENTITY = {
    "separator": "ctcnet",
    "weights": "checkpoint",
    "settings": {"an_repeats": 2},
    "files": {"checkpoint": "b" * 64},
    "tensors": "c" * 64,
    "package": "lipnet 1.0",
}


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    run = make_run(plan={"separator": IDENTITY}, kind="published")
    spoilt = replace(
        run.records[0],
        status="failed",
        error="the separator raised LipNetError: no mouth",
        scores=dict.fromkeys(run.records[0].scores),
    )
    run = replace(run, records=(spoilt, *run.records[1:]))
    folder = save(run, tmp_path / "runs")
    environment = {"processor": "Rare Chip 9", "platform": "Linux", "packages": {"numpy": "2"}}
    (folder / "environment.json").write_text(dumps_pretty(environment), encoding="utf-8")
    root = Path(__file__).parents[3]
    path = next((root / "results" / "profiles").glob("*/ctcnet.json"))
    profile = Profile.model_validate_json(path.read_text(encoding="utf-8"))
    profile = profile.model_copy(update={"settings": {"an_repeats": 2}})
    draft = draft_submission(
        [Run.load(folder)],
        make_card(checkpoints=[{"url": "https://example.org/w.pt", "sha256": "b" * 64}]),
        profiles=[profile],
        anonymous=True,
    )
    write_submission(draft, tmp_path / "hidden", tmp_path / "keep.json")
    return tmp_path / "hidden"


def test_nothing_in_the_bytes_says_whose_it_is(hidden: Path) -> None:
    text = (hidden / "submission.json").read_text(encoding="utf-8")
    text += gzip.decompress((hidden / "records.jsonl.gz").read_bytes()).decode()
    words = (
        *("LipNet", "Zwölf", "Ada", "Example", "Grace", "Lips tell", "example.org", "ctcnet"),
        *("CTCNet", "an_repeats", "Rare Chip", "EPYC", "lipnet"),
    )
    assert "b" * 64 not in text and "c" * 64 not in text
    readable = re.sub(r"[0-9a-f]{8,}", "#", text.lower())  # "ada" stands in some hashes by chance
    for word in words:
        assert word.lower() not in readable
    content = json.loads((hidden / "submission.json").read_text(encoding="utf-8"))
    assert content["efficiency"][0]["measured"] == []
    assert content["efficiency"][0]["parameters"]["total"] > 1e6


def test_it_is_valid_and_a_row_like_any_other(hidden: Path) -> None:
    report = validate_submission(hidden, others=[make_run(seed=5)])
    assert [f.line() for f in report.findings] == []
    run = read_submission(hidden).to_run()
    assert run.system.name.startswith("anonymous-")
    assert run.id.startswith("anonymous-")


def test_the_secret_proves_the_identity(hidden: Path, tmp_path: Path) -> None:
    path = tmp_path / "keep.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = read_secret(path)
    assert secret.identity.system == ENTRIES["system"]
    assert validate_submission(hidden, secret=secret).valid
    stranger = secret.model_copy(update={"secret": "0" * 64})
    found = validate_submission(hidden, secret=stranger).findings
    assert any("is not the commitment" in f.problem for f in found)


def test_a_commitment_cannot_be_moved(hidden: Path, tmp_path: Path) -> None:
    """Not to another identity, not to other records, not with another secret."""
    secret = read_secret(tmp_path / "keep.json")
    thief = secret.identity.model_copy(update={"authors": ("Mallory",)})
    made = {
        commitment_of(identity, key, records)
        for identity in (secret.identity, thief)
        for key in (secret.secret, "0" * 64)
        for records in (secret.records, "1" * 64)
    }
    assert len(made) == 8
    stolen = secret.model_copy(update={"identity": thief})
    assert not validate_submission(hidden, secret=stolen).valid


def test_revealed_anybody_can_check(hidden: Path, tmp_path: Path) -> None:
    secret = read_secret(tmp_path / "keep.json")
    draft = reveal_submission(read_submission(hidden), secret)
    write_submission(draft, tmp_path / "named")
    report = validate_submission(tmp_path / "named")
    assert report.valid and report.submission is not None
    assert report.submission.name == ENTRIES["system"]
    assert not report.submission.content.anonymous
    records = [(place / "records.jsonl.gz").read_bytes() for place in (hidden, tmp_path / "named")]
    assert records[0] == records[1]
    edit(tmp_path / "named", lambda c: c["identity"].update(authors=["Mallory"]))
    assert not validate_submission(tmp_path / "named").valid


def test_two_submissions_of_one_identity_have_nothing_in_common() -> None:
    drafts = [draft_submission([make_run()], make_card(), anonymous=True) for _ in range(2)]
    names = {draft.content.identity.system for draft in drafts}
    commitments = {d.content.commitment.sha256 for d in drafts if d.content.commitment}
    assert len(names) == len(commitments) == 2


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("training_data", "our own recordings (Sample et al.)"),
        ("checkpoint_choice", "as in lipnet-zwölf"),
        ("notes", ["see EXAMPLE.org/lipnet"]),
        ("licence", "Grace Sample's"),
    ],
)
def test_free_texts_may_not_name_anybody(field: str, text: object) -> None:
    with pytest.raises(UsageError, match="which would say whose"):
        draft_submission([make_run()], make_card(**{field: text}), anonymous=True)


def test_the_secret_lies_outside_and_is_never_overwritten(tmp_path: Path) -> None:
    draft = draft_submission([make_run()], make_card(), anonymous=True)
    with pytest.raises(UsageError, match="lies inside the submission"):
        write_submission(draft, tmp_path / "x", tmp_path / "x" / "secret.json")
    (tmp_path / "secret.json").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is never overwritten"):
        write_submission(draft, tmp_path / "x", tmp_path / "secret.json")
    assert not (tmp_path / "x").exists()
    with pytest.raises(DataError, match="is not a secret file"):
        read_secret(tmp_path / "secret.json")


def test_the_secret_is_never_readable_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(path: Path, mode: int) -> None:
        raise AssertionError(f"{path} was open to others before it was {mode:o}")

    monkeypatch.setattr(Path, "chmod", late)
    draft = draft_submission([make_run()], make_card(), anonymous=True)
    assert draft.secret is not None
    write_secret(draft.secret, tmp_path / "secret.json")
    assert stat.S_IMODE((tmp_path / "secret.json").stat().st_mode) == 0o600
    assert read_secret(tmp_path / "secret.json") == draft.secret
