"""Failed, or the wrong voice: at the edges, and where nobody can tell."""

from __future__ import annotations

import pytest

from bench.metrics.verdicts import FAILED_BELOW_DB, Verdict, judge


@pytest.mark.parametrize(
    ("improvement", "failed"), [(FAILED_BELOW_DB, False), (0.999, True), (-3.0, True), (None, None)]
)
def test_less_than_one_decibel_is_a_failure(improvement: float | None, failed: bool | None) -> None:
    found = judge(si_snr=2.0, si_snr_i=improvement, si_snr_to_interferer=-9.0)
    assert found == Verdict(failed, wrong_speaker=False)


@pytest.mark.parametrize(
    ("own", "other", "wrong"),
    [(2.0, 2.0, False), (2.0, 2.1, True), (None, 2.0, None), (2.0, None, None)],
)
def test_the_nearer_voice_decides(
    own: float | None, other: float | None, wrong: bool | None
) -> None:
    found = judge(si_snr=own, si_snr_i=None, si_snr_to_interferer=other)
    assert found.wrong_speaker is wrong
