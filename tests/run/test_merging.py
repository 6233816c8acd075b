"""Parts from several machines are the run that one machine would have made, byte for byte."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from tiny import Halves, TinySet

import bench
from bench.core.recordfile import append_records, read_growing
from bench.errors import DataError, UsageError
from bench.run.merging import Merged, merge_runs
from bench.run.parts import Part, parse_part
from bench.run.result import Run

METRICS = ["si_snr", "snr"]


def _run(out: Path, part: str | None = None, count: int = 6) -> Run:
    return bench.evaluate(Halves(), TinySet(count), out=out, metrics=METRICS, part=part)


def _only(found: list[Merged]) -> Merged:
    assert len(found) == 1
    return found[0]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def halves(tmp_path: Path) -> tuple[Path, Path]:
    """Two machines with a half each."""
    for number in (1, 2):
        run = _run(tmp_path / f"machine{number}", part=f"{number}/2")
        assert not run.summary.complete and len(run.records) == 6
    return tmp_path / "machine1", tmp_path / "machine2"


def test_parts_become_the_bytes_of_one_machine(halves: tuple[Path, Path], tmp_path: Path) -> None:
    whole = _run(tmp_path / "one")
    for order in (halves, halves[::-1]):
        out = tmp_path / f"merged-{order[0].name}"
        merged = _only(merge_runs(order, out))
        assert merged.finished and merged.records == 12
        assert _bytes(merged.folder) == _bytes(tmp_path / "one" / whole.id)


def test_what_is_given_is_only_read(halves: tuple[Path, Path], tmp_path: Path) -> None:
    growing = next(halves[0].rglob("records.jsonl"))
    growing.write_bytes(growing.read_bytes() + b'{"torn')
    before = [_bytes(path.parent) for path in sorted(tmp_path.rglob("plan.json"))]
    merge_runs(halves, tmp_path / "merged")
    after = [
        _bytes(p.parent) for p in sorted(tmp_path.rglob("plan.json")) if "merged" not in str(p)
    ]
    assert before == after


def test_a_part_that_is_missing_can_be_added_or_computed(tmp_path: Path) -> None:
    for number in (1, 2):
        _run(tmp_path / str(number), part=f"{number}/3")
    merged = _only(merge_runs([tmp_path / "1", tmp_path / "2"], tmp_path / "both"))
    assert (merged.finished, merged.records, merged.expected) == (False, 8, 12)
    _run(tmp_path / "3", part="3/3")
    added = _only(merge_runs([tmp_path / "both", tmp_path / "3"], tmp_path / "all"))
    assert added.finished
    _run(tmp_path / "both")  # the same call does the rest
    assert _bytes(tmp_path / "both" / merged.run) == _bytes(added.folder)


def test_a_part_leaves_no_finished_run_behind(halves: tuple[Path, Path]) -> None:
    names = {path.name for path in next(halves[0].iterdir()).iterdir()}
    assert names == {"plan.json", "environment.json", "whole.json", "records.jsonl"}
    run = _run(halves[0])
    assert run.summary.complete
    names = {path.name for path in next(halves[0].iterdir()).iterdir()}
    assert names == {"plan.json", "environment.json", "run.json", "records.jsonl.gz"}


def test_overlapping_parts_that_agree_are_joined(halves: tuple[Path, Path], tmp_path: Path) -> None:
    whole = _run(tmp_path / "one")
    merged = _only(merge_runs([tmp_path / "one", *halves], tmp_path / "merged"))
    assert merged.finished and len(merged.sources) == 3
    assert _bytes(merged.folder) == _bytes(tmp_path / "one" / whole.id)


def test_parts_that_disagree_are_refused_by_name(halves: tuple[Path, Path], tmp_path: Path) -> None:
    growing = next(halves[0].rglob("records.jsonl"))
    record = read_growing(growing)[0]
    other = replace(record, scores={**record.scores, "snr": 99.0})
    append_records(next(halves[1].rglob("records.jsonl")), [other])
    with pytest.raises(DataError, match=r"disagree about m000/s1 \(snr .* or 99\.0, in .*machine2"):
        merge_runs(halves, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_what_failed_on_one_machine_and_not_on_another_is_scored(
    halves: tuple[Path, Path], tmp_path: Path
) -> None:
    whole = _run(tmp_path / "one")
    record = read_growing(next(halves[0].rglob("records.jsonl")))[0]
    failed = replace(
        record, status="failed", error="out of memory", scores=dict.fromkeys(record.scores)
    )
    append_records(next(halves[1].rglob("records.jsonl")), [failed])
    for order in (halves, halves[::-1]):
        merged = _only(merge_runs(order, tmp_path / f"merged-{order[0].name}"))
        assert merged.settled == 1
        assert _bytes(merged.folder) == _bytes(tmp_path / "one" / whole.id)


def test_other_runs_are_laid_beside(halves: tuple[Path, Path], tmp_path: Path) -> None:
    _run(tmp_path / "other", count=3)
    (next((tmp_path / "other").iterdir()) / "wer.json").write_text("{}", encoding="utf-8")
    merged = merge_runs([*halves, tmp_path / "other"], tmp_path / "merged")
    assert [run.expected for run in merged] in ([6, 12], [12, 6])
    assert list((tmp_path / "merged").rglob("wer.json"))


def test_nothing_is_overwritten(halves: tuple[Path, Path], tmp_path: Path) -> None:
    merge_runs(halves, tmp_path / "merged")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        merge_runs(halves, tmp_path / "merged")


def test_estimates_travel_along(tmp_path: Path) -> None:
    for number in (1, 2):
        bench.evaluate(
            Halves(),
            TinySet(4),
            out=tmp_path / str(number),
            metrics=METRICS,
            part=f"{number}/2",
            save_estimates=True,
        )
    merged = _only(merge_runs([tmp_path / "1", tmp_path / "2"], tmp_path / "merged"))
    assert len(list(merged.folder.glob("estimates/s?/m*.wav"))) == 8


def test_a_plan_that_was_changed_by_hand_is_another_run(
    halves: tuple[Path, Path], tmp_path: Path
) -> None:
    path = next(halves[1].rglob("plan.json"))
    plan = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**plan, "threads": 7}), encoding="utf-8")
    with pytest.raises(DataError, match="holds records of another run"):
        merge_runs(halves, tmp_path / "merged")
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="is not the plan of a run"):
        merge_runs(halves, tmp_path / "merged")
    with pytest.raises(UsageError, match="holds no run"):
        merge_runs([tmp_path / "nowhere"], tmp_path / "merged")


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2", "1/2/3", ""])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="K/N is expected"):
        parse_part(text)


def test_parts_hold_every_mixture_once() -> None:
    parts = [Part(k, 3) for k in (1, 2, 3)]
    assert [sum(part.holds(at) for part in parts) for at in range(10)] == [1] * 10
    assert str(parse_part("2/3")) == "2/3" and asdict(parts[0]) == {"number": 1, "count": 3}


def test_failed_mixtures_of_other_parts_stay_when_one_part_retries(tmp_path: Path) -> None:
    run = _run(tmp_path / "one")
    folder = tmp_path / "one" / run.id
    failed = [
        replace(r, status="failed", error="no", scores=dict.fromkeys(r.scores))
        if r.mixture in ("m000", "m001")
        else r
        for r in run.records
    ]
    replace(run, records=tuple(failed)).save(folder)
    again = bench.evaluate(
        Halves(),
        TinySet(6),
        out=tmp_path / "one",
        metrics=METRICS,
        part="1/2",
        retry_failed=True,
    )
    assert {r.mixture for r in again.records if r.status == "failed"} == {"m001"}
    assert Run.load(folder).summary.failed == 2


def test_a_part_needs_a_folder() -> None:
    with pytest.raises(UsageError, match="needs a folder"):
        bench.evaluate(Halves(), TinySet(2), metrics=METRICS, part="1/2")


def test_a_target_that_the_run_does_not_have_is_refused_by_name(
    halves: tuple[Path, Path], tmp_path: Path
) -> None:
    growing = next(halves[0].rglob("records.jsonl"))
    first, *others = read_growing(growing)
    growing.unlink()
    append_records(growing, [replace(first, mixture="stranger"), *others])
    with pytest.raises(DataError, match=r"not of this run \(stranger/s1\)"):
        merge_runs(halves, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()
