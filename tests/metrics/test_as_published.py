"""What the papers' code computes, against stored runs of that code."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from metric_cases import COMMITTED, Case, babble, damaged, stored_cases

from bench import metrics
from bench.errors import UsageError
from bench.metrics.as_published import (
    find_published,
    list_protocols,
    list_published,
    pesq_raw,
    score_as_published,
)

# Id -> stored name of the same code, tolerance.
COLUMNS = {
    "ctcnet2022.si_snr": ("si_snr_repo", 1e-3),
    "ctcnet2022.sdr": ("snr_repo", 1e-3),
    "ctcnet2022.pesq": ("pesq_raw_pypesq_swapped", 1e-4),
    "ctcnet2022.stoi": ("stoi", 1e-6),
    "rtfsnet2024.si_snr": ("si_snr_repo", 1e-3),
    "iianet2024.si_snr": ("si_snr_repo", 1e-3),
    "iianet2024.sdr": ("sdr_exchanged", 1e-6),
    "visualvoice2021.sdr": ("sdr_mir_eval_two", 1e-6),
}


def check(case: Case) -> None:
    for name, (stored, tolerance) in COLUMNS.items():
        column = find_published(name)
        sides = (
            ("", case.estimate, column.of_estimate),
            ("mixture_", case.mixture, column.of_mixture),
        )
        for prefix, estimate, compute in sides:
            if f"{prefix}{stored}" not in case.expected or not estimate.any(axis=-1).all():
                continue
            expected = case.expected[f"{prefix}{stored}"]
            found = compute(estimate=estimate, reference=case.reference)
            if name.endswith("sdr") and (expected > 120).all():
                assert (found >= 90).all(), case.name
                continue
            np.testing.assert_allclose(
                found, expected, rtol=0, atol=tolerance, err_msg=f"{case.name}/{prefix}{name}"
            )
    if "pesq_raw_pypesq" in case.expected and case.estimate.any(axis=-1).all():
        found = pesq_raw(estimate=case.estimate, reference=case.reference)
        np.testing.assert_allclose(found, case.expected["pesq_raw_pypesq"], rtol=0, atol=1e-4)


@pytest.mark.parametrize("case", stored_cases(COMMITTED), ids=lambda case: case.name)
def test_committed_cases(case: Case) -> None:
    check(case)


def test_all_cases(material: Path) -> None:
    for case in stored_cases(material / "reference" / "metrics.npz"):
        check(case)


def test_silence_and_perfection_in_the_repositories(material: Path) -> None:
    target = babble(0)[0]
    silent = score_as_published(estimate=np.zeros(32000), reference=target, protocol="ctcnet-2022")
    assert silent.values["ctcnet2022.si_snr"] == pytest.approx(-80, abs=1e-3)
    assert silent.values["ctcnet2022.pesq"] is None
    assert silent.status == "undefined"
    perfect = next(
        case
        for case in stored_cases(material / "reference" / "metrics.npz")
        if case.name == "04_perfect"
    )
    found = find_published("ctcnet2022.si_snr").of_estimate(
        estimate=perfect.estimate, reference=perfect.reference
    )
    np.testing.assert_allclose(found, perfect.expected["si_snr_repo"], atol=1e-3)


@pytest.mark.parametrize("protocol", list_protocols())
def test_every_protocol_scores_with_improvements(protocol: str) -> None:
    estimate, target = damaged(0)
    mixture = babble(0).sum(axis=0)
    found = score_as_published(
        estimate=estimate, reference=target, mixture=mixture, protocol=protocol
    )
    columns = list_published(protocol)
    assert list(found.values) == [name for c in columns for name in (c.id, f"{c.id}_i")]
    assert found.status == "ok"
    for column in columns:
        assert metrics.find_metric(column.standard).id == column.standard
        own = float(column.of_estimate(estimate=estimate, reference=target))
        before = float(column.of_mixture(estimate=mixture, reference=target))
        assert found.values[f"{column.id}_i"] == own - before


def test_iianet_exchanges_the_arguments_for_the_estimate_only() -> None:
    estimate, target = damaged(1)
    column = find_published("iianet2024.sdr")
    both = {"estimate": estimate, "reference": target}
    turned = {"estimate": target, "reference": estimate}
    assert column.of_estimate(**both) == metrics.sdr_bsseval512(**turned)
    assert column.of_mixture(**both) == metrics.sdr_bsseval512(**both)


def test_papers_that_share_a_definition_share_its_numbers() -> None:
    estimate, target = damaged(1)
    found = {
        name: float(find_published(name).of_estimate(estimate=estimate, reference=target))
        for name in ("ctcnet2022.pesq", "rtfsnet2024.pesq", "visualvoice2021.pesq")
    }
    assert len(set(found.values())) == 1


def test_raw_pesq_is_the_score_before_the_mapping() -> None:
    estimate, target = damaged(2)
    raw = float(pesq_raw(estimate=estimate, reference=target))
    mapped = 0.999 + 4 / (1 + math.exp(-1.4945 * raw + 4.6607))
    assert mapped == pytest.approx(
        float(metrics.pesq_nb(estimate=estimate, reference=target)), abs=0.01
    )
    # louder than full scale is brought down to it first
    louder = float(pesq_raw(estimate=1000 * estimate, reference=1000 * target))
    assert louder == pytest.approx(raw, abs=0.02)


def test_bad_items_and_wrong_use() -> None:
    failed = score_as_published(
        estimate=np.full(9, np.nan),
        reference=np.ones(9),
        mixture=np.ones(9),
        protocol="iianet-2024",
    )
    assert failed.status == "failed"
    assert set(failed.values.values()) == {None}
    with pytest.raises(UsageError, match="did you mean 'ctcnet-2022'"):
        list_published("ctcnet")
    with pytest.raises(UsageError, match="unknown published metric"):
        find_published("ctcnet2022.wer")
