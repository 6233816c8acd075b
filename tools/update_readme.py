"""Print the figures of the README anew: `python tools/update_readme.py [--check]`.

A block between `<!-- begin: COMMAND -->` and `<!-- end -->` holds what that command prints; nothing
in between is typed by hand. `--check` changes nothing and fails if a block is not what its command
prints, which a test does too.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- begin: (avss-bench [^\n]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
WIDTH = "116"


def printed(command: str) -> str:
    """Return what a command of ours prints on a terminal of fixed width, as a code block."""
    arguments = command.split()[1:]
    environment = {**os.environ, "COLUMNS": WIDTH}
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return f"```text\n{done.stdout.rstrip()}\n```\n"


def updated(text: str) -> str:
    """Return the text with every block printed anew."""
    return BLOCK.sub(lambda block: f"{block[1]}{printed(block[2])}{block[4]}", text)


def main() -> int:
    """Update the files, or check them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if stale")
    check = parser.parse_args().check
    stale = []
    for path in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))):
        before = path.read_text(encoding="utf-8")
        after = updated(before)
        if after != before:
            stale.append(path.name)
            if not check:
                path.write_text(after, encoding="utf-8")
    sys.stdout.write(f"{'not up to date' if check else 'updated'}: {', '.join(stale) or 'none'}\n")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
