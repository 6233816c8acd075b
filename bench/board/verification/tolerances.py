"""How far a score may move when the same system runs again on another machine.

With other thread counts, batches and processors the waveforms of the networks move by a few
millionths of full scale (4e-7 to 3e-6 measured); 1e-4 of the voice, 80 dB below it, leaves room for
every processor. On a GPU they move by up to 1e-3 of the voice. Noise of relative size r moves a
ratio of s dB by no more than 20 log10(1 + r 10^(|s| / 20)) dB; that is the tolerance, and 0.02 dB
so that nothing hangs on a last digit. PESQ and STOI are no ratios: their tolerances are two to
three times the largest change that white noise of that size made to estimates of oracle masks and
to mixtures (`tests/benchmarks/bench_score_noise.py`), which is harsher than any rounding.

Changes of single scores go both ways; a mean over the sample is held to a part of the tolerance,
so that many small steps to one side are seen. On an equivalent copy of the data (see
`bench.datasets.fingerprint`) single scores say little, and the means decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

from bench.metrics import find_metric

__all__ = ["Tolerance", "choose_tolerance"]


@dataclass(frozen=True)
class Tolerance:
    """What may differ, and by how much.

    Attributes:
        reason: Why these: which machine, which data.
        noise: Size of the noise relative to the voice.
        margin_db: Added to what noise can do to a ratio.
        mos: Of PESQ.
        plain: Of metrics without a unit (STOI, ESTOI).
        mean_share: A mean over the sample may be off by this share of the tolerance of one score
            (of 15 dB, where that matters).
    """

    reason: str
    noise: float
    margin_db: float
    mos: float
    plain: float
    mean_share: float

    def of(self, score: str, value: float) -> float:
        """Return how far a score may be from `value`.

        Args:
            score: Id of a metric, or of its improvement (`si_snr_i`).
            value: Of the metric itself, also for an improvement: the mixture's part does not move.
        """
        unit = find_metric(score.removesuffix("_i")).unit
        if unit == "dB":
            return self.margin_db + 20 * log10(1 + self.noise * 10 ** (abs(value) / 20))
        return self.mos if unit == "MOS" else self.plain

    def of_mean(self, score: str) -> float:
        """Return how far the mean of a score may be off over the whole sample."""
        return self.mean_share * self.of(score, _TYPICAL_DB)


_TYPICAL_DB = 15.0

_CPU = Tolerance("identical data, CPU", 1e-4, 0.02, 0.05, 0.002, 0.2)
_GPU = Tolerance("identical data, a GPU on one side", 1e-3, 0.02, 0.3, 0.02, 0.2)
_EQUIVALENT = Tolerance("equivalent data", 1e-2, 0.02, 1.0, 0.06, 0.1)


def choose_tolerance(*, devices: set[str], identical: bool) -> Tolerance:
    """Choose what may differ.

    Args:
        devices: Where the submission was made and where it is run again: "cpu", "cuda".
        identical: Whether the data are identical; else they are equivalent.
    """
    if not identical:
        return _EQUIVALENT
    return _CPU if devices == {"cpu"} else _GPU
