"""A crash of PESQ's C code costs one item, in whatever process the scorer runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bench.metrics.perceptual import assess_pesq
from bench.run import guarded
from bench.run.guarded import guarded_pesq, guarded_scores

CRASHING = """
import os, signal
class PesqError(Exception): pass
def pesq(rate, reference, estimate, mode):
    if abs(estimate[0]) == abs(estimate).max():
        os.kill(os.getpid(), signal.SIGSEGV)
    return 2.5
"""


@pytest.fixture
def crashing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package called pesq that dies of estimates that start loud."""
    (tmp_path / "pesq.py").write_text(CRASHING)
    monkeypatch.syspath_prepend(tmp_path)
    guarded._guest.cache_clear()
    yield
    guarded._guest.cache_clear()


def voice(first: float = 0.0) -> np.ndarray:
    samples = 0.1 * np.random.default_rng(0).standard_normal(16000)
    samples[0] = first
    return samples


def test_values_and_reasons_are_those_of_the_unguarded_function() -> None:
    target = voice()
    noisy = target + 0.05 * np.random.default_rng(1).standard_normal(16000)
    for estimate in (noisy, np.zeros(16000), noisy[:100]):
        reference = target[: estimate.size]
        found = guarded_pesq(estimate, reference, 16000, "wb")
        np.testing.assert_equal(found, assess_pesq(estimate, reference, 16000, "wb"))


def test_a_crash_is_a_reason_and_the_next_item_is_scored(crashing: None) -> None:
    value, reason = guarded_pesq(voice(1.0), voice(), 16000, "wb")
    assert np.isnan(value)
    assert reason == "the code of PESQ crashed on this item (its process was ended by SIGSEGV)"
    assert guarded_pesq(voice(), voice(), 16000, "wb") == (2.5, "")


@pytest.mark.parametrize("scorer", ["peers", "as published"])
def test_other_scorers_lose_one_item_too(crashing: None, scorer: str) -> None:
    settings = {"metrics": ("snr", "pesq_nb")} if scorer == "peers" else {"protocol": "ctcnet-2022"}
    lost = {"estimate": voice(0.1), "reference": voice(1.0)}
    if scorer == "peers":
        lost = {"estimate": voice(1.0), "reference": voice(0.1)}
    found = guarded_scores(scorer, lost, ["snr"], **settings)
    assert (found.status, found.values) == ("failed", {"snr": None})
    assert "crashed" in str(found.error)
    good = {"estimate": voice(0.1), "reference": voice(0.2)}
    assert guarded_scores(scorer, good, ["snr"], **settings).status == "ok"
