"""Two plain questions about one target: did the separation fail, and is it the wrong voice?

A mean of decibels hides both: a system that is excellent on most targets and hands out the other
voice on some may have the mean of one that is decent everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FAILED_BELOW_DB", "Verdict", "judge"]

FAILED_BELOW_DB = 1.0


@dataclass(frozen=True)
class Verdict:
    """What became of one target; None where the numbers that tell are missing.

    Attributes:
        separation_failed: Whether SI-SNR improved by less than 1 dB over the mixture.
        wrong_speaker: Whether the estimate is nearer to the interferer than to the target, by
            SI-SNR.
    """

    separation_failed: bool | None
    wrong_speaker: bool | None


def judge(
    *, si_snr: float | None, si_snr_i: float | None, si_snr_to_interferer: float | None
) -> Verdict:
    """Judge one target by its SI-SNR, the improvement, and the SI-SNR towards the other voice.

    >>> judge(si_snr=-4.0, si_snr_i=0.5, si_snr_to_interferer=3.0)
    Verdict(separation_failed=True, wrong_speaker=True)
    """
    wrong = None
    if si_snr is not None and si_snr_to_interferer is not None:
        wrong = si_snr_to_interferer > si_snr
    return Verdict(None if si_snr_i is None else si_snr_i < FAILED_BELOW_DB, wrong)
