"""A site replaces an older one as a whole, and nothing else ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.board.site import folder as place
from bench.board.site.folder import check_folder, write_site
from bench.errors import StorageError, UsageError


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_older_site_is_replaced_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "new" / "site"
    write_site({"index.html": b"one", "old/page.html": b"old"}, out)
    write_site({"index.html": b"two"}, out)
    found = files_of(out)
    assert found.pop("site.json")
    assert found == {"index.html": b"two"}
    assert [path.name for path in out.parent.iterdir()] == ["site"]


def test_a_folder_of_somebody_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(UsageError, match="not a site of avss-bench"):
        write_site({"index.html": b"one"}, tmp_path)
    assert list(files_of(tmp_path)) == ["thesis.tex"]


@pytest.mark.parametrize("stranger", ["CNAME", ".git/config", "systems/mine.html"])
def test_a_site_with_files_of_somebody_is_refused_and_the_file_is_named(
    tmp_path: Path, stranger: str
) -> None:
    out = tmp_path / "site"
    write_site({"index.html": b"one"}, out)
    (out / stranger).parent.mkdir(exist_ok=True)
    (out / stranger).write_text("mine")
    with pytest.raises(UsageError, match=stranger):
        check_folder(out)
    assert (out / stranger).read_text() == "mine"


@pytest.mark.parametrize("marker", ["", "[]", '{"made_by": "another"}', '{"files": []}'])
def test_another_site_json_is_no_site_of_ours(tmp_path: Path, marker: str) -> None:
    (tmp_path / "site.json").write_text(marker)
    with pytest.raises(UsageError, match="not a site of avss-bench"):
        check_folder(tmp_path)


def test_a_file_is_refused_and_an_empty_folder_taken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        check_folder(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    write_site({"index.html": b"one"}, tmp_path / "empty")
    assert (tmp_path / "empty" / "index.html").read_bytes() == b"one"


@pytest.mark.parametrize("broken", ["write_bytes", "_exchange"])
def test_a_failure_keeps_the_older_site_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    out = tmp_path / "site"
    write_site({"index.html": b"one"}, out)
    before = files_of(out)

    def fail(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place, broken, fail)
    with pytest.raises((StorageError, OSError)):
        write_site({"index.html": b"two"}, out)
    assert files_of(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_failed_exchange_brings_the_older_site_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "site"
    write_site({"index.html": b"one"}, out)
    before, rename = files_of(out), Path.rename

    def fail_once(self: Path, target: Path) -> Path:
        if target == out and not self.name.endswith(".old"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises(StorageError, match="cannot write"):
        write_site({"index.html": b"two"}, out)
    assert files_of(out) == before
