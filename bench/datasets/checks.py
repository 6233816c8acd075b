"""What is checked on a copy of a test set, mixture by mixture and as a whole.

Every finished mixture is measured once; the table of checks and the fingerprint come from the same
measurements. Tolerances are those of the project's protocol: they allow for another AAC decoder or
resampler, and for nothing else.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.datasets.cards import Card
from bench.datasets.dataset import Dataset
from bench.datasets.fingerprint import Fingerprint, MixturePrint, print_mixture
from bench.datasets.levels import active_level_db, halve_rate
from bench.datasets.lists import ListLine
from bench.datasets.mixing import FULL_SCALE, Mixed

__all__ = [
    "Check",
    "Gathered",
    "MixtureReport",
    "Verification",
    "conclude",
    "report_mixture",
]

PEAK = 29491  # 0.9 of full scale
_LEVEL_TOLERANCE_DB = 0.15
_MEAN_TOLERANCE_DB = 0.15


@dataclass(frozen=True)
class Check:
    """One row of the table.

    Attributes:
        name: What is checked.
        expected: What the set should have.
        found: What this copy has.
        passed: Whether that will do.
        declared: The user said that this copy is another one; it will do, and is marked.
    """

    name: str
    expected: str
    found: str
    passed: bool
    declared: bool = False

    @property
    def outcome(self) -> str:
        """One word for the table."""
        if self.declared:
            return "unofficial"
        return "ok" if self.passed else "FAILED"


@dataclass(frozen=True)
class MixtureReport:
    """What was measured on one mixture.

    Attributes:
        fingerprint: Its fingerprint.
        peak: Largest magnitude in mixture and references.
        additivity: Largest magnitude of mixture minus both references.
        level_error_db: Difference of the two levels minus that of the list; None for silence.
        unexplained_db: What is left of it after the scale effect (see `_beyond_scale_db`).
        si_snr_db: Of the mixture towards each reference; None for silence.
    """

    fingerprint: MixturePrint
    peak: int
    additivity: int
    level_error_db: float | None
    unexplained_db: float
    si_snr_db: tuple[float | None, float | None]


@dataclass(frozen=True)
class Verification:
    """All checks, and the fingerprint of what was checked."""

    checks: tuple[Check, ...]
    fingerprint: Fingerprint

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


def report_mixture(line: ListLine, mixed: Mixed, card: Card) -> MixtureReport:
    """Measure one finished mixture."""
    mixture, references = mixed.mixture.astype(np.int64), mixed.references.astype(np.int64)
    error_db = _level_error_db(line, mixed, card)
    return MixtureReport(
        print_mixture(line.name, mixed),
        int(max(np.abs(mixture).max(initial=0), np.abs(references).max(initial=0))),
        int(np.abs(mixture - references.sum(axis=0)).max(initial=0)),
        error_db,
        _unexplained_db(error_db, line, mixed, card),
        (_si_snr_db(mixture, references[0]), _si_snr_db(mixture, references[1])),
    )


class Gathered:
    """Reports as they come in from several processes, and the hash of the set in list order."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._reports: dict[int, MixtureReport] = {}
        self._early: dict[int, bytes] = {}
        self._digest = hashlib.sha256()
        self._next = 0

    def add(self, position: int, report: MixtureReport, content: bytes) -> None:
        """Take what was measured on the mixture at `position`, and its packed samples."""
        self._reports[position] = report
        self._early[position] = content
        while self._next in self._early:
            self._digest.update(self._early.pop(self._next))
            self._next += 1

    @property
    def count(self) -> int:
        """How many mixtures are in."""
        return len(self._reports)

    @property
    def reports(self) -> list[MixtureReport]:
        """All reports, in the order of the list."""
        return [self._reports[position] for position in sorted(self._reports)]

    def fingerprint(self) -> Fingerprint:
        """Return the fingerprint of the set; every mixture must be in."""
        data, prints = self._dataset, tuple(report.fingerprint for report in self.reports)
        return Fingerprint(data.id, data.list_sha256, self._digest.hexdigest(), prints)


def conclude(dataset: Dataset, gathered: Gathered) -> Verification:
    """Turn measurements into the table of checks."""
    reports, fingerprint = gathered.reports, gathered.fingerprint()
    checks = (
        *_list_checks(dataset),
        *_sample_checks(dataset, reports),
        *_level_checks(reports),
        *_mouth_checks(dataset),
    )
    pinned = None if dataset.is_subset else dataset.card.fingerprint
    if pinned is not None:
        same = pinned == fingerprint.sha256
        checks += (Check("pinned fingerprint", pinned[:12], fingerprint.sha256[:12], same),)
    return Verification(checks, fingerprint)


def _list_checks(dataset: Dataset) -> tuple[Check, ...]:
    pin, lines = dataset.card.mixture_list, dataset.mixture_list.lines
    # A list that is not the pinned one was declared, or it would not have been opened.
    other = dataset.list_sha256 != pin.sha256
    sha256, wanted = f"{dataset.list_sha256[:12]}…", f"{pin.sha256[:12]}…"
    mirrored = sum(line.gains_db[1] == -line.gains_db[0] for line in lines)
    return (
        Check("list SHA-256", wanted, sha256, True, other),
        Check("mixtures", str(pin.mixtures), str(len(lines)), True, len(lines) != pin.mixtures),
        Check("gain 2 = -gain 1", str(len(lines)), str(mirrored), mirrored == len(lines)),
    )


def _sample_checks(dataset: Dataset, reports: Sequence[MixtureReport]) -> tuple[Check, ...]:
    total = len(reports)
    lengths = [report.fingerprint.samples for report in reports]
    clip_s = dataset.card.clip_s
    wanted = round(clip_s * dataset.card.sample_rate) if clip_s else None
    fitting = sum(length == wanted if wanted else length > 0 for length in lengths)
    peaks = [report.peak for report in reports]
    additivity = max(report.additivity for report in reports)
    return (
        Check(
            f"length {wanted} samples" if wanted else "length above 0",
            f"{total} of {total}",
            f"{fitting} of {total}",
            fitting == total,
        ),
        Check(
            "peak of mix, s1, s2",
            str(PEAK),
            str(peaks[0]) if len(set(peaks)) == 1 else f"{min(peaks)} to {max(peaks)}",
            set(peaks) == {PEAK},
        ),
        Check("|mix - s1 - s2|", "at most 1", f"at most {additivity}", additivity <= 1),
    )


def _level_checks(reports: Sequence[MixtureReport]) -> tuple[Check, ...]:
    errors_db = [abs(r.level_error_db) for r in reports if r.level_error_db is not None]
    ratios_db = [v for report in reports for v in report.si_snr_db if v is not None]
    worst_db = max(errors_db, default=0.0)
    unexplained_db = max((report.unexplained_db for report in reports), default=0.0)
    beyond = sum(error_db > _LEVEL_TOLERANCE_DB for error_db in errors_db)
    scale = f"; {beyond} mixtures beyond by P.56's dependence on scale" if beyond else ""
    mean_db = float(np.mean(ratios_db)) if ratios_db else 0.0
    silent = len(reports) - len(errors_db)
    within = f"within {_LEVEL_TOLERANCE_DB} dB"
    return (
        Check("voices that are not silent", "all", f"{silent} mixtures with silence", not silent),
        Check(
            "level difference against the list",
            within,
            f"within {worst_db:.4f} dB{scale if unexplained_db <= _LEVEL_TOLERANCE_DB else ''}",
            unexplained_db <= _LEVEL_TOLERANCE_DB,
        ),
        Check(
            "mean SI-SNR of the mixtures",
            f"0 ± {_MEAN_TOLERANCE_DB} dB",
            f"{mean_db:+.4f} dB",
            abs(mean_db) <= _MEAN_TOLERANCE_DB,
        ),
    )


def _mouth_checks(dataset: Dataset) -> tuple[Check, ...]:
    """Count the utterances that have a mouth; none at all is allowed, some is not."""
    missing, total = dataset.missing_mouths()
    if not total:
        return ()
    origin = dataset.mouth_origin
    found = f"{total - len(missing)} of {total} ({origin})" if len(missing) < total else "none"
    return (Check("mouth crops", "all or none", found, len(missing) in (0, total)),)


def _level_error_db(line: ListLine, mixed: Mixed, card: Card) -> float | None:
    measure = _rms_db if card.level == "rms" else _active_db
    first, second = (measure(voice) for voice in mixed.references)
    if not (math.isfinite(first) and math.isfinite(second)):
        return None
    return first - second - (line.gains_db[0] - line.gains_db[1])


def _unexplained_db(error_db: float | None, line: ListLine, mixed: Mixed, card: Card) -> float:
    """Return what is left of a level error after the scale effect of P.56.

    Its classes are tied to powers of two, so the level of a finished voice is not exactly that of
    the voice it was made from. Where the plain error is too large, each voice is measured at eight
    scales over an octave, and only what lies outside of all of them counts.
    """
    if error_db is None:
        return 0.0
    if abs(error_db) <= _LEVEL_TOLERANCE_DB or card.level == "rms":
        return abs(error_db)
    (lowest_1, highest_1), (lowest_2, highest_2) = (
        _level_range_db(voice) for voice in mixed.references
    )
    wanted_db = line.gains_db[0] - line.gains_db[1]
    low_db, high_db = lowest_1 - highest_2 - wanted_db, highest_1 - lowest_2 - wanted_db
    return max(low_db, -high_db, 0.0)


def _level_range_db(voice: NDArray[np.int16]) -> tuple[float, float]:
    """Measure a voice at eight scales over an octave: lowest and highest level, scale removed."""
    halved = halve_rate(voice / FULL_SCALE)
    scales = 2.0 ** (np.arange(8) / 8)
    levels = [active_level_db(scale * halved) - 20 * math.log10(scale) for scale in scales]
    return min(levels), max(levels)


def _active_db(voice: NDArray[np.int16]) -> float:
    return active_level_db(halve_rate(voice / FULL_SCALE))


def _rms_db(voice: NDArray[np.int16]) -> float:
    power = float(np.mean(np.square(voice / FULL_SCALE)))
    return 10 * math.log10(power) if power > 0 else -math.inf


def _si_snr_db(mixture: NDArray[np.int64], reference: NDArray[np.int64]) -> float | None:
    """Scale-invariant SNR of a mixture, means removed; None for silence or a perfect mixture."""
    heard, voice = (signal - signal.mean() for signal in (mixture, reference))
    energy = float(voice @ voice)
    if energy == 0:
        return None
    projected = float(heard @ voice) / energy * voice
    rest = float(np.sum((heard - projected) ** 2))
    kept = float(projected @ projected)
    return 10 * math.log10(kept / rest) if rest > 0 and kept > 0 else None
