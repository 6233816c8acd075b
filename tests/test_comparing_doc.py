"""docs/comparing.md holds what the calibration printed, and that is what the text promises."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "comparing.md"


def test_the_printed_calibration_is_what_the_text_says_of_it() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    block = re.search(r"<!-- calibration -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert block is not None
    lines = [line for line in block[1].splitlines() if line.startswith("|")]
    header, rows = lines[0], [re.findall(r"(\d+) %", line) for line in lines[2:]]
    assert header.count("|") == 9
    assert len(rows) == 8
    for mixtures, utterances, _, ours, equal, _ in (map(int, row) for row in rows):
        assert mixtures < utterances < 90
        assert 92 <= ours <= 98
        assert 2 <= equal <= 8
        assert ours + equal == 100
