"""One thing that was looked at: what is there, and what to do where it is not as it should be."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

__all__ = ["Finding", "State"]

State = Literal["ok", "missing", "broken"]


@dataclass(frozen=True)
class Finding:
    """The state of one thing.

    Attributes:
        group: "installed", "devices", "data sets", "model files" or "storage".
        name: What was looked at.
        state: "ok", "missing" (it is not here), or "broken" (it is here and does not work).
        found: What is there, or what is wrong with it.
        mend: What to do about it; empty where the state is "ok".
        needed: Whether runs on the sets that ship cannot do without it, or it was asked for.
    """

    group: str
    name: str
    state: State
    found: str = ""
    mend: str = ""
    needed: bool = False

    @property
    def stops(self) -> bool:
        """Whether this keeps the project from doing what is asked of it."""
        return self.needed and self.state != "ok"

    def plain(self) -> dict[str, object]:
        """Return it as JSON can hold it."""
        return asdict(self)
