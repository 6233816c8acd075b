"""How far two machines may be apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

import bench
from bench.board.verification.tolerances import choose_tolerance


def test_tolerances_follow_the_noise() -> None:
    cpu = choose_tolerance(devices={"cpu"}, identical=True)
    gpu = choose_tolerance(devices={"cpu", "cuda"}, identical=True)
    equivalent = choose_tolerance(devices={"cpu"}, identical=False)
    assert cpu.of("si_snr", 0.0) < cpu.of("si_snr_i", 30.0) < gpu.of("si_snr_i", 30.0)
    assert cpu.of("si_snr", -30.0) == cpu.of("si_snr", 30.0)
    assert equivalent.of_mean("si_snr") < equivalent.of("si_snr", 15.0)
    assert cpu.of("pesq_wb", 2.0) < gpu.of("pesq_wb", 2.0) < equivalent.of("pesq_wb", 2.0)


@pytest.mark.parametrize("db", [-10.0, 5.0, 15.0, 25.0])
def test_the_tolerance_of_a_ratio_holds_for_the_worst_noise(db: float) -> None:
    """Noise of the stated size that is the error once more, or turns it most, moves it no more."""
    generator = np.random.default_rng(0)
    reference = generator.standard_normal(8000)
    error = generator.standard_normal(8000)
    error -= reference * (error @ reference) / (reference @ reference)
    error *= 10 ** (-db / 20) * np.linalg.norm(reference) / np.linalg.norm(error)
    estimate = reference + error
    for tolerance in (
        choose_tolerance(devices={"cpu"}, identical=True),
        choose_tolerance(devices={"cuda"}, identical=True),
    ):
        size = tolerance.noise * np.linalg.norm(estimate)
        for direction in (error, -error, reference, -reference):
            noisy = estimate + direction * size / np.linalg.norm(direction)
            moved = bench.metrics.si_snr(estimate=noisy, reference=reference) - db
            assert abs(float(moved)) <= tolerance.of("si_snr", db)
            assert math.isfinite(float(moved))
