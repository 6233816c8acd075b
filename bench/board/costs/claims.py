"""The headline claims about efficiency, one by one: what was claimed, and what holds here.

A claim of size is checked on the published graphs, at equal length and in one convention, and in
the mixed way in which it was made. A claim of time is checked on the rows that were measured here,
per device; what the published code took on a quiet machine stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache

from tabulate import tabulate

from bench.board.costs.ratios import paired_ratio
from bench.efficiency.conventions import count
from bench.efficiency.graphs import Clip, published_graphs
from bench.efficiency.profile import Profile
from bench.separators import find_card

__all__ = ["Verdict", "check_claims", "claims_table"]

_INFERRED = "its 10 cycles are inferred from this very claim, so that this is no test of it"


@dataclass(frozen=True)
class Verdict:
    """One claim and what became of it.

    Attributes:
        claim: What was said.
        source: By whom.
        measured: What counting or timing gives.
        holds: "yes", "no", or under which condition.
        note: What a reader must know.
    """

    claim: str
    source: str
    measured: str
    holds: str
    note: str = ""


@cache
def _macs(system: str, seconds: int, tool: str, *, lips: bool = False) -> float:
    graphs = published_graphs(find_card(system), Clip(16000 * seconds))
    assert graphs is not None
    parts = ("separator", "lip_encoder") if lips else ("separator",)
    return sum(count(graphs[part], tool) for part in parts) / 1e9


def _share(system: str, seconds: int, *, lips: bool = False) -> float:
    """Return the share of CTCNet's multiply-accumulates at equal length."""
    return _macs(system, seconds, "ours", lips=lips) / _macs("ctcnet", seconds, "ours", lips=lips)


def check_claims(
    profiles: Sequence[Profile] = (),
    *,
    among: Collection[str] | None = None,
    times: bool = True,
) -> list[Verdict]:
    """Check the claims, those of time on the given profiles.

    Args:
        profiles: Of any devices.
        among: Ids of systems: only claims whose both sides are among them; all claims without.
        times: Whether to check claims of time too.
    """

    def wanted(system: str) -> bool:
        return among is None or {system, _OTHER} <= set(among)

    verdicts = [check() for system, check in _SIZES if wanted(system)]
    if times:
        verdicts += [_time_verdict(claim, profiles) for claim in _TIMES if wanted(claim.system)]
    return verdicts


def _iianet_fast_abstract() -> Verdict:
    mixed = _macs("iianet-fast", 1, "ptflops-0.7.5") / _macs("ctcnet", 2, "ptflops-0.7.2")
    return Verdict(
        "IIANet-fast: 7 % of CTCNet's MACs",
        "IIANet, abstract",
        f"{_share('iianet-fast', 1):.1%} at 1 s, {_share('iianet-fast', 2):.1%} at 2 s",
        "no; only 1 s of IIANet-fast over 2 s of CTCNet gives " + f"{mixed:.1%}",
        _INFERRED,
    )


def _iianet_fast_readme() -> Verdict:
    mixed = _macs("iianet", 1, "ptflops-0.7.5") / _macs("ctcnet", 2, "ptflops-0.7.2")
    return Verdict(
        "IIANet-fast: 11 % of CTCNet's MACs",
        "IIANet, README",
        f"IIANet-fast {_share('iianet-fast', 1):.1%}, IIANet {_share('iianet', 1):.1%} at 1 s",
        f"no; IIANet (not -fast) at 1 s over CTCNet at 2 s gives {mixed:.1%}",
    )


def _rtfsnet_parameters() -> Verdict:
    rtfs, ctcnet = (_counted_parameters(name) for name in ("rtfsnet-6", "ctcnet"))
    return Verdict(
        "RTFS-Net-6: 10 % of CTCNet's parameters",
        "RTFS-Net, Table 1",
        f"{rtfs / ctcnet:.1%} ({rtfs / 1e6:.2f} / {ctcnet / 1e6:.2f} M, lip encoder apart)",
        "yes",
        f"with the lip encoder, which both need: {(rtfs + _LIPS) / (ctcnet + _LIPS):.0%}",
    )


def _rtfsnet_macs() -> Verdict:
    return Verdict(
        "RTFS-Net-6: 18 % of CTCNet's MACs",
        "RTFS-Net, Table 1",
        f"{_share('rtfsnet-6', 2):.1%} at 2 s, {_share('rtfsnet-6', 1):.1%} at 1 s",
        "yes",
        f"with the lip encoder: {_share('rtfsnet-6', 2, lips=True):.1%}",
    )


def _dolphin_macs() -> Verdict:
    layers = _macs("dolphin", 1, "ptflops-0.7.5", lips=True) / _macs("ctcnet", 1, "ours")
    return Verdict(
        "Dolphin: 10.89 G beside CTCNet's 83.75 G (13 %)",
        "Dolphin, efficiency table",
        f"{_share('dolphin', 1, lips=True):.1%} at 1 s, {_share('dolphin', 2, lips=True):.1%} "
        "at 2 s, lip encoders included",
        f"no; {layers:.1%} with a tool that does not see cosine transforms and attention",
        "a fast cosine transform would save most of it; the published code has none",
    )


_OTHER = "ctcnet"  # the other side of every claim
_SIZES: Sequence[tuple[str, Callable[[], Verdict]]] = (
    ("iianet-fast", _iianet_fast_abstract),
    ("iianet-fast", _iianet_fast_readme),
    ("rtfsnet-6", _rtfsnet_parameters),
    ("rtfsnet-6", _rtfsnet_macs),
    ("dolphin", _dolphin_macs),
)
_LIPS = 11_186_688


def _counted_parameters(system: str) -> int:
    parameters = find_card(system).parameters
    assert parameters is not None
    return parameters.separator


@dataclass(frozen=True)
class _TimeClaim:
    claim: str
    source: str
    system: str
    ratio: float
    published: str
    note: str = ""


_TIMES = (
    _TimeClaim(
        "IIANet-fast: 40 % faster than CTCNet on CPUs",
        "IIANet, abstract",
        "iianet-fast",
        0.60,
        "published code: 0.63 (1 s) and 0.62 (2 s) with 1 thread, 0.60 and 0.91 with 2",
        _INFERRED,
    ),
    _TimeClaim(
        "RTFS-Net-6: 0.53 of CTCNet's time (GPU, 64.7 / 122.7 ms)",
        "RTFS-Net, Table 1",
        "rtfsnet-6",
        0.53,
        "published code, CPU: 0.45 (1 s) and 0.52 (2 s) with 1 thread, 0.63 and 0.64 with 2",
    ),
    _TimeClaim(
        "RTFS-Net-12: 0.90 of CTCNet's time (GPU, 109.9 / 122.7 ms)",
        "RTFS-Net, Table 1",
        "rtfsnet-12",
        0.90,
        "published code, CPU: 0.84 (1 s) and 0.96 (2 s) with 1 thread, 1.20 with 2",
    ),
)


def _time_verdict(claim: _TimeClaim, profiles: Sequence[Profile]) -> Verdict:
    note = "; ".join(filter(None, [claim.published, claim.note]))
    return Verdict(claim.claim, claim.source, *_timed(claim, profiles), note=note)


def _timed(claim: _TimeClaim, profiles: Sequence[Profile]) -> tuple[str, str]:
    """Return what was measured, and whether the claim holds in all, some or none of the rows."""
    rows: list[str] = []
    verdicts: set[str] = set()
    for profile in profiles:
        if profile.separator != claim.system:
            continue
        same = (p for p in profiles if p.device.key == profile.device.key)
        anchor = next((p for p in same if p.separator == "ctcnet"), None)
        for row in profile.measured:
            base = anchor.measurement(row.seconds, row.threads) if anchor else None
            timing, other = (m.latency.get("target") if m else None for m in (row, base))
            ratio = paired_ratio(timing, other) if timing and other else None
            if ratio is None or timing is None or other is None or timing.busy or other.busy:
                continue
            where = f"{row.threads} thr." if profile.device.kind == "cpu" else profile.device.name
            rows.append(f"{ratio} ({row.seconds:g} s, {where})")
            # Claims are printed to two digits: half a digit is rounding.
            if ratio.high <= claim.ratio + 0.005:
                verdicts.add("yes")
            else:
                verdicts.add("no" if ratio.low > claim.ratio + 0.005 else "undecided")
    if not rows:
        command = f"avss-bench profile {claim.system} --against ctcnet"
        return f"not measured yet: {command}", "-"
    verdict = verdicts.pop() if len(verdicts) == 1 else "in part: " + ", ".join(sorted(verdicts))
    return "; ".join(rows), f"{verdict} (our implementations)"


def claims_table(verdicts: Sequence[Verdict]) -> str:
    """Draw the claims, one below the other."""
    rows = [[v.claim, v.source, v.measured, v.holds, v.note] for v in verdicts]
    return tabulate(
        rows,
        ["claim", "source", "measured", "holds", "note"],
        "grid",
        disable_numparse=True,
        maxcolwidths=[22, 12, 26, 22, 24],
    )
