"""The table in every format: nothing breaks it, nothing is lost, narrow terminals leave out."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sota_figures import cost, printed

from bench.board.formats import FORMATS, drawn_width
from bench.board.published import load_published
from bench.board.sota import SotaTable, build_sota
from bench.board.sota.comparison import compared_with, of_list, sorted_by
from bench.board.sota.panel import sota_panel
from bench.board.sota.printing import write_sota
from bench.errors import UsageError

NASTY = "a|b_\\c{d}$e^f~g<script>alert(1)</script>&%#*\x1b[31m\u202e\u4e2d"


@pytest.fixture(scope="module")
def tables() -> list[SotaTable]:
    return build_sota(load_published())


def write(tables: list[SotaTable], format: str, width: int = 160, *, colour: bool = False) -> str:
    return write_sota(tables, format, width=width, colour=colour)


@pytest.mark.parametrize("width", [60, 80, 100, 160, 240])
def test_the_terminal_is_never_too_narrow(tables: list[SotaTable], width: int) -> None:
    for table in tables[:3]:
        assert drawn_width(write([table], "terminal", width)) <= width


def test_narrow_terminals_leave_out_the_least_important_and_say_so(
    tables: list[SotaTable],
) -> None:
    wide, narrow = (write(tables[:1], "terminal", width) for width in (300, 80))
    assert "No room here" not in wide
    (said,) = re.findall(r"No room here for (.*?)\.\n", narrow, re.DOTALL)
    left_out = " ".join(said.split())
    titles = [column.title for column in tables[0].columns]
    assert left_out == ", ".join(["year", *titles[3:]])
    assert "SI-SNRi" in narrow
    assert "SDRi" in narrow


def test_numbers_of_a_column_stand_in_line(tables: list[SotaTable]) -> None:
    lines = write(tables[:1], "terminal", 240).splitlines()
    rows = [line for line in lines if line.startswith("│")][1:]
    points = {row.index(".") for row in rows if re.match(r"│ +\d+ │", row)}
    assert len(points) == 1


def test_best_values_are_bold_and_second_ones_underlined(tables: list[SotaTable]) -> None:
    text = write(tables[:1], "terminal", 240, colour=True)
    assert "\x1b[1m16.8\x1b[0m" in text
    assert "\x1b[4m16.0\x1b[0m (16.4)" in text
    assert "\x1b" not in write(tables[:1], "terminal", 240)


def test_json_holds_everything(tables: list[SotaTable]) -> None:
    content = json.loads(write(tables, "json"))
    table = content["tables"][0]
    assert (table["list_id"], table["strict"]) == ("lrs2-2mix", True)
    row = next(row for row in table["rows"] if row["system"] == "IIANet")
    cell = row["cells"]["SI-SNRi"]
    assert (row["rank"], row["provenance"], cell["value"]) == (2, "published", 16.0)
    assert cell["conflicts"][0]["text"] == "16.4"
    assert cell["source_url"].startswith("https://")


def test_csv_has_a_row_per_system(tables: list[SotaTable]) -> None:
    rows = list(csv.DictReader(io.StringIO(write(tables, "csv"))))
    assert len(rows) == sum(len(table.rows) for table in tables)
    row = next(r for r in rows if (r["list"], r["system"]) == ("lrs2-2mix", "CTCNet"))
    assert (row["SI-SNRi_value"], row["SI-SNRi_text"]) == ("14.3", "14.3 (14.4)")
    assert row["SDRi_metric_id"] == "ctcnet2022.sdr_i"
    assert row["SI-SNRi_grade"] == "quoted"


def test_every_printed_score_of_the_list_is_in_the_table(tables: list[SotaTable]) -> None:
    for table in tables:
        shown = {
            (row.system, name, text)
            for row in table.rows
            for name, cell in row.cells.items()
            for text in (cell.text.split()[0], *(other.text for other in cell.conflicts))
        }
        for figure in load_published():
            if figure.list == table.list_id:
                known = {
                    float(text)
                    for system, metric, text in shown
                    if (system, metric) == (figure.system, figure.metric)
                }
                assert any(abs(figure.number - value) <= 0.05 for value in known), figure


class _Reader(HTMLParser):
    """Collects tags, and the cells of the rows."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.rows: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1


def test_html_is_one_page_without_scripts(tables: list[SotaTable]) -> None:
    text = write(tables[:1], "html")
    reader = _Reader()
    reader.feed(text)
    assert "script" not in reader.tags
    assert len(set(reader.rows)) == 1
    assert text.count("<html") == 1
    assert 'href="https://raw.githubusercontent.com/' in text


@pytest.mark.parametrize("format", FORMATS)
def test_names_of_strangers_break_nothing(format: str) -> None:
    figures = [
        printed(NASTY, "10.0", source=NASTY),
        printed(NASTY, "11.0", source="=1+1"),
        cost(NASTY, "MACs", "3", source=NASTY, input_s="1"),
        printed("B", "9.0"),
    ]
    text = write(build_sota(figures, cards={}), format)
    if format != "json":
        assert "\x1b" not in text
    if format in ("html", "md"):
        assert "<script" not in text
    if format == "md":
        rows = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
        assert len({row.count("|") for row in rows}) == 1


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("pages", ["onecolumn", "twocolumn"])
def test_latex_compiles_as_it_is(pages: str, tables: list[SotaTable], tmp_path: Path) -> None:
    strange = build_sota([printed(NASTY, "10.0", source=NASTY), printed("B", "9.0")], cards={})
    against = [compared_with(table, "ctcnet") for table in tables[:1]]
    document = (
        f"\\documentclass[{pages}]{{article}}\n\\usepackage{{booktabs}}\n\\begin{{document}}\n"
        f"{write([*tables, *strange, *against], 'latex')}\\end{{document}}\n"
    )
    (tmp_path / "table.tex").write_text(document)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Float too large" not in done.stdout
    assert "Overfull" not in done.stdout


def test_against_a_system_scores_differ_and_costs_are_ratios(tables: list[SotaTable]) -> None:
    table = compared_with(tables[0], "ctcnet")
    rows = {row.system: row.cells for row in table.rows}
    assert table.anchor == "CTCNet"
    assert rows["IIANet"]["SI-SNRi"].to_anchor == pytest.approx(1.7)
    assert rows["IIANet"]["MACs"].to_anchor == pytest.approx(18.56 / 75.8)
    assert rows["RTFS-Net-4"]["SDRi"].to_anchor == pytest.approx(-0.3)
    assert rows["IIANet"]["SDRi"].to_anchor is None  # another definition
    assert rows["RTFS-Net-4"]["MACs"].to_anchor is None  # another length
    assert rows["CTCNet"]["SI-SNRi"].to_anchor is None
    text = write([table], "terminal", 300)
    assert "+1.7 " in text
    assert "+1.70" not in text  # 16.0 and 14.3 have no second digit
    assert rows["RTFS-Net-12"]["PESQ"].to_anchor_text == "-0.01"  # 3.07 and 3.08 have one
    assert "×0.24" in text


def test_rows_are_sorted_by_any_column_the_best_first(tables: list[SotaTable]) -> None:
    table = sorted_by(tables[0], "pesq")
    values = [row.cells["PESQ"].value or 0 for row in table.rows if "PESQ" in row.cells]
    assert values == sorted(values, reverse=True)
    assert table.rows[0].system == "Neuro-SCNet"
    table = sorted_by(tables[0], "gpu time")
    cells = [row.cells["GPU_time"] for row in table.rows if "GPU_time" in row.cells]
    values = [cell.value or 0 for cell in cells if not cell.definition]
    assert values == sorted(values)
    assert table.rows[0].system == "VisualVoice"


def test_sorting_does_not_mix_conditions(tables: list[SotaTable]) -> None:
    cells = [row.cells.get("MACs") for row in sorted_by(tables[0], "macs").rows]
    signs = ["-" if cell is None else cell.definition for cell in cells]
    usual, other = signs.count(""), [sign for sign in signs if sign not in ("", "-")]
    assert signs[:usual] == [""] * usual
    assert signs[usual : usual + len(other)] == other


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda t: of_list(t, "lrs2-2mx"), "unknown list 'lrs2-2mx': did you mean 'lrs2-2mix'"),
        (lambda t: compared_with(t[0], "ctcnt"), "unknown system 'ctcnt': did you mean 'CTCNet'"),
        (lambda t: sorted_by(t[0], "pesk"), "unknown column 'pesk': did you mean 'PESQ'"),
        (lambda t: write(t, "latx"), "unknown format 'latx': did you mean 'latex'"),
    ],
)
def test_wrong_names_get_the_nearest(tables: list[SotaTable], wrong: object, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        wrong(tables)  # type: ignore[operator]


def test_lists_are_found_in_any_spelling(tables: list[SotaTable]) -> None:
    (table,) = of_list(tables, "LRS2 2Mix")
    assert table.list_id == "lrs2-2mix"


def test_numbers_of_notes_do_not_skip_whatever_columns_are_shown(tables: list[SotaTable]) -> None:
    for table in tables:
        for number in range(1, len(table.columns) + 1):
            for columns in (table.columns[:number], table.columns[-number:]):
                panel = sota_panel(table, columns)
                raised = [re.match("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", note) for note in panel.notes]
                found = [int(unicodedata.normalize("NFKC", hit[0])) for hit in raised if hit]
                assert found == list(range(1, len(found) + 1))
                signs = [re.search("[⁰¹²³⁴⁵⁶⁷⁸⁹]+$", c.text) for row in panel.rows for c in row]
                shown = [int(unicodedata.normalize("NFKC", hit[0])) for hit in signs if hit]
                assert shown == found
