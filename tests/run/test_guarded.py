"""A crash of PESQ's C code costs one item, in whatever process the scorer runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import TinySet, tiny_mixture

import bench
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


def test_what_crashes_with_our_transforms_is_scored_by_the_package_alone(
    tmp_path: Path, crashing: None
) -> None:
    code = (tmp_path / "pesq.py").read_text()
    condition = "if abs(estimate[0]) == abs(estimate).max():"
    assert condition in code
    (tmp_path / "pesq.py").write_text(
        code.replace(condition, "if 'faster' in __import__('sys').argv[-1]:")
    )
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


class LoudSecond(torch.nn.Module):
    """Halves, but the estimates of the second mixture start loud."""

    def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
        voices = mixture[:, None].repeat(1, mouths.shape[1], 1) / 2
        if torch.equal(mixture[0], torch.from_numpy(tiny_mixture(1).mixture)):
            voices[:, 0, 0] = 1.0
        return voices


def test_a_run_with_one_worker_goes_on_after_a_crash(crashing: None) -> None:
    run = bench.evaluate(LoudSecond(), TinySet(2), metrics=["si_snr", "pesq_nb"])
    status = {record.key: record.status for record in run.records}
    assert status == {
        ("m000", 1): "ok", ("m000", 2): "ok", ("m001", 1): "undefined", ("m001", 2): "ok",
    }  # fmt: skip
    lost = next(record for record in run.records if record.key == ("m001", 1))
    assert lost.scores["si_snr"] is not None
    assert "was ended by SIGSEGV" in str(lost.error)
