"""Weight files are fetched only when asked for, pinned where a hash is known, never web pages."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.core.hashing import hash_bytes
from bench.errors import DataError, UsageError
from bench.separators import download
from bench.separators.card import Card, WeightFile

CONTENT = b"weights" * 100


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A real server on this machine that publishes three files."""
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "good.pth").write_bytes(CONTENT)
    (folder / "page.pth").write_bytes(b"\n<!DOCTYPE html><html>Sign in</html>")
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _fetch(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str | None, sha256: str | None = None
) -> dict[str, Path]:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path / "cache"))
    file = WeightFile(
        role="checkpoint", name="best_model.pth", where="the paper", url=url, sha256=sha256
    )
    card = Card(id="x", name="X", module="x", kind="published", summary="a test", files=(file,))
    monkeypatch.setattr(download, "find_card", lambda separator: card)
    return download.fetch_files("x", missing=["checkpoint"])


def test_a_pinned_file_is_fetched_once(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = hash_bytes(CONTENT)
    (path,) = _fetch(monkeypatch, tmp_path, f"{address}/good.pth", pin).values()
    assert path.read_bytes() == CONTENT
    assert path.is_relative_to(tmp_path / "cache")
    (tmp_path / "published" / "good.pth").unlink()
    assert _fetch(monkeypatch, tmp_path, f"{address}/good.pth", pin) == {"checkpoint": path}


def test_another_content_than_the_pinned_one_is_refused(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match=r"could not be fetched as best_model\.pth of x"):
        _fetch(monkeypatch, tmp_path, f"{address}/good.pth", "0" * 64)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_web_page_is_refused_and_not_kept(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="is a web page"):
        _fetch(monkeypatch, tmp_path, f"{address}/page.pth")
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_an_absent_file_is_one_sentence(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="could not be fetched"):
        _fetch(monkeypatch, tmp_path, f"{address}/absent.pth")


def test_what_no_program_can_fetch_says_where_a_person_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="get it from the paper and give it as --checkpoint"):
        _fetch(monkeypatch, tmp_path, None)
