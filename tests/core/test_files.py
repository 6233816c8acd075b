"""Files are whole or absent, and a full disk is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.core.files import append_lines, gzip_bytes, write_bytes, write_text
from bench.errors import StorageError

FULL = Path("/dev/full")


def test_a_file_is_written_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_text(tmp_path / "deep" / "file.txt", "ü")
    assert (tmp_path / "deep" / "file.txt").read_bytes() == "ü".encode()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file.txt"]


def test_a_failed_write_keeps_the_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="the disk is full"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")
def test_appending_to_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.symlink_to(FULL)
    with pytest.raises(StorageError, match=r"records\.jsonl: the disk is full"):
        append_lines(path, ["{}"])


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="choose a place that can be written"):
        write_text(tmp_path / "file" / "below", "x")


def test_lines_are_appended(tmp_path: Path) -> None:
    append_lines(tmp_path / "log", ["a", "b"])
    append_lines(tmp_path / "log", ["c"])
    assert (tmp_path / "log").read_text() == "a\nb\nc\n"


def test_gzip_gives_the_same_bytes_every_time() -> None:
    assert gzip_bytes(b"records") == gzip_bytes(b"records")
    assert gzip_bytes(b"")[4:8] == b"\0\0\0\0"  # the time stamp
