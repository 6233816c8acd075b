"""Every metric against the stored values of every peer, at the tolerances of the protocol."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from metric_cases import COMMITTED, Case, Signal, stored_cases

from bench import metrics

# Stored name -> our function, tolerance.
COLUMNS: dict[str, tuple[Callable[..., object], float]] = {
    "si_snr": (metrics.si_snr, 1e-6),
    "si_sdr_raw": (metrics.si_sdr, 1e-6),
    "snr": (metrics.snr, 1e-6),
    "snr_zero_mean": (metrics.snr_zero_mean, 1e-6),
    "sdr_mir_eval": (metrics.sdr_bsseval512, 1e-6),
    "sdr_fast_bss_eval": (metrics.sdr_bsseval512, 1e-6),
    "sdr_torchmetrics": (metrics.sdr_bsseval512, 1e-6),
    "sdr_mir_eval_two": (metrics.sdr_bsseval512, 1e-6),
    "sir_mir_eval_two": (metrics.sir_bsseval512, 1e-6),
    "sar_mir_eval_two": (metrics.sar_bsseval512, 1e-6),
    "pesq_wb": (metrics.pesq_wb, 1e-3),
    "pesq_nb": (metrics.pesq_nb, 1e-3),
    "stoi": (metrics.stoi, 1e-6),
    "estoi": (metrics.estoi, 1e-6),
}


def check(case: Case) -> None:
    for prefix, estimate in (("", case.estimate), ("mixture_", case.mixture)):
        found = {
            compute: np.asarray(compute(estimate=estimate, reference=case.reference))
            for name, (compute, _) in COLUMNS.items()
            if f"{prefix}{name}" in case.expected
        }
        silent = ~estimate.any(axis=-1)
        for name, (compute, tolerance) in COLUMNS.items():
            expected = case.expected.get(f"{prefix}{name}")
            if expected is None or (silent.any() and name.endswith("_two")):
                continue  # that peer refuses a whole mixture for one silent estimate
            if name not in ("snr", "snr_zero_mean", "stoi"):
                expected = np.where(silent, 0.0 if name == "estoi" else np.nan, expected)
            compare(found[compute], expected, tolerance, f"{case.name}/{prefix}{name}")


def compare(found: Signal, expected: Signal, tolerance: float, what: str) -> None:
    # Beyond 90 dB (a perfect copy, a mixture without artefacts) the peers print their rounding.
    perfect = expected > 90
    assert (found[perfect] >= 90).all(), what
    np.testing.assert_allclose(
        found[~perfect], expected[~perfect], rtol=0, atol=tolerance, err_msg=what
    )


@pytest.mark.parametrize("case", stored_cases(COMMITTED), ids=lambda case: case.name)
def test_committed_cases(case: Case) -> None:
    check(case)


def test_all_cases(material: Path) -> None:
    cases = list(stored_cases(material / "reference" / "metrics.npz"))
    assert len(cases) == 14
    for case in cases:
        check(case)


@pytest.mark.parametrize("case", stored_cases(COMMITTED), ids=lambda case: case.name)
def test_float32_input_moves_nothing_that_shows(case: Case) -> None:
    found = metrics.si_snr(
        estimate=case.estimate.astype(np.float32), reference=case.reference.astype(np.float32)
    )
    np.testing.assert_allclose(found, case.expected["si_snr_float32"], rtol=0, atol=1e-4)


@pytest.mark.parametrize("case", stored_cases(COMMITTED), ids=lambda case: case.name)
def test_exchanged_arguments_are_another_number(case: Case) -> None:
    exchanged = metrics.sdr_bsseval512(estimate=case.reference, reference=case.estimate)
    np.testing.assert_allclose(exchanged, case.expected["sdr_exchanged"], rtol=0, atol=1e-6)
