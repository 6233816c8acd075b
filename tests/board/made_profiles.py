"""Profiles made by hand, so that costs are known beforehand."""

from __future__ import annotations

from bench.efficiency.costs import Costs, MacsByPart
from bench.efficiency.device import Device
from bench.efficiency.latency import Timing
from bench.efficiency.memory import Memory
from bench.efficiency.profile import Measured, ParameterCounts, Profile

CPU = Device(kind="cpu", name="Tester 9", cores=2, torch="2.9.0")
GPU = Device(kind="cuda", name="Painter 7", cores=2, driver="1.2", torch="2.9.0")


def make_profile(
    name: str,
    size: float,
    *,
    device: Device = CPU,
    run_s: float | None = 1.0,
    settings: dict[str, bool | int | float | str] | None = None,
    kind: str = "published",
    unknown: tuple[str, ...] = (),
    busy: bool = False,
) -> Profile:
    """Make a profile of so many M parameters and G MACs per second, encoders without cost.

    Args:
        name: Id of the system.
        size: Of both.
        device: Where it was measured.
        run_s: Latency of one target; both take twice as long. None = not measured.
        settings: That differ from the published ones.
        kind: Of its card.
        unknown: Operators of unknown cost.
        busy: Whether the machine was.
    """
    macs = MacsByPart(separator=int(size * 1e9), encoders=0)
    return Profile(
        separator=name,
        name=name.upper(),
        kind=kind,
        settings=settings or {},
        device=device,
        parameters=ParameterCounts(
            total=int(size * 1e6),
            separator=int(size * 1e6),
            lip_encoder=0,
            face_encoder=0,
            trainable=None,
            used=None,
        ),
        costs=(Costs(seconds=1.0, executed_mixture=macs, unknown=unknown),),
        measured=() if run_s is None else (_measured(run_s, busy),),
    )


def _measured(run_s: float, busy: bool) -> Measured:
    return Measured(
        seconds=1.0,
        threads=1,
        latency={"target": _timing(run_s, busy), "everything": _timing(2 * run_s, busy)},
        memory=Memory(ram=300_000_000, ram_before=100_000_000),
    )


def _timing(run_s: float, busy: bool) -> Timing:
    return Timing(
        first_s=run_s,
        warm_up=7,
        settled=True,
        runs_s=(run_s,) * 7,
        cpu_s=(run_s,) * 7,
        others=1.5 if busy else 0.0,
        busy=busy,
        session="s",
    )
