"""Whether the verifier's system is the one that a submission names, by hash.

A submission names the weight files of a known system, the tensors and the code of somebody's own
module, or all written estimates. An anonymous one withholds them; once it is revealed, its authors
name the SHA-256 of their weight files beside their names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from bench.board.submissions.trimming import trimmed_plan
from bench.core.plan import Plan
from bench.errors import UsageError
from bench.run.files.saved import SavedEstimates
from bench.run.planning import describe_separator

__all__ = ["refuse_other_system"]

# What a plan may hold that tells one set of weights, or of estimates, from any other.
_HASHES = ("files", "tensors", "estimates")
_HOW: Mapping[str, Any] = {"settings": {}, "mouth_input": "default", "seed": None}


def refuse_other_system(
    plan: Plan, separator: nn.Module | SavedEstimates, checkpoints: Collection[str] = ()
) -> None:
    """Check that a system is the submitted one: the same files, settings and way to be fed.

    Args:
        plan: Of the submitted run.
        separator: The verifier's.
        checkpoints: SHA-256 of the weight files that the submission names outside its plan.

    Raises:
        UsageError: It is another, or nothing can show that it is the same.
    """
    facts, identity = describe_separator(separator, None)
    mine = trimmed_plan(replace(plan, separator=identity, kind=facts.kind), "")["separator"]
    theirs = dict(plan.separator)
    networks = plan.kind not in ("oracle", "baseline")
    if networks and not any(theirs.get(name) for name in _HASHES):
        _refuse_unnamed(mine, checkpoints)
        return
    if facts.kind != plan.kind:
        raise UsageError(
            f"the submission is of a system of the kind '{plan.kind}', but one of the kind "
            f"'{facts.kind}' was given; give the system that it names."
        )
    if plan.kind != "own":
        _same("the system", theirs.get("separator"), mine["separator"])
    # How this version names the tensors is no matter where the files themselves are known.
    compared = ("files",) if theirs.get("files") else ("estimates", "tensors", "code")
    for name in compared if networks else ():
        _same(f"the {name}", theirs.get(name), mine.get(name))
    for name, default in _HOW.items():
        _same(name, theirs.get(name, default), mine.get(name, default))


def _refuse_unnamed(mine: Mapping[str, Any], checkpoints: Collection[str]) -> None:
    """Hold the given files against those that the authors named beside the plan."""
    if not checkpoints:
        raise UsageError(
            "the submission names no weights, as anonymous ones do, so nothing can show that those "
            "given are the same; verify it when it is revealed and names their SHA-256."
        )
    files = mine.get("files") or {}
    strange = sorted(role for role, sha256 in files.items() if sha256 not in checkpoints)
    if strange or not files:
        what = ", ".join(strange) or "what was given"
        raise UsageError(
            f"{what} is none of the {len(checkpoints)} weight files that the submission names; "
            "give those."
        )


def _same(what: str, theirs: object, mine: object) -> None:
    if theirs != mine:
        raise UsageError(
            f"{what} of the submission: {_shown(theirs)}; of what was given: {_shown(mine)}; give "
            "what it was made with."
        )


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(item)}" for name, item in sorted(value.items())) or "none"
    text = "none" if value is None else str(value)
    return f"{text[:12]}…" if len(text) == 64 else text
