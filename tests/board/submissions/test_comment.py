"""What stands under a pull request: right figures, and nothing that a stranger can break."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from submitted import make_run, submission

from bench.board.submissions.comment import write_comment
from bench.board.submissions.markdown import code_block, code_span
from bench.board.submissions.validation import validate_submission
from bench.run.result import Run

CTCNET = {"separator": "ctcnet", "weights": "checkpoint"}


def _named(run: Run, name: str) -> Run:
    from dataclasses import replace

    return replace(run, system=replace(run.system, name=name))


def _others() -> list[Run]:
    ctcnet = make_run(gain_db=8.0, seed=1, plan={"separator": CTCNET}, kind="published")
    best = make_run(gain_db=12.0, seed=2, plan={"separator": {**CTCNET, "separator": "best"}})
    oracle = make_run(gain_db=20.0, seed=3, plan={"threads": 3}, kind="oracle")
    quick = make_run(gain_db=25.0, seed=4, plan={"limit": 10})
    runs = zip((ctcnet, best, oracle, quick), ("CTCNet", "Best", "Oracle", "Quick"), strict=True)
    return [_named(run, name) for run, name in runs]


def test_it_compares_with_ctcnet_and_the_best(tmp_path: Path) -> None:
    folder = submission(tmp_path / "mine", make_run(gain_db=9.0))
    text = write_comment([validate_submission(folder, others=_others())], _others())
    assert "### `LipNet-Zwölf`: valid" in text
    assert (
        "| score | `LipNet-Zwölf` | CTCNet (reproduced) | best so far (reproduced): `Best` |"
        in text
    )
    line = next(line for line in text.splitlines() if line.startswith("| SI-SNRi"))
    own, ctcnet, best = re.findall(r"\| (-?\d+\.\d+)", line)
    assert float(own) == pytest.approx(9.4, abs=0.3)
    assert float(ctcnet) == pytest.approx(8.4, abs=0.3)
    assert float(best) == pytest.approx(12.4, abs=0.3)
    first, second = re.findall(r"\(([+-]\d+\.\d+) \[([+-]\d+\.\d+), ([+-]\d+\.\d+)\]\)", line)
    assert float(first[0]) == pytest.approx(float(own) - float(ctcnet), abs=0.011)
    assert float(first[1]) < float(first[0]) < float(first[2])
    assert float(second[0]) == pytest.approx(float(own) - float(best), abs=0.011)
    assert "Oracle" not in text and "Quick" not in text


def test_a_refused_submission_says_why(tmp_path: Path) -> None:
    folder = submission(tmp_path / "mine")
    (folder / "records.jsonl.gz").write_bytes(b"x")
    text = write_comment([validate_submission(folder)], [])
    assert "### `mine`: refused (1 errors)" in text
    assert "~~~text\nerror: records.jsonl.gz:" in text


def test_without_others_a_cell_is_empty(tmp_path: Path) -> None:
    report = validate_submission(submission(tmp_path / "mine"))
    assert "| SI-SNRi |" in write_comment([report], [])
    assert write_comment([], []) == "No submission was added or changed.\n"


HOSTILE = (
    "@everyone #1 https://evil.example",
    "a|b`c``d",
    "</details><script>alert(1)</script>",
    "![x](https://evil.example/x.png)",
    "~~~~ ```",
    "`",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_cannot_leave_their_code_span(tmp_path: Path, name: str) -> None:
    folder = submission(tmp_path / "mine", system=name)
    text = write_comment([validate_submission(folder)], [])
    assert code_span(name) in text
    assert len(name) < 2 or name.replace("|", "\\|") not in text.replace(code_span(name), "")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_fence_is_longer_than_what_it_holds(text: str) -> None:
    fence = re.match(r"`+", code_span(text))
    assert fence and not re.search(rf"(?<!`){fence[0]}(?!`)", code_span(text)[len(fence[0]):-len(fence[0])])  # fmt: skip  # noqa: E501
    first, *inside, last = code_block([text, "~" * 9]).splitlines()
    assert first == f"{last}text" and len(last) == 10 and len(inside) == 2
