"""The site in a real browser, opened from the file system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PAGES = (
    "index.html",
    "efficiency.html",
    "systems.html",
    "systems/ctcnet.html",
    "compare.html",
    "compare/lrs2-2mix/ctcnet--iianet.html",
    "definitions.html",
    "kit.html",
    "data.html",
)
PRINTED = "#lrs2-2mix-printed"


class Reader:
    """A window that remembers what went wrong."""

    def __init__(self, browser: Browser, site: Path, **options: Any) -> None:
        self.site = site
        self.context = browser.new_context(**options)
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("requestfailed", lambda request: self.problems.append(request.url))
        self.page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:")):
            self.problems.append(f"asked for {request.url}")

    def open(self, name: str) -> Page:
        self.page.goto((self.site / name).as_uri())
        return self.page

    def close(self) -> None:
        self.context.close()
        assert self.problems == []


@pytest.fixture
def reader(browser: Browser, site: Path) -> Iterator[Reader]:
    reader = Reader(browser, site, viewport={"width": 1400, "height": 900})
    yield reader
    reader.close()


def column(page: Page, table: str, title: str) -> list[str]:
    """Return the texts of a column from top to bottom, rows that are filtered out apart."""
    place = page.locator(f"{table} .titles th").all_inner_texts()
    number = [text.strip().rstrip("↕↑↓").strip() for text in place].index(title)
    return [
        text.splitlines()[0] if text else ""
        for text in page.locator(f"{table} tbody tr > :nth-child({number + 1})").all_inner_texts()
    ]


def heading(page: Page, table: str, title: str) -> Locator:
    return page.locator(f"{table} .titles th").filter(has_text=title).first


def await_order(page: Page, table: str, direction: str) -> None:
    """Wait until a table has been sorted, which it is after the click has been dealt with."""
    page.wait_for_selector(f"{table} .titles th[aria-sort={direction}]", timeout=5000)


def numbers(texts: list[str]) -> list[float]:
    return [float(found[0]) for text in texts if (found := re.match(r"-?[\d.]+", text))]


def test_no_page_reports_an_error_or_asks_for_anything(reader: Reader) -> None:
    for name in PAGES:
        page = reader.open(name)
        page.wait_for_selector("html[data-ready]", state="attached")
        assert page.locator("h1").inner_text()


def test_a_click_sorts_by_number_and_keeps_empty_cells_last(reader: Reader) -> None:
    page = reader.open("index.html")
    head = heading(page, PRINTED, "SDRi")
    head.click()
    await_order(page, PRINTED, "descending")
    cells = column(page, PRINTED, "SDRi")
    found = numbers(cells)
    assert found == sorted(found, reverse=True) and len(found) > 10
    assert cells[-1] == ""
    head.click()
    await_order(page, PRINTED, "ascending")
    cells = column(page, PRINTED, "SDRi")
    assert numbers(cells) == sorted(found) and cells[-1] == ""


def test_the_keyboard_sorts_too(reader: Reader) -> None:
    page = reader.open("index.html")
    head = heading(page, PRINTED, "year")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    await_order(page, PRINTED, "descending")
    years = numbers(column(page, PRINTED, "year"))
    assert years == sorted(years, reverse=True)
    assert len(set(years)) > 1


def test_search_and_filters_narrow_the_rows_and_say_how_many(reader: Reader) -> None:
    page = reader.open("index.html")
    board = page.locator(f"{PRINTED}-board")
    rows = page.locator(f"{PRINTED} tbody tr")
    total = rows.count()
    board.get_by_role("searchbox").fill("rtfs")
    assert {text[:4] for text in column(page, PRINTED, "system")} == {"RTFS"}
    assert f"of {total} rows" in board.locator(".count").inner_text()
    board.get_by_role("searchbox").fill("")
    board.get_by_label("from", exact=True).select_option("verified")
    assert column(page, PRINTED, "system") == ["IIANet"]
    board.get_by_label("from", exact=True).select_option("")
    assert rows.count() == total
    board.get_by_role("searchbox").fill("no such system")
    assert "No row fits" in rows.first.inner_text()


def test_a_group_of_columns_can_be_put_away(reader: Reader) -> None:
    page = reader.open("index.html")
    board = page.locator(f"{PRINTED}-board")
    before = page.locator(f"{PRINTED} .titles th").count()
    board.get_by_label("cost, as printed").uncheck()
    after = page.locator(f"{PRINTED} .titles th:visible").count()
    assert 4 < after < before
    assert page.locator(f"{PRINTED} .groups th:visible").all_inner_texts() == ["quality"]


def test_a_link_leads_to_the_figure_on_the_page_of_its_system(reader: Reader) -> None:
    page = reader.open("index.html")
    page.locator(f"{PRINTED} tbody a[href*='ctcnet.html#lrs2-2mix-SDRi']").first.click()
    page.wait_for_url("**/systems/ctcnet.html#lrs2-2mix-SDRi")
    assert page.locator("h1").inner_text() == "CTCNet"
    assert "SDRi" in page.locator("tr:target").inner_text()


def test_points_of_a_picture_say_what_they_are(reader: Reader) -> None:
    page = reader.open("efficiency.html")
    points = page.locator("#macs .wide [aria-roledescription=point]")
    assert points.count() >= 2
    points.first.hover()
    tip = page.locator("#tip")
    assert "dB SI-SNRi" in tip.inner_text() and "G MAC/s" in tip.inner_text()
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.locator("#macs .wide [tabindex='0']").focus()
    first = tip.inner_text()
    page.keyboard.press("ArrowRight")
    assert tip.is_visible() and tip.inner_text() != first


def test_a_figure_says_where_it_comes_from(reader: Reader) -> None:
    page = reader.open("index.html")
    page.locator(f"{PRINTED} tbody td a[data-tip]").first.focus()
    assert "From: " in page.locator("#tip").inner_text()


def test_a_pair_can_be_chosen(reader: Reader) -> None:
    page = reader.open("compare.html")
    page.get_by_label("First").select_option("IIANet on LRS2-2Mix")
    page.get_by_label("Second").select_option("CTCNet on LRS2-2Mix")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare/lrs2-2mix/*.html")
    assert "IIANet is better than CTCNet" in page.locator("main").inner_text()


def test_a_snippet_can_be_copied(reader: Reader) -> None:
    page = reader.open("kit.html")
    button = page.locator("button.copy").first
    button.click()
    page.wait_for_function("e => e.textContent !== 'Copy'", arg=button.element_handle())
    assert button.inner_text() in ("Copied", "Selected")


def test_the_tab_key_reaches_the_content_first(reader: Reader) -> None:
    page = reader.open("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_no_page_is_wider_than_the_window(browser: Browser, site: Path, width: int) -> None:
    reader = Reader(browser, site, viewport={"width": width, "height": 800})
    for name in PAGES:
        page = reader.open(name)
        page.wait_for_selector("html[data-ready]", state="attached")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide"
    reader.close()


def test_pages_can_be_read_without_scripts(browser: Browser, site: Path) -> None:
    reader = Reader(browser, site, java_script_enabled=False)
    page = reader.open("index.html")
    assert "CTCNet" in page.locator(PRINTED).inner_text()
    assert page.locator(".controls:visible").count() == 0
    page = reader.open("efficiency.html")
    assert page.locator("#macs svg:visible").count() == 1
    page = reader.open("compare.html")
    page.locator("#lrs2-2mix-matrix td a").first.click()
    assert page.locator("#scores-table").is_visible()
    reader.close()


# Relative luminance of WCAG 2, of an "rgb(...)" text.
_CONTRAST = """(selector) => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [...document.querySelectorAll(selector)].filter((e) => e.getClientRects().length);
  const ratios = found.map((element) => {
    let behind = element;
    while (behind && getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)")
      behind = behind.parentElement;
    const style = getComputedStyle(element);
    const ink = light(element instanceof SVGElement ? style.fill : style.color);
    const paper = light(getComputedStyle(behind || document.body).backgroundColor);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });
  return ratios.length ? Math.min(...ratios) : 0;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(browser: Browser, site: Path, scheme: Any) -> None:
    reader = Reader(browser, site, color_scheme=scheme, viewport={"width": 1400, "height": 900})
    page = reader.open("index.html")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    for selector in (
        "td",
        "th",
        "a",
        "caption",
        ".lead",
        "summary",
        ".signs",
        ".below",
        "footer p",
    ):
        assert page.evaluate(_CONTRAST, selector) >= 4.5, selector
    page = reader.open("efficiency.html")
    assert page.evaluate(_CONTRAST, "#macs .wide svg text") >= 4.5
    reader.close()


def test_print_shows_tables_without_controls(reader: Reader) -> None:
    page = reader.open("index.html")
    page.emulate_media(media="print")
    assert page.locator(".controls:visible").count() == 0
    assert page.locator(PRINTED).is_visible()
