"""What makes a run no ordinary result, so that nobody hands it in by mistake."""

from __future__ import annotations

from bench.board.submissions.run_models import Flag
from bench.core.plan import Plan

__all__ = ["needed_flags"]


def needed_flags(plan: Plan) -> list[Flag]:
    """Name what the submitter of a run must know about it, in a fixed order."""
    holds: dict[Flag, bool] = {
        "quick-look": plan.limit is not None,
        "random-weights": plan.separator.get("weights") == "random",
        "disturbed-mouths": plan.mouths != "as-is",
        "oracle": plan.kind == "oracle",
        "baseline": plan.kind == "baseline",
        "unofficial-list": any(mark.startswith("unofficial mixture list") for mark in plan.marks),
    }
    return [flag for flag, holds_here in holds.items() if holds_here]
