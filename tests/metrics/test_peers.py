"""The reference engine agrees with ours where both have a number, and invents none."""

from __future__ import annotations

import numpy as np
import pytest
from metric_cases import COMMITTED, Case, babble, damaged, stored_cases

from bench.errors import UsageError
from bench.metrics import score
from bench.metrics.peers import PEERS, score_with_peers

TOLERANCES = {"pesq_wb": 1e-3, "pesq_nb": 1e-3}


@pytest.mark.parametrize("case", stored_cases(COMMITTED), ids=lambda case: case.name)
def test_both_engines_agree(case: Case) -> None:
    signals = {
        "estimate": case.estimate[0],
        "reference": case.reference[0],
        "mixture": case.mixture[0],
    }
    own, peers = (call(**signals, metrics=tuple(PEERS)) for call in (score, score_with_peers))
    assert own.values.keys() == peers.values.keys()
    for name, value in own.values.items():
        other = peers.values[name]
        if value is None or other is None:
            assert case.name in ("04_perfect", "05_silence") or value is other is None, name
        elif max(value, other) < 90:
            tolerance = TOLERANCES.get(name.removesuffix("_i"), 1e-6)
            assert other == pytest.approx(value, abs=tolerance), name


def test_a_silent_estimate_gets_no_invented_number() -> None:
    target = babble(0)[0]
    found = score_with_peers(estimate=np.zeros(32000), reference=target)
    assert found.status == "undefined"
    have = {name for name, value in found.values.items() if value is not None}
    assert have == {"snr", "stoi"}
    assert (found.values["snr"], found.values["stoi"]) == (0, 0)
    assert set(found.reasons.values()) == {"the estimate is silent or constant"}


def test_short_and_bad_items_have_reasons() -> None:
    estimate, target = (signal[:4800] for signal in damaged(0))
    short = score_with_peers(estimate=estimate, reference=target, metrics=["stoi", "snr"])
    assert short.values["stoi"] is None
    assert "Not enough STFT frames" in short.reasons["stoi"]
    failed = score_with_peers(
        estimate=np.full(9, np.nan), reference=np.ones(9), mixture=np.ones(9), metrics=["snr"]
    )
    assert failed.status == "failed"
    assert failed.values == {"snr": None, "snr_i": None}
    too_short = score_with_peers(estimate=estimate[:99], reference=target[:99], metrics=["pesq_wb"])
    assert "Buffer" in too_short.reasons["pesq_wb"]


def test_what_no_peer_computes_is_refused() -> None:
    with pytest.raises(UsageError, match="reference engine has no 'sir_bsseval512'"):
        score_with_peers(estimate=[1.0], reference=[1.0], metrics=["sir_bsseval512"])
