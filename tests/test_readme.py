"""What the README shows is what its commands print."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_every_printed_block_is_up_to_date() -> None:
    command = [sys.executable, "tools/update_readme.py", "--check"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_verb_that_is_named_exists() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for verb in set(re.findall(r"avss-bench ([a-z]+)", README)):
        assert verb in listed


def test_every_file_that_is_linked_exists() -> None:
    for path in re.findall(r"\]\(([A-Za-z./_-]+)\)", README):
        assert (REPOSITORY / path).exists()


def test_the_repository_names_no_place_of_one_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*.md", "*.py", "*.toml", "*.json", "*.yml", "Makefile"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    private = re.compile(r"(?<![\w.])/(root|home/\w+|work)/")
    found = [p for p in listed if private.search((REPOSITORY / p).read_text(encoding="utf-8"))]
    assert found == []
