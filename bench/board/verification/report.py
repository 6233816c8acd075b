"""What a verification came to, in words; all that a stranger wrote is made visible first."""

from __future__ import annotations

from typing import Any

from bench.board.submissions.findings import shown
from bench.board.verification.comparison import Deviation
from bench.board.verification.draw import ENOUGH
from bench.board.verification.replay import Replay

__all__ = ["plain_replay", "replay_text"]


def replay_text(replay: Replay) -> str:
    """Say what was drawn, what agreed, and every deviation."""
    salt = f"salt {shown(replay.salt)}" if replay.salt else "no salt"
    lines = [
        f"{shown(replay.run, quoted=False)}: {len(replay.mixtures)} of {replay.listed} mixtures "
        f"{replay.way}, drawn by {replay.evidence[:12]}… with {salt}",
        f"  {replay.data} data, device {replay.device}; {replay.compared} scores compared, "
        f"tolerances for {replay.tolerance.reason}",
        *(f"  not checked: {metric}, {why}" for metric, why in replay.unchecked.items()),
    ]
    if replay.way == "scored again":
        lines.append("  the estimates were scored again; nothing was separated again")
    if replay.deviations:
        lines += map(_line, replay.deviations)
        lines.append(f"  {len(replay.deviations)} deviations: not verified")
    elif replay.verified:
        lines.append("  everything agrees: verified")
    else:
        needed = f"a sample of {min(ENOUGH, replay.listed)} and every metric"
        lines.append(f"  everything agrees, but the mark needs {needed}: not verified")
    if not replay.salt and len(replay.mixtures) < replay.listed:
        lines.append(
            "  without a salt a patient submitter could have tried many drafts; draw once more "
            "with --salt WORD, a word that nobody knew before"
        )
    return "\n".join(lines)


def plain_replay(replay: Replay) -> dict[str, Any]:
    """Return it as JSON can hold it."""
    content = {name: getattr(replay, name) for name in Replay.__dataclass_fields__}
    return content | {
        "mixtures": list(replay.mixtures),
        "tolerance": vars(replay.tolerance),
        "deviations": [vars(deviation) for deviation in replay.deviations],
        "agrees": replay.agrees,
        "verified": replay.verified,
    }


def _line(deviation: Deviation) -> str:
    room = "must be equal"
    if deviation.tolerance is not None:
        room = f"tolerance {deviation.tolerance:.3g}"
    return (
        f"  {shown(deviation.place, quoted=False)}: {deviation.what} "
        f"{_value(deviation.submitted)} submitted, {_value(deviation.measured)} measured ({room})"
    )


def _value(value: float | str | None) -> str:
    if value is None:
        return "none"
    return shown(value, quoted=False) if isinstance(value, str) else f"{value:.4f}"
