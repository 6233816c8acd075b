"""How wide the place is that tables are printed to."""

from __future__ import annotations

import shutil

__all__ = ["table_width"]

# Where the output is no terminal, there is room.
_WIDE = 160


def table_width() -> int:
    """Return the number of columns of the terminal, or plenty where there is none."""
    return shutil.get_terminal_size((_WIDE, 24)).columns
