"""The tables of docs/scoring.md follow from the code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def test_the_document_is_up_to_date() -> None:
    command = [sys.executable, REPOSITORY / "tools" / "write_scoring_doc.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_its_places_are_filled() -> None:
    text = (REPOSITORY / "docs" / "scoring.md").read_text(encoding="utf-8")
    assert "| `sdr_bsseval512`" in text
    assert "| `iianet2024.sdr`" in text
    assert "<!-- benchmark -->\n```\n" in text
    assert "<!-- pesq -->\n```\n" in text
