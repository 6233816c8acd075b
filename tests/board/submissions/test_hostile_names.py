"""Texts of strangers in every format that a board can be printed in."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from submitted import make_card, make_run, save
from typer.testing import CliRunner

from bench.board.submissions import read_submission
from bench.board.submissions.writing import draft_submission, write_submission
from bench.cli.app import app

# One text per way out of a format; each carries a mark that must not come out alive.
HTML = "<img src=x onerror=alert(1)>\"'></td></script><script>alert(2)</script>"
LATEX = r"\input{/etc/passwd} \write18{id} $x^2$ 100% {#1} ~ & \\ \end{table}"
MARKDOWN = "a | b ![p](https://evil.example/p.png) [l](javascript:alert(1)) `c` **d**"
FORMULA = '=HYPERLINK("https://evil.example","click")'
SHELL = "x; touch owned; $(id) `id` 'q' && y"
TEXTS = {
    "html": HTML,
    "latex": LATEX,
    "markdown": MARKDOWN,
    "formula": FORMULA,
    "shell": SHELL,
}


def _print(*words: str | Path) -> str:
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module", params=TEXTS)
def printed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Every format of a board whose every text is hostile."""
    text = TEXTS[request.param]
    folder = tmp_path_factory.mktemp("boards")
    run = make_run(
        plan={
            "separator": {
                "separator": text[:80],
                "weights": "checkpoint",
                "settings": {"mode": text},
                "mouth_input": "odd",
            },
            "mouths": text,
            "marks": (text,),
        },
        kind="published",
    )
    run = replace(run, system=replace(run.system, name=text, notes=(text,), inputs=text))
    draft = draft_submission(
        [run], make_card(system=text[:80], notes=[text]), flags=["disturbed-mouths"]
    )
    # `submit` takes paths out of texts; a forger does not.
    write_submission(draft, folder / "forged")
    path = folder / "forged" / "submission.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["runs"][0]["system"].update(inputs=text, notes=[text])
    path.write_text(json.dumps(content), encoding="utf-8")
    read_submission(folder / "forged")
    formats = ("terminal", "md", "latex", "csv", "json", "html")
    made = {f: _print("table", folder, "--format", f) for f in formats}
    made["text"] = text
    honest = save(make_run(seed=7), folder / "runs")
    for format in ("terminal", "md", "latex"):
        made[f"compare {format}"] = _print("compare", folder / "forged", honest, "--format", format)
    return made


class _Tags(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def test_html_has_no_tag_of_a_stranger(printed: dict[str, str]) -> None:
    page = _Tags()
    page.feed(printed["html"])
    assert not page.tags & {"img", "iframe", "object"}
    assert not any(name.startswith("on") for name in page.attributes)
    assert not any("evil.example" in link or "javascript:" in link for link in page.links)
    assert "alert(2)</script>" not in printed["html"]


@pytest.mark.parametrize("verb", ["", "compare "])
def test_latex_runs_no_command_of_a_stranger(printed: dict[str, str], verb: str) -> None:
    text = re.sub(r"^%.*$", "", printed[f"{verb}latex"], flags=re.MULTILINE)
    assert not re.search(r"(?<!\\)\\(input|write|include|immediate|catcode)", text)
    assert text.count(r"\end{table}") == text.count(r"\begin{table}")
    for line in text.splitlines():
        plain = re.sub(r"\$\\[a-z]+\$", "", line)  # signs that the project itself writes
        assert not re.search(r"(?<!\\)[$%#~^]", plain), line


@pytest.mark.parametrize("verb", ["", "compare "])
def test_markdown_has_no_link_picture_or_extra_cell(printed: dict[str, str], verb: str) -> None:
    text = re.sub(r"(?<!\\)`[^`\n]*`", "", printed[f"{verb}md"])
    assert not re.search(r"(?<!\\)\]\(", text)
    assert not re.search(r"<(?!br>|u>|/u>|sub>|/sub>|sup>|/sup>)[a-zA-Z/]", text)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1


def test_a_spreadsheet_computes_nothing(printed: dict[str, str]) -> None:
    rows = list(csv.reader(io.StringIO(printed["csv"])))
    assert len({len(row) for row in rows}) == 1
    for row in rows:
        for cell in row:
            number = re.fullmatch(r"-?[\d.e+-]+", cell)
            assert number or not cell.startswith(("=", "+", "-", "@", "\t"))


def test_a_command_that_is_shown_stays_one_command(printed: dict[str, str]) -> None:
    """A hint says how to fill an empty cell; whoever copies it runs that, and nothing else."""
    words = " ".join(printed["terminal"].split())
    commands = re.findall(r"avss-bench profile .*? --against", words)
    assert commands
    for command in commands:
        verb, *rest = shlex.split(command)
        assert verb == "avss-bench" and len(rest) == 5
        assert not {";", "&&", "touch", "$(id)"} & set(rest)


def test_json_holds_the_text_as_it_is(printed: dict[str, str]) -> None:
    rows = [row for board in json.loads(printed["json"])["boards"] for row in board["rows"]]
    assert len(rows) == 1
    assert rows[0]["system"].startswith(printed["text"][:80])


def test_a_terminal_gets_no_control_characters(printed: dict[str, str]) -> None:
    for line in (printed["terminal"] + printed["compare terminal"]).splitlines():
        assert line.isprintable()
