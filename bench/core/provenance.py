"""Where a number on a board comes from, and how far that may be trusted."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["MEANINGS", "PROVENANCES", "Provenance"]

Provenance = Literal["published", "submitted", "verified", "reproduced"]

PROVENANCES: tuple[Provenance, ...] = get_args(Provenance)

MEANINGS: dict[Provenance, str] = {
    "published": "quoted from a paper or a repository, with its source",
    "submitted": "recomputed from the records that its authors handed in",
    "verified": "submitted, and run again on mixtures drawn by the hash of the submission",
    "reproduced": "measured here",
}
