"""The one place where JSON is made and parsed.

Written: keys sorted, no NaN or infinity, UTF-8. Read: duplicate keys, NaN and numbers
that a float cannot hold (`1e999`) are refused.
"""

from __future__ import annotations

import json
import math
from typing import Any

from bench.errors import DataError

__all__ = ["dumps", "dumps_pretty", "loads"]


def dumps(value: object) -> str:
    """One line of JSON with sorted keys."""
    return json.dumps(
        value, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":")
    )


def dumps_pretty(value: object) -> str:
    """Indented JSON with sorted keys and a final line end, for files that people read."""
    return json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False, indent=2) + "\n"


def loads(text: str | bytes, source: str) -> Any:
    """Parse JSON strictly.

    Args:
        text: The JSON text.
        source: Where it came from, for the message ("run.json, line 3").

    Raises:
        DataError: Not JSON, a duplicate key, NaN, infinity or a number beyond any float.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except (ValueError, RecursionError) as error:
        raise DataError(f"{source} is not valid JSON: {error}.") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"the key '{twice[0]}' stands twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]}{'…' * (len(text) > 20)} is too large")
    return number


def _whole(text: str) -> int:
    _finite(text)
    return int(text)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")
