"""A run gives the same bytes however it comes about, and counts what goes wrong."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from tiny import Halves, TinySet

import bench
from bench.core.files import append_lines
from bench.errors import DataError, StorageError, UsageError
from bench.run.result import Run

METRICS = ("si_snr", "snr")


def _evaluate(out: Path | None = None, **settings: object) -> Run:
    separator = settings.pop("separator", None) or bench.load_separator("ideal-ratio-mask")
    dataset = settings.pop("dataset", TinySet())
    return bench.evaluate(separator, dataset, out=out, metrics=METRICS, **settings)  # type: ignore[arg-type]


def _bytes(run: Run) -> dict[str, bytes]:
    assert run.folder is not None
    return {name: (run.folder / name).read_bytes() for name in ("run.json", "records.jsonl.gz")}


def test_what_is_no_separator_is_one_sentence() -> None:
    with pytest.raises(UsageError, match=r"^3 was given as the separator, but a torch.nn.Module"):
        bench.evaluate(3, TinySet())  # type: ignore[arg-type]


def test_every_target_has_its_record_in_the_order_of_the_list() -> None:
    run = _evaluate()
    assert [record.key for record in run.records][:3] == [("m000", 1), ("m000", 2), ("m001", 1)]
    assert run.summary.expected == run.summary.ok == 12
    assert run.summary.aggregates["si_snr_i"].mean > 3
    assert run.records[1].conditions == {"pair": "AB", "input_snr_db": -1.5}
    assert run.records[1].target_cluster == run.records[0].interferer_cluster == "speaker5"


def test_the_frame_has_a_row_per_target() -> None:
    frame = _evaluate().to_frame()
    assert len(frame) == 12
    assert {"mixture", "target", "si_snr_i", "pair", "input_snr_db"} <= set(frame.columns)


def test_the_unprocessed_mixture_improves_nothing() -> None:
    run = _evaluate(separator=bench.load_separator("mixture"))
    assert {record.scores["si_snr_i"] for record in run.records} == {0.0}


def test_several_processes_give_the_same_bytes(tmp_path: Path) -> None:
    one = _evaluate(tmp_path / "one")
    assert _bytes(one) == _bytes(_evaluate(tmp_path / "two", workers=2))


@pytest.mark.parametrize("kept", [0, 1, 2, 3, 7, 12])
def test_a_run_cut_anywhere_resumes_to_the_same_bytes(tmp_path: Path, kept: int) -> None:
    whole = _evaluate(tmp_path / "whole")
    again = _evaluate(tmp_path / "cut")
    assert again.folder is not None
    expected = _bytes(whole)
    lines = [record.line() for record in whole.records][:kept]
    for name in expected:
        (again.folder / name).unlink()
    append_lines(again.folder / "records.jsonl", lines)
    with (again.folder / "records.jsonl").open("a") as stream:
        stream.write('{"torn": ')
    resumed = _evaluate(tmp_path / "cut")
    assert _bytes(resumed) == expected
    assert not (again.folder / "records.jsonl").exists()


def test_a_target_that_was_torn_off_long_ago_is_done_again(tmp_path: Path) -> None:
    """With several workers, the torn group need not be the last one of the file."""
    run = _evaluate(tmp_path)
    assert run.folder is not None
    expected = _bytes(run)
    for name in expected:
        (run.folder / name).unlink()
    lines = [record.line() for record in run.records]
    append_lines(run.folder / "records.jsonl", [lines[0], *lines[2:6]])
    again = _evaluate(tmp_path)
    assert _bytes(again) == expected
    assert again.expected == len(again.records) == 12


def test_failed_items_are_tried_again_when_asked(tmp_path: Path) -> None:
    moods = {"works": False}

    class Moody(Halves):
        def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
            if not moods["works"]:
                raise RuntimeError("out of memory")
            return super().forward(mixture, mouths)

    assert _evaluate(tmp_path, separator=Moody()).summary.failed == 12
    moods["works"] = True
    assert _evaluate(tmp_path, separator=Moody()).summary.failed == 12
    assert _evaluate(tmp_path, separator=Moody(), retry_failed=True).summary.ok == 12
    assert _evaluate(tmp_path, separator=Moody()).summary.ok == 12


def test_every_metric_of_the_registry_can_be_asked_for(tmp_path: Path) -> None:
    separator = bench.load_separator("ideal-ratio-mask")
    run = bench.evaluate(separator, TinySet(1), metrics=("sir_bsseval512", "sar_bsseval512"))
    assert run.summary.ok == 2
    assert "sar_bsseval512_i" not in run.records[0].scores


def test_what_was_there_is_kept(tmp_path: Path) -> None:
    run = _evaluate(tmp_path)
    assert run.folder is not None
    before = {path: path.stat().st_mtime_ns for path in run.folder.iterdir()}
    again = _evaluate(tmp_path)
    assert again.records == run.records
    assert {path: path.stat().st_mtime_ns for path in run.folder.iterdir()} == before


def test_another_setting_goes_to_another_folder(tmp_path: Path) -> None:
    folders = {_evaluate(tmp_path, limit=limit).folder for limit in (None, 2, 3)}
    assert len(folders) == 3


def test_a_corrupt_line_in_the_middle_is_named(tmp_path: Path) -> None:
    run = _evaluate(tmp_path)
    assert run.folder is not None
    (run.folder / "run.json").unlink()
    lines = [record.line() for record in run.records]
    append_lines(run.folder / "records.jsonl", [lines[0], "broken", lines[1]])
    with pytest.raises(DataError, match=r"records\.jsonl, line 2"):
        _evaluate(tmp_path)


def test_records_of_another_run_are_refused(tmp_path: Path) -> None:
    run = _evaluate(tmp_path)
    assert run.folder is not None
    (run.folder / "run.json").unlink()
    stranger = run.records[0].line().replace(run.id, "stranger")
    append_lines(run.folder / "records.jsonl", [stranger])
    with pytest.raises(DataError, match=r"records of another run \(stranger\)"):
        _evaluate(tmp_path)


def test_a_full_disk_is_one_sentence_and_the_run_goes_on_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _bytes(_evaluate(tmp_path / "whole"))
    written = 0

    def write(descriptor: int, content: memoryview) -> int:
        """Take 2500 bytes, the last of them in the middle of a line, then be full."""
        nonlocal written
        if written >= 2500:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = real_write(descriptor, bytes(content)[: 2500 - written])
        written += taken
        return taken

    real_write = os.write
    with monkeypatch.context() as patched:
        patched.setattr("bench.core.files.os.write", write)
        with pytest.raises(StorageError, match="the disk is full"):
            _evaluate(tmp_path / "full")
    (growing,) = (tmp_path / "full").rglob("records.jsonl")
    assert growing.stat().st_size == 2500
    assert _bytes(_evaluate(tmp_path / "full")) == expected


def test_estimates_are_kept_as_they_were_scored(tmp_path: Path) -> None:
    run = _evaluate(tmp_path, save_estimates=True)
    assert run.folder is not None
    paths = sorted((run.folder / "estimates").rglob("*"))
    assert len([path for path in paths if path.suffix == ".wav"]) == 12
    voice, rate = soundfile.read(run.folder / "estimates" / "s2" / "m003.wav", dtype="float32")
    score = bench.metrics.si_snr(estimate=voice, reference=TinySet()[3].references[1])
    assert rate == 16000
    assert float(score) == run.records[7].scores["si_snr"]


def test_estimates_can_be_asked_for_later(tmp_path: Path) -> None:
    before = _bytes(_evaluate(tmp_path))
    run = _evaluate(tmp_path, save_estimates=True)
    assert run.folder is not None
    assert len(list((run.folder / "estimates").rglob("*.wav"))) == 12
    assert _bytes(run) == before


def test_what_a_killed_process_was_writing_is_swept_away(tmp_path: Path) -> None:
    run = _evaluate(tmp_path)
    assert run.folder is not None
    (run.folder / ".run.json.abc").write_text("half")
    (run.folder / ".mine").mkdir()
    _evaluate(tmp_path)
    assert [path.name for path in run.folder.glob(".*")] == [".mine"]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"limit": 0}, "at least 1 mixture"),
        ({"workers": 0}, "must be at least 1"),
        ({"save_estimates": True}, "give out="),
        ({"mouths": "upside-down"}, "mouth mode 'upside-down' is unknown"),
    ],
)
def test_settings_that_do_not_fit_are_one_sentence(settings: dict, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        _evaluate(**settings)


class _Failing(Halves):
    """Goes wrong on chosen mixtures, each time in another way."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
        estimate = super().forward(mixture, mouths)
        self.calls += 1
        ways = {
            1: lambda: estimate * float("nan"),
            2: lambda: estimate[..., :-5],
            3: lambda: estimate[:, :1],
            4: lambda: 1 / 0,
            5: lambda: torch.zeros_like(estimate),
            6: estimate.numpy,
        }
        return ways.get(self.calls, lambda: estimate)()


def test_a_separator_that_fails_costs_the_item_and_says_why() -> None:
    run = _evaluate(separator=_Failing(), dataset=TinySet(8), mouths="blank")
    reasons = {r.mixture: r.error for r in run.records if r.status != "ok"}
    assert run.summary.failed == 10
    assert run.summary.undefined == 2
    assert run.summary.ok == 4
    assert "NaN or infinite" in reasons["m000"]
    assert "7995 samples for a mixture of 8000" in reasons["m001"]
    assert "shape (1, 1, 8000)" in reasons["m002"]
    assert "raised ZeroDivisionError: division by zero (test_engine.py:" in reasons["m003"]
    assert "silent" in reasons["m004"]
    assert "returned ndarray" in reasons["m005"]


def test_a_silent_estimate_has_no_si_snr_but_an_snr_of_zero() -> None:
    run = _evaluate(separator=_Failing(), dataset=TinySet(8), mouths="blank")
    silent = next(record for record in run.records if record.mixture == "m004")
    assert silent.scores["si_snr"] is None
    assert silent.scores["snr"] == 0.0


def test_a_finished_run_is_read_back(tmp_path: Path) -> None:
    run = _evaluate(tmp_path)
    assert run.folder is not None
    loaded = Run.load(run.folder)
    assert loaded.records == run.records
    assert loaded.plan.sha256 == run.plan.sha256
    assert loaded.summary == run.summary


def test_a_damaged_run_is_one_sentence(tmp_path: Path) -> None:
    run = _evaluate(tmp_path)
    assert run.folder is not None
    path = run.folder / "run.json"
    content = json.loads(path.read_text())
    del content["plan"]["threads"], content["summary"]["expected"]
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match="is not the description of a run"):
        Run.load(run.folder)
    with pytest.raises(DataError, match="is not a finished run"):
        Run.load(tmp_path)


def test_nothing_in_the_results_depends_on_time_or_place(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    first, second = _evaluate(tmp_path / "here"), _evaluate(tmp_path / "elsewhere" / "deep")
    assert _bytes(first) == _bytes(second)
    assert str(tmp_path).encode() not in b"".join(_bytes(first).values())


def test_arithmetic_threads_are_put_back() -> None:
    before = torch.get_num_threads()
    _evaluate(threads=before + 1, dataset=TinySet(1))
    assert torch.get_num_threads() == before


def test_a_module_of_ones_own_is_told_by_its_weights() -> None:
    first, second = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    with torch.no_grad():
        second.weight.zero_()

    class Own(Halves):
        def __init__(self, inner: torch.nn.Module) -> None:
            super().__init__()
            self.inner = inner

    runs = [_evaluate(separator=Own(inner), dataset=TinySet(1)) for inner in (first, second)]
    assert runs[0].id != runs[1].id
    assert runs[0].system.kind == "own"
    assert np.isfinite(runs[0].summary.aggregates["si_snr"].mean)
