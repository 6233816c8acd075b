"""The official list format, read and written."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bench.datasets.lists import ListLine, format_list, parse_list, read_list
from bench.errors import DataError

OFFICIAL = [
    ("lrs2", 3000, "4d856960889e0d1be0b31b8262ba14df8ed969b2ac39b9ef4d200f4efc5ec75e"),
    ("lrs3", 3000, "24677f81fc1bee75ed75f774920096205917f4181a29a8bb7b4e39d7a4dcb511"),
    ("vox2", 2965, "e1cbebd070c4500837eab8c1888140d1b626e6ca9fa75940edcf622aa2a14bf2"),
]


@pytest.mark.parametrize(("folder", "count", "sha256"), OFFICIAL)
def test_official_lists_survive_a_round_trip(
    material: Path, folder: str, count: int, sha256: str
) -> None:
    path = material / "datasets" / folder / "mix_2_spk_tt.scp"
    mixtures = read_list(path)
    assert len(mixtures.lines) == count
    assert mixtures.sha256 == sha256
    assert format_list(list(mixtures.lines)).encode() == path.read_bytes()
    assert all(line.gains_db[1] == -line.gains_db[0] <= 0 for line in mixtures.lines)


@pytest.mark.parametrize(
    ("gain_db", "text"),
    [(3.28669, "3.2867"), (0.6629, "0.6629"), (1.04805, "1.048"), (0.00092, "0.00092")],
)
def test_names_have_five_significant_digits(gain_db: float, text: str) -> None:
    line = ListLine(("../raw/a_00001.wav", "b.wav"), (gain_db, -gain_db))
    assert line.name == f"a_00001_{text}_b_-{text}"


def test_hash_is_that_of_the_bytes() -> None:
    content = b"a.wav 1.5 b.wav -1.5\n"
    assert parse_list(content, "list").sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"a.wav 1 b.wav -1\na.wav 1 b.wav\n", r"list, line 2 has 3 fields"),
        (b"a.wav one b.wav -1\n", r"list, line 1: 'one' is not a gain"),
        (b"a.wav nan b.wav -1\n", r"'nan' is not a gain"),
        (b"a.wav 1 b.wav -1\nx/a.flac 1.0 b.wav -1\n", r"line 2 makes the same mixture as line 1"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_errors_name_file_and_line(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_list(content, "list")


def test_a_missing_list_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read the mixture list .*absent\.scp"):
        read_list(tmp_path / "absent.scp")
