"""Records survive the way to disk and back, and a damaged file says where it is damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.core.record import Record, parse_record
from bench.core.recordfile import append_records, read_growing, read_records, write_records
from bench.errors import DataError

RECORD = Record(
    run="r",
    dataset="d",
    mixture="m",
    target=1,
    status="ok",
    target_cluster="a",
    interferer_cluster="b",
    conditions={"pair": "FM"},
    scores={"si_snr": 1.25, "pesq_wb": None},
)


def test_a_record_comes_back_as_it_was() -> None:
    assert parse_record(RECORD.line(), "line 1") == RECORD


def test_a_record_is_one_flat_line() -> None:
    flat = RECORD.flat()
    assert flat["si_snr"] == 1.25
    assert flat["id"] == "m/s1"
    assert "\n" not in RECORD.line()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"target":1', '"target":3', "target"),
        ('"status":"ok"', '"status":"fine"', "status"),
        ('"si_snr":1.25', '"si_snr":"1.25"', "si_snr"),
        ('"si_snr":1.25', '"si_snr":true', "si_snr"),
        ('"run":"r"', '"run":7', "run"),
        ('"target":1', '"target":true', "target"),
        ('"target":1', '"target":1.0', "target"),
        ('"error":null', '"error":0', "error"),
        ('{"pair":"FM"}', "null", "conditions"),
        ('{"pair":"FM"}', '{"pair":["FM"]}', "conditions"),
        ('"diagnostics":{}', '"diagnostics":[]', "diagnostics"),
        ('"diagnostics":{}', '"diagnostics":{"x":{"y":1}}', "diagnostics"),
        ('"diagnostics":{}', '"diagnostics":{"x":"1"}', "diagnostics"),
        ('"target_utterance":""', '"target_utterance":null', "target_utterance"),
        ('"mixture":"m",', "", "it has no mixture"),
    ],
)
def test_a_wrong_entry_is_named(old: str, new: str, problem: str) -> None:
    line = RECORD.line()
    assert old in line
    with pytest.raises(DataError, match=f"line 4 is not a record: .*{problem}"):
        parse_record(line.replace(old, new), "line 4")


def test_a_torn_last_line_is_dropped_for_good(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    append_records(path, [RECORD, replace(RECORD, target=2)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert [record.target for record in read_growing(path)] == [1]
    append_records(path, [replace(RECORD, target=2)])
    assert path.read_bytes() == whole


def test_any_other_damaged_line_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(f"{RECORD.line()}\n{{broken\n{RECORD.line()}\n")
    with pytest.raises(DataError, match=r"records\.jsonl, line 2 is not valid JSON"):
        read_growing(path)


def test_a_file_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    assert read_growing(tmp_path / "records.jsonl") == []


def test_finished_files_are_equal_bytes_and_come_back(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_records(tmp_path / name, [RECORD])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert read_records(tmp_path / "a") == [RECORD]


def test_a_truncated_finished_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl.gz"
    write_records(path, [RECORD])
    path.write_bytes(path.read_bytes()[:-6])
    with pytest.raises(DataError, match="cannot be read"):
        read_records(path)
    with pytest.raises(DataError, match="No such file"):
        read_records(tmp_path / "absent")
