"""The terminal: how wide it is, and what it is told beside the output."""

from __future__ import annotations

import shutil

import typer

__all__ = ["complain", "table_width"]

# Where the output is no terminal, there is room.
_WIDE = 160


def table_width() -> int:
    """Return the number of columns of the terminal, or plenty where there is none."""
    return shutil.get_terminal_size((_WIDE, 24)).columns


def complain(text: str) -> None:
    """Print one line on the error stream; names of strangers in it can begin no other line."""
    signs = (c if c.isprintable() else f"<U+{ord(c):04X}>" for c in " ".join(text.splitlines()))
    typer.echo(f"avss-bench: {''.join(signs)}", err=True)
