"""The small parts: addresses, places of labels, bins, references, and what goes into the page."""

from __future__ import annotations

import itertools
import random
import re
from xml.etree import ElementTree

import pytest

from bench.board.costs.figures import Point
from bench.board.published import load_published
from bench.board.site.addresses import slug, unique_slugs
from bench.board.site.assets import CONTENT_SECURITY_POLICY, _classic, shared_assets
from bench.board.site.charts import Axis, draw_bars, draw_front
from bench.board.site.distributions import bars_of
from bench.board.site.label_places import place_labels
from bench.board.site.models import Cell, Column, Page, Row, Section, Snippet, Table
from bench.board.site.references import Shelf, bibliography, paper_address, references_of
from bench.board.site.render import render_page
from bench.errors import DataError
from bench.separators.card import known_cards

HOSTILE = "<script>alert('x')</script>\"&"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RTFS-Net-12", "rtfs-net-12"),
        ("TGTSE (TF-GridNet)", "tgtse-tf-gridnet"),
        ("../../etc/passwd", "etc-passwd"),
        ("  ", "system"),
        ("分离", "system"),
    ],
)
def test_addresses_hold_letters_and_digits_only(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_names_that_look_alike_get_addresses_of_their_own_in_any_order() -> None:
    names = ["A B", "a-b", "A/B", "分", "离"]
    slugs = unique_slugs(names)
    assert len(set(slugs.values())) == len(names)
    assert unique_slugs(reversed(names)) == slugs


def test_no_label_covers_another_or_a_point() -> None:
    numbers = random.Random(1)
    points = [(f"system {k}", numbers.uniform(0, 700), numbers.uniform(0, 400)) for k in range(40)]
    labels = place_labels(points, width=700, height=400)
    assert len(labels) > 20
    boxes = []
    for label in labels:
        long = 6.0 * len(label.name)
        left = label.x - {"left": 0.0, "center": long / 2, "right": long}[label.align]
        boxes.append((left, label.y - 6, left + long, label.y + 6))
    for k, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0 and top >= 0 and right <= 700 and bottom <= 400
        for other in boxes[k + 1 :]:
            apart = right <= other[0] or other[2] <= left
            assert apart or bottom <= other[1] or other[3] <= top
        assert not any(left < x < right and top < y < bottom for _, x, y in points)


def test_a_crowded_label_is_left_out() -> None:
    crowd = [(f"s{k}", 50.0, 50.0) for k in range(30)]
    assert 0 < len(place_labels(crowd, width=100, height=100)) < 30


@pytest.mark.parametrize("values", [[1.0], [0.0, 0.0], [-3.2, 17.9, 5.0], [0.801, 0.802, 0.999]])
def test_bins_are_neighbours_and_hold_every_value(values: list[float]) -> None:
    bars = bars_of(values)
    assert sum(bar.count for bar in bars) == len(values)
    assert len(bars) <= 40
    assert all(a.high == b.low for a, b in itertools.pairwise(bars))
    assert bars[0].low <= min(values) and max(values) < bars[-1].high + 1e-9


def test_a_picture_says_what_its_points_are_and_escapes_names() -> None:
    points = [Point(HOSTILE, 10.0, 12.0), Point("B", 20.0, 14.0, "measured")]
    axes = {"cost": Axis("cost", "G"), "quality": Axis("quality (dB)", "dB")}
    chart = draw_front(points, id="front", title=HOSTILE, summary="", **axes)
    for svg in (chart.wide, chart.narrow):
        root = ElementTree.fromstring(svg)
        marks = [e for e in root.iter() if e.get("aria-roledescription") == "point"]
        labels = [mark.get("aria-label") or "" for mark in marks]
        assert sorted(labels) == sorted(
            [f"{HOSTILE}: 12.0 dB (published), 10 G", "B: 14.0 dB (measured), 20 G"]
        )
        assert root.get("aria-label") == HOSTILE
        assert "<script" not in svg
        assert "var(--ink)" in svg


def test_the_library_becomes_a_classic_script() -> None:
    script = shared_assets()["assets/tables.js"].decode()
    assert "window.DataTable=" in script
    assert not re.search(r"export\s*\{", script)
    assert len(script) < 1_000_000


@pytest.mark.parametrize("module", ["", "export{a as b};", "let x=1"])
def test_another_library_is_refused(module: str) -> None:
    with pytest.raises(DataError, match="table library"):
        _classic(module)


def test_the_policy_lets_nothing_out() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    wide = ("http", "*", "unsafe-eval")
    assert not any(word in rule for rule in rules.values() for word in wide)
    assert "unsafe-inline" not in rules["script-src"]


def test_everything_is_escaped_and_no_address_runs_a_script() -> None:
    cell = Cell(HOSTILE, 1.0, HOSTILE, "javascript:alert(1)", HOSTILE, flags=(HOSTILE,))
    other = Cell(HOSTILE, href="https://example.org/?a=1&b=2")
    row = Row((cell, other), {"from": HOSTILE}, HOSTILE)
    columns = (Column(HOSTILE, HOSTILE), Column("b", "g"))
    table = Table("t", HOSTILE, columns, (row, row), filters=("from",))
    snippet = Snippet("x", "x", HOSTILE)
    section = Section("s", HOSTILE, (HOSTILE,), tables=(table,), snippets=(snippet,))
    html = render_page(Page("a/b.html", HOSTILE, (HOSTILE,), (section,)), version="1").decode()
    assert "alert('x')</script>" not in html and "<script>" not in html
    assert 'href="javascript' not in html
    assert 'href="../javascript%3Aalert%281%29"' in html
    assert 'href="https://example.org/?a=1&amp;b=2"' in html


def test_references_name_authors_only_where_they_are_known() -> None:
    cards = {card.name: card for card in known_cards().values()}
    systems = ["CTCNet", "RTFS-Net-4", "RTFS-Net-12", "Thanh-Dat", "Nobody"]
    found, unknown = references_of(systems, Shelf(load_published(), cards))
    assert unknown == ["Nobody"]
    assert [reference.key for reference in found] == [
        "ctcnet-2024",
        "rtfs-net-12-2024",
        "thanh-dat-2021",
    ]
    text = bibliography(found, unknown)
    assert "author = {Li and Xie and Chen and Yuan and Hu}" in text
    assert "% Only surnames are known here: ctcnet-2024, rtfs-net-12-2024" in text
    assert "% Authors are not known here: thanh-dat-2021" in text
    assert "% No paper is known here: Nobody" in text
    assert "eprint = {2212.10744}" in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("2212.10744", "https://arxiv.org/abs/2212.10744"),
        ("doi:10.1/x", "https://doi.org/10.1/x"),
        ("openreview:abc", "https://openreview.net/forum?id=abc"),
        ("", ""),
    ],
)
def test_papers_have_addresses(number: str, address: str) -> None:
    assert paper_address(number) == address


def test_values_below_bars_stand_below_their_ticks() -> None:
    """Outer labels that are pushed inwards run into their neighbours."""
    bars = bars_of([0.5 * number - 4.5 for number in range(18)])
    chart = draw_bars(bars, id="x", title="x", summary="x", axis=Axis("difference", "dB"))
    for svg in (chart.wide, chart.narrow):
        assert 'text-anchor="middle"' in svg
        assert 'text-anchor="start"' not in svg
