"""What is written is read back, is the same every time, and holds nothing that must not leave."""

from __future__ import annotations

import getpass
import gzip
import json
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from submitted import (
    METRICS,
    edit,
    lines_of,
    make_card,
    make_run,
    save,
    submission,
)
from typer.testing import CliRunner

from bench.board.submissions import examine, read_submission
from bench.board.submissions.card import TEMPLATE
from bench.board.submissions.efficiency import EfficiencyBlock
from bench.board.submissions.models import Method
from bench.board.submissions.trimming import plain_text
from bench.board.submissions.validation import validate_submission
from bench.board.submissions.writing import draft_submission, write_submission
from bench.cli.app import app
from bench.core.files import gzip_bytes
from bench.core.jsonio import dumps, dumps_pretty
from bench.errors import DataError, UsageError
from bench.run.result import Run
from bench.run.words import HeardTarget, outgoing, score_words

CANARY = "the quick canary sang at dawn"


def test_what_is_written_is_read_back_as_the_same_run(tmp_path: Path) -> None:
    run = make_run()
    found = read_submission(submission(tmp_path / "mine", run)).to_run()
    assert found.provenance == "submitted"
    assert found.system.name == "LipNet-Zwölf"
    assert found.plan.metrics == run.plan.metrics
    assert found.expected == run.expected
    assert [r.scores for r in found.records] == [r.scores for r in run.records]
    assert {r.run for r in found.records} == {found.id} == {found.plan.run_id}
    assert found.summary.aggregates == run.summary.aggregates


def test_a_run_of_a_known_system_keeps_its_id(tmp_path: Path) -> None:
    identity = {
        "separator": "ctcnet",
        "weights": "checkpoint",
        "settings": {"an_repeats": 2, "kernel_size": 21.0},
        "files": {"checkpoint": "b" * 64},
        "mouth_input": "default",
        "seed": None,
        "tensors": "c" * 64,
    }
    run = make_run(plan={"separator": identity}, kind="published")
    found = read_submission(submission(tmp_path / "mine", run, system="CTCNet")).to_run()
    assert found.id == run.id
    assert found.plan == run.plan


def test_equal_runs_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        submission(tmp_path / name)
    for name in ("submission.json", "records.jsonl.gz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_nothing_is_found_in_an_honest_submission(tmp_path: Path) -> None:
    report = validate_submission(submission(tmp_path / "mine"), others=[make_run(seed=5)])
    assert report.findings == ()
    assert report.valid


def test_several_runs_share_one_submission(tmp_path: Path) -> None:
    runs = make_run(), make_run(seed=1, plan={"threads": 2})
    found = read_submission(submission(tmp_path / "mine", *runs))
    assert [run.plan.threads for run in found.to_runs()] == [1, 2]
    assert [len(run.records) for run in found.to_runs()] == [200, 200]
    with pytest.raises(DataError, match="has 2 runs, but one is expected"):
        found.to_run()
    with pytest.raises(DataError, match="has 0 runs on 'lrs2-2mix'"):
        found.to_run("lrs2-2mix")


def test_the_real_runs_of_the_project_pass(tmp_path: Path) -> None:
    """The rules of plausibility must hold for what was really measured."""
    runs = sorted(Path(__file__).parents[3].glob("results/talking-heads-2mix/*/run.json"))
    assert runs
    loaded = [Run.load(path.parent) for path in runs]
    for number, run in enumerate(loaded):
        draft = draft_submission([run], make_card(), flags=("oracle", "baseline"))
        write_submission(draft, tmp_path / str(number))
        report = validate_submission(tmp_path / str(number), others=[loaded[number - 1]])
        assert [f.line() for f in report.findings] == []


def test_no_text_that_was_heard_or_said_leaves(tmp_path: Path) -> None:
    run = make_run()
    spoilt = [
        replace(r, conditions={**r.conditions, "transcript": CANARY}, status="failed",
                error=f"the separator raised ValueError: heard {CANARY} in /data/ann/secret.wav",
                scores=dict.fromkeys(r.scores))
        if k < 2
        else r
        for k, r in enumerate(run.records)
    ]  # fmt: skip
    run = replace(run, records=tuple(spoilt))
    folder = save(run, tmp_path)
    heard = [
        HeardTarget(r.mixture, r.target, "en", CANARY, f"{CANARY} x", CANARY, f"so {CANARY}")
        for r in run.records
    ]
    rows = "".join(f"{dumps(outgoing(h))}\n" for h in heard)
    (folder / "wer.jsonl.gz").write_bytes(gzip_bytes(rows.encode()))
    scores = {n: s.plain() for n, s in score_words(heard, len(heard)).items()}
    about = {
        "recogniser": {"engine": "tiny", "sha256": "d" * 64, "path": "/data/ann/model.pt"},
        "language": "en",
        "word_references": "transcript",
        "normaliser": "1",
    }
    (folder / "wer.json").write_text(dumps_pretty({**about, "scores": scores}), encoding="utf-8")
    (folder / "private").mkdir()
    (folder / "private" / "texts.jsonl.gz").write_bytes(gzip_bytes(CANARY.encode()))
    loaded = Run.load(folder)
    write_submission(draft_submission([loaded], make_card()), tmp_path / "mine")
    everything = b"".join(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in (tmp_path / "mine").rglob("*")
        if path.is_file()
    ).decode()
    for word in ("canary", "/data", "ann/", "private"):
        assert word not in everything
    report = validate_submission(tmp_path / "mine")
    words = report.submission.content.runs[0].words if report.submission else None
    assert words is not None and words.scores["wer_transcript"].deletions == 200
    assert [f.line() for f in report.findings if f.severity == "error"] == []


def test_no_name_of_a_machine_or_a_user_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "zebra-node-17")
    monkeypatch.setattr(getpass, "getuser", lambda: "okapi")
    code = {"attributes": {"a.path": "'/data/okapi/x'"}, "files": {"okapi.py": "e" * 64}}
    separator = {"separator": "okapi_net", "tensors": "a" * 64, "code": code}
    run = make_run(plan={"separator": separator, "marks": ("made by okapi in /data/okapi/crops",)})
    folder = save(run, tmp_path)
    environment = {
        "packages": {"numpy": "2"},
        "platform": "Linux on zebra-node-17",
        "hostname": "zebra-node-17",
        "processor": "AMD EPYC",
    }
    (folder / "environment.json").write_text(dumps_pretty(environment), encoding="utf-8")
    out = tmp_path / "mine"
    write_submission(draft_submission([Run.load(folder)], make_card()), out)
    everything = (out / "submission.json").read_text(encoding="utf-8") + "".join(lines_of(out))
    for word in ("okapi", "zebra", "/data", str(tmp_path)):
        assert word not in everything
    assert "AMD EPYC" in everything


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("crops (x/255 - 0.421)/0.165 and 88/96", "crops (x/255 - 0.421)/0.165 and 88/96"),
        ("see https://example.org/a/b", "see https://example.org/a/b"),
        ("from '/data/x y'", "from '<path> y'"),
        ("in ~/x and C:\\Users\\ann", "in <path> and <path>"),
        ("at \\\\server\\share", "at <path>"),
        ("a\u202eb\nc", "a b c"),
    ],
)
def test_paths_leave_no_text_and_fractions_stay(text: str, expected: str) -> None:
    assert plain_text(text) == expected


def test_what_was_not_finished_cannot_be_submitted() -> None:
    run = make_run()
    with pytest.raises(UsageError, match="has 199 of 200 records; finish it"):
        draft_submission([replace(run, records=run.records[1:])], make_card())


@pytest.mark.parametrize(
    ("plan", "flag"),
    [
        ({"limit": 10}, "quick-look"),
        ({"separator": {"separator": "x", "weights": "random"}}, "random-weights"),
        ({"mouths": "swapped"}, "disturbed-mouths"),
        ({"marks": ("unofficial mixture list abc… (3 mixtures)",)}, "unofficial-list"),
    ],
)
def test_what_is_never_ranked_needs_a_flag(
    tmp_path: Path, plan: dict[str, object], flag: str
) -> None:
    run = make_run(plan=plan)
    with pytest.raises(UsageError, match=f"--flag {flag}"):
        draft_submission([run], make_card())
    write_submission(draft_submission([run], make_card(), flags=[flag]), tmp_path / "x")  # type: ignore[list-item]
    assert validate_submission(tmp_path / "x").valid
    edit(tmp_path / "x", lambda content: content["runs"][0].update(flags=[]))
    findings = validate_submission(tmp_path / "x").findings
    assert any(f"'{flag}' holds for this run" in f.problem for f in findings)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    submission(tmp_path / "mine")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        submission(tmp_path / "mine")


def test_everything_that_a_card_lacks_is_said_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        make_card(system="", licence="", causal="no", colour="red")
    for word in ("'system' is missing", "'licence' is missing", "'causal'", "'colour' is unknown"):
        assert word in str(caught.value)


def test_a_card_that_is_filled_in_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The template, with values and the commented entries; the run knows the weights' hash."""
    monkeypatch.chdir(tmp_path)  # no real runs on the data that this one only claims
    values = {"modality": "audio-visual", "year": 2026}
    lines = []
    for line in TEMPLATE.splitlines():
        name, _, rest = line.removeprefix("# ").partition(" = ")
        if rest.startswith('""') and name != "sha256":
            lines.append(f"{name} = {json.dumps(values.get(name, f'some {name}'))}")
        elif rest.startswith('["'):
            lines.append(f'{name} = ["some {name}"]')
        elif rest.startswith('"https'):
            lines.append(f'{name} = "https://example.org/{name}"')
        elif rest[:1].isalnum() or name.startswith("["):
            lines.append(line.removeprefix("# "))
    card = tmp_path / "card.toml"
    card.write_text("\n".join(lines), encoding="utf-8")
    identity = {"separator": "x", "weights": "checkpoint", "files": {"checkpoint": "b" * 64}}
    folder = save(make_run(plan={"separator": identity}), tmp_path)
    out = tmp_path / "mine"
    words = ["submit", str(folder), "--card", str(card), "--out", str(out), "--author", "Ada"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, (done.output, done.exception)
    content = read_submission(out).content
    assert content.identity.authors == ("Ada",)  # an option replaces an entry
    assert content.identity.supersedes == "some supersedes"
    assert content.identity.paper is not None and content.identity.paper.year == 2026
    assert content.identity.checkpoints[0].sha256 == "b" * 64
    assert content.method.notes == ("some notes",)
    assert {name for name in Method.model_fields if not getattr(content.method, name)} == {"causal"}


def test_the_block_of_a_profile_is_the_profile() -> None:
    from bench.efficiency.profile import Profile

    assert list(EfficiencyBlock.model_fields) == list(Profile.model_fields)
    folder = Path(__file__).parents[3] / "results" / "profiles"
    for path in sorted(folder.glob("*/*.json"))[:3]:
        text = path.read_text(encoding="utf-8")
        block = EfficiencyBlock.model_validate_json(text)
        assert block.to_profile() == Profile.model_validate(json.loads(text))


def test_profiles_of_the_system_are_taken_in() -> None:
    from bench.efficiency.profile import Profile

    folder = Path(__file__).parents[3] / "results" / "profiles"
    paths = sorted(folder.glob("*/*.json"))
    profiles = [Profile.model_validate_json(path.read_text(encoding="utf-8")) for path in paths]
    identity = {"separator": "ctcnet", "weights": "checkpoint", "settings": {}}
    run = make_run(plan={"separator": identity}, kind="published")
    content = draft_submission([run], make_card(system="CTCNet"), profiles=profiles).content
    assert {block.separator for block in content.efficiency} == {"ctcnet"}
    assert content.efficiency[0].to_profile().costs


def test_the_schema_that_ships_is_that_of_the_models() -> None:
    from bench.board.submissions.schema import schema_text

    path = Path(__file__).parents[3] / "submissions" / "submission.schema.json"
    assert path.read_text(encoding="utf-8") == schema_text()


def test_reading_needs_no_torch() -> None:
    code = "import sys, bench.board.submissions; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_absent_is_said(tmp_path: Path) -> None:
    assert examine(tmp_path / "none")[1][0].problem.startswith("there is no folder")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"is no submission: submission\.json: there is no"):
        read_submission(tmp_path / "empty")
    assert METRICS[0] in make_run().plan.metrics


@pytest.mark.parametrize(
    ("entry", "value"), [("separator", {}), ("separator", "x"), ("marks", 5), ("metrics", [])]
)
def test_a_run_that_was_edited_by_hand_is_one_sentence(
    tmp_path: Path, entry: str, value: object
) -> None:
    folder = save(make_run(), tmp_path)
    content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    content["plan"][entry] = value
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")
    card = tmp_path / "card.toml"
    card.write_text(TEMPLATE, encoding="utf-8")
    done = CliRunner().invoke(
        app, ["submit", str(folder), "--card", str(card), "--out", str(tmp_path / "out")]
    )
    assert isinstance(done.exception, DataError)
    assert f"wrong '{entry}" in str(done.exception)
