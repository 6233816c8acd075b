"""The cache remembers by content, and its absence costs nothing but time."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.core.cache import cache_folder, keep, recall


def test_what_was_kept_is_recalled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path))
    assert recall("scores", "ab12") is None
    keep("scores", "ab12", b"x")
    assert recall("scores", "ab12") == b"x"
    assert recall("other", "ab12") is None


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
