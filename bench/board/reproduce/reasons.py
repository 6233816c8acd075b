"""Why a reproduced figure may differ: what somebody found out, each with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bench.board.published import Figure

__all__ = ["Reason", "equal_score", "reasons_for"]

_FILE = Path(__file__).parent / "reasons.toml"


class Reason(BaseModel):
    """One thing that is known about a difference.

    Attributes:
        system: As tables call it.
        list: Id of the mixture list; None = every one.
        metric: The column as printed; None = every one.
        value: What was measured or printed elsewhere, with its digits; None without one.
        reason: What is known, one sentence.
        source: Where it can be read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str
    list: str | None = None
    metric: str | None = None
    value: str | None = Field(None, pattern=r"^-?\d+(\.\d+)?$")
    reason: str = Field(min_length=1)
    source: str = Field(pattern=r"^https?://")

    def fits(self, figure: Figure) -> bool:
        """Whether it speaks of this figure."""
        return (
            self.system == figure.system
            and self.list in (None, figure.list)
            and self.metric in (None, figure.metric)
        )


class _Facts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    equal: Mapping[str, str]
    reasons: tuple[Reason, ...]


@cache
def _facts() -> _Facts:
    return _Facts.model_validate(tomllib.loads(_FILE.read_text(encoding="utf-8")))


def reasons_for(figure: Figure) -> tuple[Reason, ...]:
    """Return what is known about a figure, the entries with a value first."""
    found = [reason for reason in _facts().reasons if reason.fits(figure)]
    return tuple(sorted(found, key=lambda reason: reason.value is None))


def equal_score(metric_id: str) -> str:
    """Return the score of ours that computes what a printed column really is."""
    return _facts().equal.get(metric_id, metric_id)
