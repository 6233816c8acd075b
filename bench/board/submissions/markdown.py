"""Texts of strangers inside a comment on GitHub, where plain escaping is not enough.

Mentions (`@name`), references (`#1`) and bare addresses become links even where every special sign
is escaped; inside code nothing does. So what a stranger wrote stands in code spans and fenced
blocks that it cannot end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bench.board.formats import plain_text

__all__ = ["code_block", "code_span"]


def code_span(text: str) -> str:
    """Return a text as code inside a line or a table cell.

    >>> code_span("a|b `c`")
    '`` a\\\\|b `c` ``'
    """
    plain = plain_text(text).replace("|", "\\|")
    fence = "`" * (1 + _longest_run("`", plain))
    room = " " if "`" in plain or not plain else ""
    return f"{fence}{room}{plain}{room}{fence}"


def code_block(lines: Sequence[str]) -> str:
    """Return lines as a block of code."""
    plain = [plain_text(line) for line in lines]
    fence = "~" * max(3, 1 + max((_longest_run("~", line) for line in plain), default=0))
    return "\n".join([f"{fence}text", *plain, fence])


def _longest_run(sign: str, text: str) -> int:
    return max((len(run) for run in re.findall(f"{re.escape(sign)}+", text)), default=0)
