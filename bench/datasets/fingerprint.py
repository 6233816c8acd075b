"""What makes two copies of a test set the same, in two levels.

*Exact*: SHA-256 of every finished mixture and of all of them. *Tolerant*: a signature per mixture
that survives another AAC decoder or resampler. It holds the level of each voice and a sketch: eight
sums of the voice under fixed pseudo-random signs, divided by the voice's norm. The mean square
difference of two sketches estimates the energy of the difference between two normalised voices
without either being there: other clips, another offset (one sample is enough) and another polarity
are seen, a last bit that differs is not.

Two copies are *identical* if their exact hashes agree; *equivalent* if they name the same mixtures,
every voice agrees to 30 dB, every level to 0.15 dB, and the differences together would move the
mean score of a system at 15 dB by at most 0.02 dB; else *different*.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench.core.hashing import hash_bytes
from bench.core.jsonio import dumps_pretty, loads
from bench.datasets.mixing import FULL_SCALE, Mixed
from bench.errors import DataError

__all__ = [
    "Comparison",
    "Fingerprint",
    "MixturePrint",
    "compare",
    "hash_mixed",
    "pack_mixed",
    "parse_fingerprint",
    "print_mixture",
]

SCHEMA = 1
_SKETCH = 8
_STEPS = 4096  # per unit of a sketch; its noise is 80 dB down
_LEAST_AGREEMENT_DB = 30.0
_LEVEL_TOLERANCE_DB = 0.15
_SHIFT_TOLERANCE_DB = 0.02
_TYPICAL_SCORE_DB = 15.0

Kind = Literal["identical", "equivalent", "different"]


@dataclass(frozen=True)
class MixturePrint:
    """The fingerprint of one mixture.

    Attributes:
        name: Of the mixture.
        sha256: Exact: over name, mixture and references.
        samples: Length.
        levels_db: RMS level of each reference, full scale 0 dB; None for silence.
        sketch: int16 `(2, 8)`, one row per reference.
    """

    name: str
    sha256: str
    samples: int
    levels_db: tuple[float | None, float | None]
    sketch: NDArray[np.int16]

    def plain(self) -> list[object]:
        """Return it as JSON can hold it."""
        packed = base64.b64encode(self.sketch.astype("<i2").tobytes()).decode()
        return [self.name, self.sha256, self.samples, list(self.levels_db), packed]


@dataclass(frozen=True)
class Fingerprint:
    """The fingerprint of a set, or of a subset.

    Attributes:
        dataset: Id of the set.
        list_sha256: Hash of its list.
        sha256: Exact hash over all mixtures in order.
        mixtures: One per mixture, in order.
    """

    dataset: str
    list_sha256: str
    sha256: str
    mixtures: tuple[MixturePrint, ...]

    @cached_property
    def hashes(self) -> Mapping[str, str]:
        """Exact hashes by name."""
        return {item.name: item.sha256 for item in self.mixtures}

    def text(self) -> str:
        """Return the file that keeps it."""
        return dumps_pretty(
            {
                "schema": SCHEMA,
                "dataset": self.dataset,
                "list_sha256": self.list_sha256,
                "sha256": self.sha256,
                "mixtures": [item.plain() for item in self.mixtures],
            }
        )


@dataclass(frozen=True)
class Comparison:
    """How two copies of a set relate.

    Attributes:
        kind: "identical", "equivalent" or "different".
        reasons: One sentence each: why they are different, or what differs within the tolerances.
        shift_db: Expected shift of a mean score; None where the mixtures are not the same.
    """

    kind: Kind
    reasons: tuple[str, ...] = ()
    shift_db: float | None = None


def pack_mixed(name: str, mixed: Mixed) -> bytes:
    """Return what is hashed of one finished mixture: its name, then its samples."""
    parts = (mixed.mixture, mixed.references)
    return b"".join([name.encode(), *(part.astype("<i2").tobytes() for part in parts)])


def hash_mixed(name: str, mixed: Mixed) -> str:
    """Hash one finished mixture."""
    return hash_bytes(pack_mixed(name, mixed))


def print_mixture(name: str, mixed: Mixed) -> MixturePrint:
    """Make the fingerprint of one finished mixture."""
    references = mixed.references.astype(np.float64)
    energies = np.sum(references**2, axis=1)  # whole numbers below 2^53: exact in any order
    sums = references @ _signs(references.shape[1]).T
    norms = np.sqrt(np.where(energies > 0, energies, 1))
    sketch = np.clip(np.rint(_STEPS * sums / norms[:, None]), -32768, 32767)
    return MixturePrint(
        name,
        hash_mixed(name, mixed),
        references.shape[1],
        (_level(energies[0], references.shape[1]), _level(energies[1], references.shape[1])),
        sketch.astype(np.int16),
    )


def parse_fingerprint(content: str | bytes, source: str) -> Fingerprint:
    """Read what `Fingerprint.text` wrote.

    Raises:
        DataError: It is something else; `source` names it.
    """
    found = loads(content, source)
    try:
        return Fingerprint(
            str(found["dataset"]),
            str(found["list_sha256"]),
            str(found["sha256"]),
            tuple(_parse_item(item) for item in found["mixtures"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{source} is no fingerprint of a data set ({error}).") from error


def compare(first: Fingerprint, second: Fingerprint) -> Comparison:
    """Say whether two copies of a set are identical, equivalent or different."""
    reasons = _other_mixtures(first, second)
    if reasons:
        return Comparison("different", reasons)
    if first.sha256 == second.sha256:
        return Comparison("identical", shift_db=0.0)
    pairs = list(zip(first.mixtures, second.mixtures, strict=True))
    errors = np.array([_errors(mine, theirs) for mine, theirs in pairs])  # (mixture, voice)
    levels_db = np.array([_level_change(mine, theirs) for mine, theirs in pairs])
    shift_db = float(np.mean(10 * np.log10(1 + 10 ** (_TYPICAL_SCORE_DB / 10) * errors)))
    worst, furthest = int(errors.max(axis=1).argmax()), int(levels_db.argmax())
    agreement_db = -10 * math.log10(max(float(errors.max()), 1e-8))
    failed = []
    if agreement_db < _LEAST_AGREEMENT_DB:
        count = int(np.sum(errors.max(axis=1) > 10 ** (-_LEAST_AGREEMENT_DB / 10)))
        failed.append(
            f"{count} of {len(pairs)} mixtures hold other clips, or the same at another offset"
            f" (worst: {pairs[worst][0].name}, {agreement_db:.1f} dB)"
        )
    if levels_db[furthest] > _LEVEL_TOLERANCE_DB:
        failed.append(
            f"levels differ by up to {levels_db[furthest]:.3f} dB ({pairs[furthest][0].name})"
        )
    if shift_db > _SHIFT_TOLERANCE_DB:
        failed.append(f"scores are expected to shift by {shift_db:.3f} dB")
    if failed:
        return Comparison("different", tuple(failed), shift_db)
    changed = sum(mine.sha256 != theirs.sha256 for mine, theirs in pairs)
    detail = (
        f"{changed} of {len(pairs)} mixtures differ in their last bits: voices agree to"
        f" {agreement_db:.0f} dB, levels to {levels_db[furthest]:.3f} dB, expected shift of a mean"
        f" score {shift_db:.4f} dB"
    )
    return Comparison("equivalent", (detail,), shift_db)


def _other_mixtures(first: Fingerprint, second: Fingerprint) -> tuple[str, ...]:
    names, others = (set(prints.hashes) for prints in (first, second))
    if names != others:
        return (
            f"{len(names - others)} mixtures are only in the first, {len(others - names)} only in"
            " the second: the lists are not the same",
        )
    if list(first.hashes) != list(second.hashes):
        return ("the mixtures stand in another order",)
    lengths = zip(first.mixtures, second.mixtures, strict=True)
    other = [mine.name for mine, theirs in lengths if mine.samples != theirs.samples]
    return (f"{len(other)} mixtures have another length ({other[0]})",) if other else ()


def _errors(mine: MixturePrint, theirs: MixturePrint) -> NDArray[np.float64]:
    """Estimate the energy of the difference of each normalised voice."""
    change = (mine.sketch.astype(np.float64) - theirs.sketch) / _STEPS
    return np.asarray(np.mean(change**2, axis=1))


def _level_change(mine: MixturePrint, theirs: MixturePrint) -> float:
    """Largest change of a level, or of the difference of the two levels."""
    pairs = list(zip(mine.levels_db, theirs.levels_db, strict=True))
    if any((a is None) != (b is None) for a, b in pairs):
        return math.inf
    changes = [a - b for a, b in pairs if a is not None and b is not None]
    apart = [changes[0] - changes[1]] if len(changes) == 2 else []
    return max((abs(change) for change in [*changes, *apart]), default=0.0)


@lru_cache(maxsize=4)
def _signs(samples: int) -> NDArray[np.float64]:
    """Make `(8, samples)` fixed signs; a longer clip starts with those of a shorter one."""
    words = -(-samples // 64)
    rows = [
        np.random.PCG64(seed).random_raw(words).astype("<u8").view(np.uint8)
        for seed in range(_SKETCH)
    ]
    bits = np.unpackbits(np.stack(rows), axis=1, bitorder="little")[:, :samples]
    return np.asarray(1.0 - 2.0 * bits, np.float64)


def _level(energy: float, samples: int) -> float | None:
    if energy <= 0:
        return None
    return round(10 * math.log10(float(energy) / samples / FULL_SCALE**2), 4)


def _parse_item(item: Sequence[Any]) -> MixturePrint:
    name, sha256, samples, levels, packed = item
    sketch = np.frombuffer(base64.b64decode(packed), "<i2").reshape(2, _SKETCH)
    first, second = levels
    return MixturePrint(name, sha256, int(samples), (first, second), sketch.astype(np.int16))
