"""What the systems of a board cost: parameters, MACs, and latency and memory per device.

A run finds the profile of its system by the separator's id, its kind and its settings: a run with
changed hyper-parameters never gets the figures of the published ones. Parameters and MACs hold for
every device; latency and memory have columns of their own for each device key and are never mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bench.errors import unknown_name
from bench.run.result import Run

if TYPE_CHECKING:
    from bench.board.submissions.efficiency import EfficiencyBlock
    from bench.efficiency.profile import Measured, Profile

__all__ = [
    "COST_SECONDS",
    "COST_THREADS",
    "DeviceColumn",
    "DeviceCost",
    "SystemCosts",
    "costs_of",
    "device_columns",
    "has_costs",
    "join_costs",
]

# Length and threads that the columns are of: the row of record of the protocol.
COST_SECONDS = 1.0
COST_THREADS = 1

_KINDS = ("cpu", "cuda")


@dataclass(frozen=True)
class DeviceCost:
    """What a system takes on one device.

    Attributes:
        latency_s: Median for one target, lip encoder apart, where it can be timed so; else that of
            everything.
        whole: Whether the latency is that of everything.
        real_time_factor: Seconds of work for both voices, encoders included, per second of audio.
        memory_bytes: Peak that the system adds; None where it was not measured.
        latency_busy: Whether the machine was too busy, or too unsteady, to quote the latency.
        factor_busy: The same of the real-time factor.
    """

    latency_s: float
    whole: bool
    real_time_factor: float
    memory_bytes: int | None
    latency_busy: bool
    factor_busy: bool

    @property
    def busy(self) -> bool:
        """Whether any of its times must not be quoted."""
        return self.latency_busy or self.factor_busy


@dataclass(frozen=True)
class SystemCosts:
    """What a system costs.

    Attributes:
        parameters: Of everything that inference needs, encoders included.
        separator_parameters: Of the separation network alone.
        macs: Multiply-accumulates per second of audio, both voices, encoders included.
        lower_bound: Whether there may be more of them, since some operator's cost is unknown.
        on: Latency and memory by device key.
        claimed: Whether all this is what a submission says, and was not counted here.
    """

    parameters: int | None = None
    separator_parameters: int | None = None
    macs: float | None = None
    lower_bound: bool = False
    on: Mapping[str, DeviceCost] = field(default_factory=dict)
    claimed: bool = False

    @property
    def known(self) -> bool:
        """Whether there is any figure."""
        return bool(self.on) or (self.parameters, self.macs) != (None, None)


@dataclass(frozen=True)
class DeviceColumn:
    """The columns of one device.

    Attributes:
        label: Short, for the head of a column: "CPU", or "GPU 2" where there are several.
        kind: "cpu" or "cuda".
        key: Device key; empty where nothing was measured on a device of that kind.
        description: The device in words.
    """

    label: str
    kind: str
    key: str = ""
    description: str = ""


def costs_of(
    run: Run, profiles: Sequence[Profile], claims: Sequence[EfficiencyBlock] = ()
) -> SystemCosts | None:
    """Find what the system of a run costs; None where no profile is of that system.

    Args:
        run: Any.
        profiles: Measured here, of any systems.
        claims: What the submission of the run says. It counts where nothing was measured here, and
            without times and memory: they are of a machine that nobody knows.
    """
    identity = run.plan.separator
    settings = identity.get("settings") or {}
    wanted = identity["separator"], run.plan.kind, settings
    found = [p for p in profiles if (p.separator, p.kind, p.settings) == wanted]
    if found:
        return join_costs(found)
    claimed = [block.to_profile() for block in claims if block.settings == settings]
    return replace(join_costs(claimed), on={}, claimed=True) if claimed else None


def has_costs(run: Run) -> bool:
    """Whether a run is one of a network, whose parameters and MACs mean something."""
    return run.plan.kind not in {"oracle", "baseline"}


def join_costs(profiles: Sequence[Profile]) -> SystemCosts:
    """Join the profiles of one system; where two say the same, the first one counts."""
    parameters = next((p.parameters for p in profiles if p.parameters), None)
    costs = next((c for p in profiles if (c := p.cost(COST_SECONDS))), None)
    on: dict[str, DeviceCost] = {}
    for profile in profiles:
        row = profile.measurement(COST_SECONDS, COST_THREADS)
        if row is not None and "everything" in row.latency:
            on.setdefault(profile.device.key, _device_cost(row))
    return SystemCosts(
        parameters=parameters.total if parameters else None,
        separator_parameters=parameters.separator if parameters else None,
        macs=costs.mixture.total / COST_SECONDS if costs else None,
        lower_bound=costs.lower_bound if costs else False,
        on=on,
    )


def _device_cost(row: Measured) -> DeviceCost:
    target, everything = row.latency.get("target"), row.latency["everything"]
    timing, memory = target or everything, row.memory
    return DeviceCost(
        latency_s=timing.median_s,
        whole=target is None,
        real_time_factor=row.real_time_factor,
        memory_bytes=(memory.gpu or memory.taken) if memory else None,
        latency_busy=timing.busy,
        factor_busy=everything.busy,
    )


def device_columns(profiles: Iterable[Profile], chosen: str = "") -> tuple[DeviceColumn, ...]:
    """Name the columns of devices: processors, then GPUs; a kind without any has an empty one.

    Args:
        profiles: Of any systems.
        chosen: Part of the device keys that are wanted; empty = all.

    Raises:
        UsageError: No device that was measured has it.
    """
    measured = {p.device.key: p.device for p in profiles if p.measured}
    if measured and not any(chosen in key for key in measured):
        raise unknown_name("device", chosen, sorted(measured))
    columns: list[DeviceColumn] = []
    for kind in _KINDS:
        keys = sorted(k for k, d in measured.items() if d.kind == kind and chosen in k)
        name = "CPU" if kind == "cpu" else "GPU"
        for number, key in enumerate(keys, 1):
            device = measured[key]
            words = [device.name, f"{device.cores} cores" if kind == "cpu" else device.driver]
            words.append(f"torch {device.torch}")
            label = name if len(keys) == 1 else f"{name} {number}"
            columns.append(DeviceColumn(label, kind, key, ", ".join(filter(None, words))))
        if not keys and not chosen:
            columns.append(DeviceColumn(name, kind))
    return tuple(columns)
