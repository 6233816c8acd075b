"""Which mixtures of a submission are run again: drawn by the submission itself.

1. The evidence is hashed: the plan of the run (data, system with the SHA-256 of its files, metrics)
   and every record, in canonical JSON. Names, notes and addresses are no part of it: a second run
   could confirm nothing in them, and whoever changes a note does not change the draw.
2. scrypt (N = 2^16, r = 8, p = 1; 64 MB and a fifth of a second) makes a key of the evidence and of
   the verifier's salt, if there is one.
3. Mixtures are ordered by SHA-256 of key and name; the sample is the first so many of them. A
   larger sample holds every smaller one.

How far this holds: nobody can choose the mixtures of finished evidence. A submitter can still try:
records can be changed below the tolerances, and each change is another draw. With 50 of 3000
mixtures, one draw in 200 misses all wrong ones if a tenth is wrong, one in 780 million if a third
is. scrypt makes every try cost a fifth of a second: less than a minute in the one case, years in
the other. Only a salt that the verifier chooses once the submission is in rules this out, whatever
the effort; it is printed and kept, so that anybody can repeat the draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from bench.core.hashing import hash_bytes, hash_settings
from bench.run.result import Run

__all__ = ["ENOUGH", "draw_mixtures", "evidence_sha256"]

# A smaller sample never raises the mark, unless it is everything.
ENOUGH = 50

_PURPOSE = b"avss-bench verification draw 1"
_COST, _BLOCK, _LANES = 2**16, 8, 1
_MEMORY = 2**27


def evidence_sha256(run: Run) -> str:
    """Hash what a verification can confirm: what was run, and every record."""
    lines = sorted(record.line() for record in run.records)
    records = hash_bytes("\n".join(lines).encode())
    return hash_settings({"plan": asdict(run.plan), "expected": run.expected, "records": records})


def draw_mixtures(
    evidence: str, mixtures: Sequence[str], sample: int, salt: str = ""
) -> tuple[str, ...]:
    """Draw the mixtures that are run again.

    Args:
        evidence: From `evidence_sha256`.
        mixtures: Names of all mixtures of the run.
        sample: How many; all where there are fewer.
        salt: Chosen by the verifier after the submission was handed in; empty = none.

    Returns:
        Names, in the order of `mixtures`.
    """
    key = hashlib.scrypt(
        f"{evidence}/{salt}".encode(),
        salt=_PURPOSE,
        n=_COST,
        r=_BLOCK,
        p=_LANES,
        maxmem=_MEMORY,
        dklen=32,
    )
    drawn = sorted(mixtures, key=lambda name: hashlib.sha256(key + name.encode()).digest())
    chosen = set(drawn[:sample])
    return tuple(name for name in mixtures if name in chosen)
