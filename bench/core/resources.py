"""Where the data that ships with the project lies: in the wheel or in the repository."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped"]

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: str) -> Path:
    """Return the folder or file `name` ("datasets") that ships with the project.

    A wheel carries it inside the package; a checkout has it at the top of the repository.
    """
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.exists() else _PACKAGE.parent / name
