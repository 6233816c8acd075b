"""The files of a site: the same every time, links that lead somewhere, nothing foreign."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pytest
from site_sources import HOSTILE, small_sources

from bench.board.site import Sources, build_site, site_files
from bench.board.site.render import NAVIGATION
from bench.errors import DataError

LARGEST_PAGE = 2_000_000


class Outline(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.scripts = self.tables = self.captions = 0
        self.unscoped: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if tag == "a" else []
        loaded = given.get("src") or (given.get("href") if tag == "link" else None)
        self.loads += [loaded] if loaded else []
        self.scripts += tag == "script" and "src" not in given
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.unscoped += ["th"] if tag == "th" and "scope" not in given else []
        assert not any(name.startswith("on") for name in given), f"<{tag}> holds a script"


@pytest.fixture(scope="module")
def pages(files: dict[str, bytes]) -> dict[str, Outline]:
    return {path: Outline(html.decode()) for path, html in files.items() if path.endswith(".html")}


def test_there_is_a_page_of_every_kind(pages: dict[str, Outline]) -> None:
    assert {path for path, _ in NAVIGATION} <= set(pages)
    assert "systems/ctcnet.html" in pages
    assert "systems/mmmc.html" in pages
    assert any(re.fullmatch(r"compare/lrs2-2mix/.*ctcnet--.*html", path) for path in pages)


def test_making_it_twice_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    again = site_files(small_sources())
    assert list(again) == list(files)
    assert [path for path in files if again[path] != files[path]] == []


def test_two_folders_hold_the_same_files(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "elsewhere" / "b"]
    for folder in folders:
        build_site([], folder)
    first, second = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders
    )
    assert first == second
    assert str(tmp_path).encode() not in b"".join(first.values())


def test_pages_are_small(files: dict[str, bytes]) -> None:
    assert max(len(content) for content in files.values()) < LARGEST_PAGE


def test_every_link_inside_the_site_leads_to_a_place_that_is_there(
    files: dict[str, bytes], pages: dict[str, Outline]
) -> None:
    for path, page in pages.items():
        for link in page.links:
            if link.startswith("https://") or link.startswith("http://"):
                continue
            name, _, anchor = link.partition("#")
            target = _below(path, unquote(name)) if name else path
            assert target in files, f"{path} leads to {link}"
            if anchor:
                assert unquote(anchor) in pages[target].ids, f"{path} leads to {link}"


def _below(page: str, link: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(page).parent / link).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def test_nothing_is_loaded_from_elsewhere(
    files: dict[str, bytes], pages: dict[str, Outline]
) -> None:
    for path, page in pages.items():
        assert page.scripts == 0
        own = [name for name in page.loads if name != "data:,"]
        assert all(_below(path, name) in files for name in own)
    assert b"url(" not in files["assets/site.css"]


def test_ids_are_unique_and_tables_have_captions_and_scopes(pages: dict[str, Outline]) -> None:
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path
        assert page.tables == page.captions, path
        assert page.unscoped == [], path


def test_names_of_strangers_are_text_everywhere(files: dict[str, bytes]) -> None:
    shown = [path for path, html in files.items() if b"&lt;img src=x" in html]
    assert "index.html" in shown and "kit.html" in shown and "compare.html" in shown
    for path, content in files.items():
        if path.endswith(".html"):
            assert b"<img" not in content and b"<script>" not in content, path
    table = files["data/lrs2-2mix-scored.tex"].decode()
    set_lines = [line for line in table.splitlines() if not line.startswith("%")]
    assert HOSTILE.split()[0] not in "\n".join(set_lines)


def test_the_board_shows_figures_with_their_provenance(files: dict[str, bytes]) -> None:
    html = files["index.html"].decode()
    for name in ("published", "submitted", "verified", "reproduced"):
        assert f'class="mark {name}"' in html
    assert "Nothing has been scored here yet" not in html


def test_a_site_without_runs_says_how_to_fill_it(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    build_site([tmp_path / "empty"], tmp_path / "site")
    html = (tmp_path / "site" / "index.html").read_text()
    assert "Nothing has been scored here yet" in html and "avss-bench run ctcnet" in html
    assert "15.9" not in html or "Dolphin" in html
    assert "There is nothing to compare yet" in (tmp_path / "site" / "compare.html").read_text()


def test_a_site_without_anything_still_stands() -> None:
    html = site_files(Sources())["index.html"].decode()
    assert "Nothing has been scored here yet" in html


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no folder"):
        build_site([tmp_path / "absent"], tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_downloads_hold_what_the_pages_show(files: dict[str, bytes]) -> None:
    boards = json.loads(files["data/boards.json"])["boards"]
    assert {board["dataset"] for board in boards} == {"lrs2-2mix", "talking-heads-2mix"}
    tables = json.loads(files["data/state-of-the-art.json"])["tables"]
    assert tables[0]["list_id"] == "lrs2-2mix"
    assert files["data/published.csv"].startswith(b"system,paper,")


def test_errors_of_a_machine_stay_there(files: dict[str, bytes]) -> None:
    assert not any(b"the separator raised" in content for content in files.values())
