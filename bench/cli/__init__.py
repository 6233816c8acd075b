"""The command line: one module per verb that parses, calls and prints."""

from __future__ import annotations

import sys

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> None:
    """Run the command line; Ctrl-C ends it with one sentence, even while it is being loaded."""
    try:
        from bench.cli.app import run_verbs

        code = run_verbs()
    except KeyboardInterrupt:
        sentence = "interrupted; the same command goes on from what was kept."
        sys.stderr.write(f"avss-bench: {sentence}\n")
        code = _INTERRUPTED
    sys.exit(code)
