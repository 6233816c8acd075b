"""Runs are found where they lie, and the items to listen to are named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from made_profiles import make_profile
from made_runs import make_run
from submissions.submitted import make_card
from submissions.submitted import make_run as submitted_run

from bench.board.formats import drawn_width
from bench.board.runs import collect
from bench.board.runs.collect import collect_profiles, collect_runs
from bench.board.runs.worst import worst_items, worst_rows, worst_text
from bench.board.submissions import read_submission
from bench.board.submissions.writing import draft_submission, write_submission
from bench.board.verification.draw import evidence_sha256
from bench.board.verification.kept import KeptReplay, KeptVerification
from bench.efficiency.profile import write_profile
from bench.errors import DataError, UsageError
from bench.run.result import Run


def _save(folder: Path, name: str) -> Path:
    run = make_run(name, [1.0, 2.0])
    place = folder / run.id
    place.mkdir(parents=True)
    (place / "plan.json").write_text("{}")
    run.save(place)
    return place


def test_runs_are_found_at_any_depth(tmp_path: Path) -> None:
    _save(tmp_path, "a")
    _save(tmp_path / "deep" / "er", "b")
    found = collect_runs(tmp_path)
    assert [run.system.name for run in found.runs] == ["A", "B"]
    assert found.unfinished == ()


def test_runs_of_other_mouths_are_kept_only_where_there_are_no_others(tmp_path: Path) -> None:
    _save(tmp_path, "a")
    for shift in (1, 2):
        run = make_run("a", [0.0, 0.0], plan={"mouths": f"shifted:{shift}"})
        (tmp_path / "stress" / run.id).mkdir(parents=True)
        run.save(tmp_path / "stress" / run.id)
    found = collect_runs(tmp_path)
    assert [run.plan.mouths for run in found.runs] == ["as-is"]
    assert found.disturbed == 2
    alone = collect_runs(tmp_path / "stress")
    assert len(alone.runs) == 2
    assert alone.disturbed == 0


def test_unfinished_runs_are_named(tmp_path: Path) -> None:
    _save(tmp_path, "a")
    place = _save(tmp_path, "b")
    (place / "run.json").unlink()
    found = collect_runs(tmp_path)
    assert found.unfinished == (place,)
    assert len(found.runs) == 1


def test_a_folder_without_runs_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no run"):
        collect_runs(tmp_path)
    with pytest.raises(DataError, match="there is no folder"):
        collect_runs(tmp_path / "absent")
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="file is no folder"):
        collect_runs(tmp_path / "file")


def test_several_folders_are_read_and_none_twice(tmp_path: Path) -> None:
    _save(tmp_path / "one", "a")
    _save(tmp_path / "two", "b")
    found = collect_runs(tmp_path / "two", tmp_path / "one", tmp_path)
    assert [run.system.name for run in found.runs] == ["A", "B"]
    with pytest.raises(DataError, match="there is no folder"):
        collect_runs(tmp_path, tmp_path / "absent")


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("run.json", b"{", "is not valid JSON"),
        ("run.json", b"{}", "is not the description of a run"),
        ("run.json", b'{"schema": 1}', "another version"),
        ("records.jsonl.gz", b"no gzip", "records.jsonl.gz"),
        ("records.jsonl.gz", None, "records.jsonl.gz"),
    ],
)
def test_a_damaged_run_is_named_and_left_out(
    tmp_path: Path, file: str, content: bytes | None, reason: str
) -> None:
    _save(tmp_path, "a")
    place = _save(tmp_path, "b")
    if content is None:
        (place / file).unlink()
    else:
        (place / file).write_bytes(content)
    found = collect_runs(tmp_path)
    assert [run.system.name for run in found.runs] == ["A"]
    (left_out,) = found.unreadable
    assert left_out.folder == place
    assert reason in left_out.reason
    assert found.unfinished == ()


@pytest.mark.parametrize(
    ("entry", "value"),
    [("metrics", ["si_snr"]), ("separator", {}), ("separator", {"separator": 1}), ("limit", "x")],
)
def test_a_plan_of_wrong_types_is_left_out(tmp_path: Path, entry: str, value: object) -> None:
    _save(tmp_path, "a")
    path = _save(tmp_path, "b") / "run.json"
    content = json.loads(path.read_text())
    content["plan"][entry] = value
    path.write_text(json.dumps(content))
    found = collect_runs(tmp_path)
    assert [run.system.name for run in found.runs] == ["A"]
    assert f"wrong '{entry}" in found.unreadable[0].reason


def test_a_run_of_unknown_metrics_is_left_out(tmp_path: Path) -> None:
    run = make_run("a", [1.0, 2.0], plan={"metrics": {"si_snr": "1", "loudness": "1"}})
    (tmp_path / run.id).mkdir()
    run.save(tmp_path / run.id)
    (left_out,) = collect_runs(tmp_path).unreadable
    assert "was scored with loudness, which this version does not know" in left_out.reason


@pytest.mark.parametrize(
    ("scores", "expected", "reason"),
    [
        ([130.0, 2.0], 2, "the pesq_wb of target 1 of m0 is 0.7, but no value is below 0.999"),
        ([2.0, -130.0], 2, "the si_snr of target 2 of m0 is -130, but no value is below -120"),
        ([1.0, 2.0], -5, "it holds 2 targets, but was to score -5"),
        ([1.0, 2.0], 1, "it holds 2 targets, but was to score 1"),
    ],
)
def test_what_no_run_can_have_is_left_out(
    tmp_path: Path, scores: list[float | None], expected: int, reason: str
) -> None:
    run = replace(make_run("a", scores), expected=expected)
    (tmp_path / run.id).mkdir()
    run.save(tmp_path / run.id)
    (left_out,) = collect_runs(tmp_path).unreadable
    assert reason in left_out.reason


def test_an_improvement_that_is_none_is_left_out(tmp_path: Path) -> None:
    run = make_run("a", [1.0, 2.0])
    wrong = replace(run.records[1], scores={"si_snr": 2.0, "si_snr_i": 1e9})
    run = replace(run, records=(run.records[0], wrong))
    (tmp_path / run.id).mkdir()
    run.save(tmp_path / run.id)
    (left_out,) = collect_runs(tmp_path).unreadable
    assert "the si_snr_i of target 2 of m0 is 1e+09" in left_out.reason


def test_of_equal_records_the_better_provenance_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = _save(tmp_path / "own", "a")
    own = Run.load(place)
    other = replace(own, records=make_run("a", [1.0, 2.5]).records)
    handed_in = [replace(run, provenance="submitted", folder=None) for run in (own, other)]
    (tmp_path / "handed-in").mkdir()
    (tmp_path / "handed-in" / "submission.json").touch()
    monkeypatch.setattr(collect, "_submitted", lambda folder: collect._Found(handed_in))
    found = collect_runs(tmp_path)
    assert [run.provenance for run in found.runs] == ["submitted", "reproduced"]
    assert found.runs[0].records == other.records


def test_submissions_are_read_with_what_they_say_of_costs(tmp_path: Path) -> None:
    draft = draft_submission(
        (submitted_run(),), make_card(), profiles=[make_profile("lipnet", 7.0, kind="own")]
    )
    write_submission(draft, tmp_path / "lipnet")
    found = collect_runs(tmp_path)
    (run,) = found.runs
    assert (run.provenance, run.system.name) == ("submitted", "LipNet-Zwölf")
    (block,) = found.claims[run.id]
    assert block.costs[0].executed_mixture.separator == 7_000_000_000


def _verify(folder: Path) -> None:
    """Write what `avss-bench verify` keeps of a submission that agrees."""
    submission = read_submission(folder)
    run = submission.to_run()
    entry = KeptReplay(
        evidence_sha256=evidence_sha256(run),
        submission_sha256=submission.sha256,
        checked_by={},
        salt="",
        sample=50,
        listed=100,
        mixtures=tuple(f"m{k}" for k in range(50)),
        data="identical",
        device="cpu",
        way="checkpoint",
        tolerances={},
        compared=700,
        unchecked={},
        deviations=(),
        result="verified",
    )
    kept = KeptVerification(runs={run.id: entry})
    (folder / "verification.json").write_text(kept.model_dump_json())


def test_a_verified_submission_carries_that_mark(tmp_path: Path) -> None:
    for name, seed in (("one", 0), ("two", 1)):
        draft = draft_submission((submitted_run(seed=seed),), make_card(system=name))
        write_submission(draft, tmp_path / name)
    _verify(tmp_path / "one")
    marks = {run.system.name: run.provenance for run in collect_runs(tmp_path).runs}
    assert marks == {"one": "verified", "two": "submitted"}


def test_two_submissions_that_call_a_run_alike_say_nothing_of_its_costs(tmp_path: Path) -> None:
    profiles = [make_profile("lipnet", 7.0, kind="own")]
    for name, seed in (("one", 0), ("two", 1)):
        draft = draft_submission((submitted_run(seed=seed),), make_card(), profiles=profiles)
        write_submission(draft, tmp_path / name)
    found = collect_runs(tmp_path)
    assert len(found.runs) == 2
    assert set(found.claims.values()) == {()}


def test_a_submission_that_is_none_is_left_out(tmp_path: Path) -> None:
    _save(tmp_path, "a")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "submission.json").write_text("[" * 100_000)
    found = collect_runs(tmp_path)
    assert len(found.runs) == 1
    assert [entry.folder for entry in found.unreadable] == [tmp_path / "bad"]


def test_profiles_are_read_beside_the_runs_and_before_those_that_ship(tmp_path: Path) -> None:
    assert "ctcnet" in {profile.separator for profile in collect_profiles([tmp_path])[0]}
    write_profile(make_profile("mine", 1.0), tmp_path / "profiles")
    profiles, unreadable = collect_profiles([tmp_path])
    assert profiles[0].separator == "mine"
    assert unreadable == []
    (tmp_path / "profiles" / "x").mkdir()
    (tmp_path / "profiles" / "x" / "y.json").write_text("{}")
    profiles, unreadable = collect_profiles([tmp_path])
    assert "ctcnet" in {profile.separator for profile in profiles}
    assert [entry.folder for entry in unreadable] == [tmp_path / "profiles"]


def test_the_worst_come_first_and_failures_before_them() -> None:
    items = worst_items([make_run("a", [4.0, -1.0, None, 2.0])], 3)
    assert [item.value for item in items] == [None, -1.0, 2.0]
    assert items[0].record.error == "the separator raised ValueError: no"


def test_the_kept_estimate_is_named(tmp_path: Path) -> None:
    run = make_run("a", [1.0, 2.0])
    voice = tmp_path / "estimates" / "s2" / "m0.wav"
    voice.parent.mkdir(parents=True)
    voice.touch()
    kept = type(run)(run.plan, run.system, run.records, run.expected, tmp_path)
    assert [item.estimate for item in worst_items([kept], 2)] == [None, voice]


def test_an_unknown_score_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="unknown score 'loudness'"):
        worst_items([make_run("a", [1.0])], 1, "loudness")


def test_among_equals_the_order_is_stable_and_the_rest_is_counted() -> None:
    run = make_run("a", [5.0, 1.0, 1.0, None, 1.0, 1.0])
    for count in (2, 3):
        items = worst_items([replace(run, records=run.records[::-1]), run], count)
        keys = [item.record.key for item in items]
        assert keys[:count] == keys[count:] == [("m1", 2), ("m0", 2), ("m1", 1)][:count]
        assert [item.as_bad for item in items[:count]] == [0] * (count - 1) + [5 - count]
    assert worst_items([run], 5)[-1].as_bad == 0
    assert worst_items([run], 99)[-1].as_bad == 0


def test_failures_that_were_not_named_are_counted_too() -> None:
    (item,) = worst_items([make_run("a", [None, None, 1.0])], 1)
    assert item.as_bad == 1


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_worst_fit_the_terminal(width: int) -> None:
    items = worst_items([make_run("a", [None, 1.0, 1.0, 2.0])], 2)
    items[0] = replace(items[0], estimate=Path("/somewhere/far/away" * 6))
    text = worst_text(items, "si_snr_i", width=width)
    table = "\n".join(text.splitlines()[:-1])
    assert drawn_width(table) <= width
    assert text.splitlines()[-1].startswith(
        "A: further targets just as bad as its last one (1.00): 1;"
    )
    assert worst_rows(items, "si_snr_i")[1]["as_bad"] == 1
