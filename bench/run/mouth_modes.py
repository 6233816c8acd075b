"""What can be done to the mouths before a separator sees them: the stress tests of the field.

| mode | what the separator sees |
|---|---|
| `as-is` | the mouths |
| `swapped` | the other speaker's mouth |
| `frozen` | the middle frame, all the time |
| `blank` | black frames |
| `shifted:N` | the video N frames late (negative: early); the ends repeat the nearest frame |
| `jittered:S` | at each moment a frame that lies a normal deviation S away (seeded) |
| `dropped:P` | each frame lost with probability P, the last one seen stays (seeded) |
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.core.hashing import hash_bytes
from bench.errors import UsageError

__all__ = ["MODES", "MouthMode", "parse_mouth_mode"]

Frames = NDArray[np.uint8]

MODES = ("as-is", "swapped", "frozen", "blank", "shifted:N", "jittered:S", "dropped:P")


@dataclass(frozen=True)
class MouthMode:
    """One way to disturb the mouths.

    Attributes:
        kind: The word before the colon.
        amount: The number after it, 0 where there is none.
    """

    kind: str
    amount: float = 0.0

    @property
    def swaps(self) -> bool:
        """Whether each target is shown with the other speaker's mouth."""
        return self.kind == "swapped"

    def disturb(self, frames: Frames, utterance: str) -> Frames:
        """Return the disturbed frames.

        Args:
            frames: uint8 `(frames, height, width)`.
            utterance: Id of the utterance; random modes are seeded with it.
        """
        if self.kind == "blank":
            return np.zeros_like(frames)
        if self.kind in ("as-is", "swapped"):
            return frames
        return frames[self._order(len(frames), utterance)]

    def _order(self, count: int, utterance: str) -> NDArray[np.intp]:
        """Which frame is shown at each moment."""
        now = np.arange(count)
        if self.kind == "frozen":
            return np.full(count, count // 2)
        if self.kind == "shifted":
            return np.clip(now - int(self.amount), 0, count - 1)
        generator = _generator(f"{self.kind}:{self.amount}/{utterance}")
        if self.kind == "jittered":
            moved = now + np.rint(self.amount * generator.standard_normal(count)).astype(np.intp)
            return np.clip(moved, 0, count - 1)
        kept = generator.random(count) >= self.amount
        kept[:1] = True  # something has to be seen first
        return np.maximum.accumulate(np.where(kept, now, 0))


def _generator(seed: str) -> np.random.Generator:
    return np.random.default_rng(int(hash_bytes(seed.encode())[:16], 16))


def parse_mouth_mode(text: str) -> MouthMode:
    """Read a mode as the command line takes it.

    Raises:
        UsageError: An unknown mode, or an amount that is missing, out of range or too many.
    """
    kind, _, amount = text.partition(":")
    known = {mode.partition(":")[0]: ":" in mode for mode in MODES}
    if kind not in known or known[kind] != bool(amount):
        raise UsageError(f"the mouth mode '{text}' is unknown; expected one of {', '.join(MODES)}.")
    if not amount:
        return MouthMode(kind)
    try:
        number = float(amount)
    except ValueError:
        number = float("nan")
    fits = {
        "shifted": number == np.rint(number) and abs(number) < 1e6,
        "jittered": 0 <= number < 1e6,
        "dropped": 0 <= number <= 1,
    }
    if not fits[kind]:
        raise UsageError(
            f"the mouth mode '{text}' has an amount that does not fit: shifted takes whole frames, "
            "jittered a deviation in frames of at least 0, dropped a probability from 0 to 1."
        )
    return MouthMode(kind, number)
