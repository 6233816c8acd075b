"""The headline claims, checked on the published graphs and on invented latencies."""

from __future__ import annotations

from bench.board.costs.claims import Verdict, check_claims, claims_table
from bench.efficiency.device import Device
from bench.efficiency.latency import Timing
from bench.efficiency.profile import Measured, Profile

CPU = Device(kind="cpu", name="Tester 9", cores=2, torch="2.9.0")


def row(separator: str, run_s: float, *, busy: bool = False, session: str = "s") -> Profile:
    timing = Timing(
        first_s=run_s,
        warm_up=7,
        settled=True,
        runs_s=(run_s,) * 7,
        cpu_s=(run_s,) * 7,
        others=0.0,
        busy=busy,
        session=session,
    )
    measured = Measured(seconds=1.0, threads=1, latency={"target": timing, "everything": timing})
    return Profile(
        separator=separator, name=separator, kind="published", device=CPU, measured=(measured,)
    )


def verdict(start: str, *profiles: Profile) -> Verdict:
    (found,) = [v for v in check_claims(profiles) if v.claim.startswith(start)]
    return found


def test_the_share_of_the_abstract_mixes_lengths() -> None:
    found = verdict("IIANet-fast: 7 %")
    assert found.measured == "12.8% at 1 s, 12.9% at 2 s"
    assert found.holds.startswith("no")
    assert found.holds.endswith("7.0%")
    assert "inferred" in found.note


def test_the_share_of_the_readme_is_another_systems() -> None:
    assert verdict("IIANet-fast: 11 %").holds.endswith("11.1%")


def test_rtfs_net_keeps_its_claims_of_size() -> None:
    assert verdict("RTFS-Net-6: 10 %").holds == "yes"
    assert verdict("RTFS-Net-6: 10 %").measured.startswith("10.4%")
    assert verdict("RTFS-Net-6: 18 %").measured.startswith("18.4%")


def test_a_claim_of_time_needs_a_measurement() -> None:
    found = verdict("IIANet-fast: 40 %")
    assert found.measured.startswith("not measured yet: avss-bench profile iianet-fast")
    assert found.holds == "-"
    busy = verdict("IIANet-fast: 40 %", row("ctcnet", 1.0), row("iianet-fast", 0.5, busy=True))
    assert busy.holds == "-"
    apart = verdict("IIANet-fast: 40 %", row("ctcnet", 1.0), row("iianet-fast", 0.5, session="t"))
    assert apart.holds == "-"


def test_a_measured_claim_holds_or_does_not() -> None:
    for seconds, holds in ((0.6, "yes"), (0.604, "yes"), (0.62, "no")):
        found = verdict("IIANet-fast: 40 %", row("ctcnet", 1.0), row("iianet-fast", seconds))
        assert found.holds.startswith(holds)
        assert "1 thr." in found.measured


def test_only_claims_whose_both_sides_are_at_hand() -> None:
    claims = [v.claim for v in check_claims(among=["dolphin", "ctcnet", "iianet"])]
    assert [claim.partition(":")[0] for claim in claims] == ["Dolphin"]
    assert check_claims(among=["dolphin", "rtfsnet-6"]) == []
    sizes = check_claims(among=["rtfsnet-6", "ctcnet"], times=False)
    assert len(sizes) == 2
    assert not any("time" in v.claim for v in sizes)


def test_the_table_fits_a_page() -> None:
    assert max(map(len, claims_table(check_claims()).splitlines())) <= 125
