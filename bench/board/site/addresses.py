"""Where pages lie. Names may come from strangers: addresses keep only letters and digits."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["slug", "system_paths", "unique_slugs"]

_LONGEST = 60


def slug(name: str) -> str:
    """Return a name as it can stand in an address: "RTFS-Net-12" becomes `rtfs-net-12`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST].strip("-") or "system"


def unique_slugs(names: Iterable[str]) -> dict[str, str]:
    """Give every name an address of its own, the same whatever order the names come in."""
    given: dict[str, str] = {}
    for name in sorted(set(names)):
        base, number = slug(name), 2
        chosen = base
        while chosen in given.values():
            chosen = f"{base}-{number}"
            number += 1
        given[name] = chosen
    return given


def system_paths(names: Iterable[str]) -> dict[str, str]:
    """Return the path of every system's page by the system's name."""
    return {name: f"systems/{chosen}.html" for name, chosen in unique_slugs(names).items()}
