"""Submissions on the pages: what their authors say is shown as theirs, and does no harm."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_runs import make_run

from bench.board.site import build_site
from bench.board.submissions.card import author_card
from bench.board.submissions.writing import draft_submission, write_submission
from bench.datasets import load_card

HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>"
ENTRIES = {
    "system": HOSTILE[:60],
    "authors": ["Ada Example", HOSTILE],
    "paper": {"title": HOSTILE, "venue": "Proc. Nowhere", "year": 2026},
    "code": "https://example.org/lipnet",
    "licence": "Apache-2.0",
    "modality": "audio-visual",
    "causal": True,
    "training_data": f"the training list {HOSTILE}",
    "visual_pretraining": "none",
    "checkpoint_choice": "best on the validation list",
    "training_seeds": 3,
    "notes": [HOSTILE],
}


class _Scripts(HTMLParser):
    """Collects what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("img", "iframe", "object") or (tag == "script" and "src" not in given):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on")]
        self.found += [v for v in given.values() if v and v.strip().startswith("javascript:")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("submitted")
    card = load_card("talking-heads-2mix")
    plan: dict[str, object] = {
        "dataset": card.id,
        "list_sha256": card.mixture_list.sha256,
        "data_sha256": card.fingerprint,
        "marks": (HOSTILE,),
    }
    run = make_run("lipnet", [5.0, 6.0, None, 7.5], kind="own", plan=plan)
    records = tuple(replace(record, dataset=card.id) for record in run.records)
    system = replace(run.system, name=HOSTILE[:60], notes=(HOSTILE,))
    run = replace(run, records=records, system=system)
    write_submission(draft_submission([run], author_card(ENTRIES)), folder / "lipnet")
    assert build_site([folder], folder.parent / "pages").left_out == ()
    return folder.parent / "pages"


def test_nothing_that_a_stranger_wrote_runs(site: Path) -> None:
    for path in site.rglob("*.html"):
        parser = _Scripts()
        parser.feed(path.read_text(encoding="utf-8"))
        assert parser.found == [], path


def test_the_page_of_the_system_says_what_its_authors_say(site: Path) -> None:
    (page,) = [p for p in (site / "systems").iterdir() if p.name.startswith("img-src")]
    html = page.read_text(encoding="utf-8")
    for said in ("Ada Example", "https://example.org/lipnet", "code, as submitted"):
        assert said in html
    assert 'class="mark submitted"' in html
    assert "times trained</dt><dd>3" in html


def test_its_paper_can_be_cited(site: Path) -> None:
    text = (site / "data" / "talking-heads-2mix-scored.bib").read_text(encoding="utf-8")
    assert "booktitle = {Proc. Nowhere}" in text and "author = {Ada Example and " in text
    assert HOSTILE.split(maxsplit=1)[0] not in text and text.count("{") == text.count("}")


def test_what_an_exception_said_stays_with_its_submitter(site: Path) -> None:
    assert not any(b"ValueError" in path.read_bytes() for path in site.rglob("*.html"))


def test_a_damaged_submission_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "in" / "bad").mkdir(parents=True)
    (tmp_path / "in" / "bad" / "submission.json").write_text("{}")
    made = build_site([tmp_path / "in"], tmp_path / "out")
    assert [entry.folder.name for entry in made.left_out] == ["bad"]
    assert (tmp_path / "out" / "index.html").exists()
