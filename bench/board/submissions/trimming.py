"""What of a run may leave the machine it was made on, and in which words.

Scores, ids and hashes leave as they are. Free texts are rid of paths and of what an exception of a
user's own code said; a condition leaves only if it is a number or a label. What the user's own
module looked like leaves as one hash. Anything that is not named here stays.
"""

from __future__ import annotations

import getpass
import re
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bench.board.submissions.lines import CONDITION_TEXT
from bench.board.submissions.strict_json import hidden_sign
from bench.core.hashing import hash_bytes, hash_settings
from bench.core.plan import Plan
from bench.core.record import Record

__all__ = [
    "plain_text",
    "trimmed_environment",
    "trimmed_plan",
    "trimmed_record",
]

_RAISED = re.compile(r"(the separator raised [A-Za-z_][A-Za-z0-9_.]*).*", re.DOTALL)
# A place on a machine: `/home/...`, `~/...`, `C:\...`, `\\server\...`, no address and no division.
_PATH = re.compile(
    r"(?<![^\s'\"(=:\[,<])(?<!http:)(?<!https:)"
    r"(?:[A-Za-z]:[\\/]|[\\/]{1,3}(?=[\w.])|~[\w.-]*[\\/])[^\s'\")]*"
)
_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:[/\\]")
_LONGEST = 300
_SEPARATOR = ("separator", "weights", "settings", "files", "mouth_input", "seed", "tensors")
_ENVIRONMENT = ("packages", "python", "platform", "processor", "cores")


def plain_text(text: str, longest: int = _LONGEST) -> str:
    """Return a text without paths, names of this machine and its user, or hidden characters.

    >>> plain_text("cannot read /data/ann/x.wav: no")
    'cannot read <path> no'
    """
    found = _RAISED.sub(r"\1", text)
    found = _PATH.sub("<path>", found)
    for name in _own_names():
        found = re.sub(rf"\b{re.escape(name)}\b", "<name>", found)
    return "".join(" " if hidden_sign(sign) else sign for sign in found)[:longest]


def _own_names() -> list[str]:
    """Names that only this machine knows: its own and its user's, where they are no plain word."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    names = {user, socket.gethostname()} - {"root", "user", "localhost"}
    return sorted(name for name in names if len(name) > 2)


def trimmed_plan(plan: Plan, system: str) -> dict[str, Any]:
    """Return the entries of a `SubmittedPlan`.

    A user's own module is called as the system is; its code and attributes become one hash. What
    is not trimmed keeps the id of the run as it was.

    Args:
        plan: Of the run.
        system: Name of the system.
    """
    separator = plan.separator
    kept = {name: separator[name] for name in _SEPARATOR if name in separator}
    if isinstance(settings := kept.get("settings"), Mapping):
        kept["settings"] = {name: _scalar(value) for name, value in settings.items()}
    if "package" in separator:
        kept["package"] = plain_text(str(separator["package"]))
    if "code" in separator:
        kept["code"] = hash_settings(separator["code"])
    if "estimates" in separator:
        kept["estimates"] = separator["estimates"]
    if plan.kind == "own":
        kept["separator"] = system
    return {
        "version": plan.schema,
        "dataset": plan.dataset,
        "list_sha256": plan.list_sha256,
        "data_sha256": plan.data_sha256,
        "separator": kept,
        "kind": plan.kind,
        "metrics": dict(plan.metrics),
        "pictures": plan.pictures,
        "packages": dict(plan.packages),
        "device": plan.device,
        "threads": plan.threads,
        "mouths": plan.mouths,
        "permutation": plan.permutation,
        "limit": plan.limit,
        "marks": [plain_text(mark) for mark in plan.marks],
    }


def _scalar(value: object) -> object:
    return plain_text(value) if isinstance(value, str) else value


def trimmed_record(record: Record, run: str, *, anonymous: bool = False) -> Record:
    """Return a record that may leave, as one of the submitted run.

    Of an anonymous one not even the name of an exception leaves: it may be that of a system.
    """
    conditions = {
        name: value
        for name, value in record.conditions.items()
        if not isinstance(value, str) or CONDITION_TEXT.match(value)
    }
    return replace(
        record,
        run=run,
        error=None if record.error is None else _error(record, anonymous=anonymous),
        target_cluster=_id(record.target_cluster),
        interferer_cluster=_id(record.interferer_cluster),
        target_utterance=_id(record.target_utterance),
        interferer_utterance=_id(record.interferer_utterance),
        conditions=conditions,
    )


def _error(record: Record, *, anonymous: bool) -> str:
    withheld = anonymous and record.status == "failed"
    return "no scores; the reason is withheld" if withheld else plain_text(record.error or "")


def _id(name: str) -> str:
    """Keep an id, unless it is a place on this machine."""
    return f"id-{hash_bytes(name.encode())[:16]}" if _ABSOLUTE.match(name) else name


def trimmed_environment(found: Mapping[str, Any], *, anonymous: bool = False) -> dict[str, Any]:
    """Return what a run may tell of its environment; of an anonymous one only the versions."""
    names = _ENVIRONMENT[:1] if anonymous else _ENVIRONMENT
    return {name: _scalar(found[name]) for name in names if name in found}
