"""The cache remembers by content, and its absence costs nothing but time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.core.cache import cache_folder, keep, recall


def test_what_was_kept_is_recalled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path))
    assert recall("scores", "ab12") is None
    keep("scores", "ab12", b"x")
    assert recall("scores", "ab12") == b"x"
    assert recall("other", "ab12") is None


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:9], lambda b: b[:-1] + b"2"])
def test_damaged_files_are_not_recalled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path))
    keep("scores", "ab12", b"1.251")
    (file,) = (path for path in tmp_path.rglob("ab12"))
    file.write_bytes(damage(file.read_bytes()))
    assert recall("scores", "ab12") is None
    keep("scores", "ab12", b"1.251")
    assert recall("scores", "ab12") == b"1.251"


def test_a_cache_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path / "file"))
    keep("scores", "ab12", b"x")
    assert recall("scores", "ab12") is None


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AVSS_BENCH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/avss-bench")
