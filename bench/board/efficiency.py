"""Tables of profiles: what every system costs, how long it takes, and its ratios to one of them.

Costs hold for every device and are one table. Latency and memory have a table per device key,
length and number of threads, and are never mixed. What nobody has measured yet is an empty cell.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tabulate import tabulate

from bench.efficiency.latency import Timing
from bench.efficiency.profile import Measured, Profile
from bench.errors import UsageError

__all__ = [
    "Ratio",
    "costs_table",
    "latency_tables",
    "layers_table",
    "measuring_command",
    "paired_ratio",
    "plain_rows",
]

_GRID = "rounded_outline"
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Ratio:
    """A ratio with a 95 % interval.

    Attributes:
        value: Median of the ratios of paired runs.
        low: Lower end of the interval.
        high: Upper end.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def paired_ratio(timing: Timing, other: Timing) -> Ratio | None:
    """Compare two systems that took turns, run by run.

    The interval of the median comes from order statistics: it assumes nothing about how times
    spread, and what slows the machine for a while slows both.

    Returns:
        None for rows that were not measured together.
    """
    if timing.session != other.session:
        return None
    ratios = sorted(a / b for a, b in zip(timing.runs_s, other.runs_s, strict=False))
    below = _order(len(ratios))
    return Ratio(statistics.median(ratios), ratios[below], ratios[-1 - below])


def _order(number: int) -> int:
    """Return how many of the sorted values may be left out at each end of the interval."""
    from scipy.stats import binom

    cut = int(binom.ppf((1 - _CONFIDENCE) / 2, number, 0.5))
    return max(0, cut - 1) if binom.cdf(cut, number, 0.5) > (1 - _CONFIDENCE) / 2 else cut


def measuring_command(profile: Profile, *, threads: int = 1) -> str:
    """Return the command that fills the empty cells of a profile."""
    where = f"--threads {threads}" if profile.device.kind == "cpu" else "--device cuda"
    return f"avss-bench profile {profile.separator} {where}"


def costs_table(profiles: Sequence[Profile], *, seconds: float, against: str | None) -> str:
    """Draw what every system costs, whatever the device: one row per system.

    Args:
        profiles: Of any devices; the first of each system counts.
        seconds: Length whose costs are shown.
        against: System that ratios are to.
    """
    rows, notes = [], []
    unique = _first_of_each(profiles)
    anchor = _anchor(unique, against)
    for profile in unique:
        costs, parameters = profile.cost(seconds), profile.parameters
        if costs is None or parameters is None:
            notes += [f"{profile.separator}: {error}" for error in profile.errors]
            continue
        mark = ("≥ " if costs.lower_bound else "") + _g(costs.mixture.total / seconds)
        rows.append(
            [
                profile.name,
                mark,
                _bound(costs.unknown) + _g(costs.executed_mixture.total / seconds),
                _g(costs.published_target.separator) if costs.published_target else "-",
                _relative(costs.mixture.total, anchor, lambda p: _mixture(p, seconds)),
                f"{parameters.separator / 1e6:.2f}",
                f"{(parameters.total - parameters.separator) / 1e6:.2f}",
                f"{parameters.used / 1e6:.2f}" if parameters.used is not None else "-",
                _relative(parameters.separator, anchor, _separator_size),
                _seconds(profile.look_ahead_s),
            ]
        )
        if costs.unknown:
            notes.append(f"{profile.name}: no cost is known of {', '.join(costs.unknown)}")
    to = f"/ {anchor.name}" if anchor else "/ -"
    headers = [
        "system",
        "G MAC/s",
        "ours",
        f"{seconds:g} s, one",
        to,
        "M sep.",
        "M enc.",
        "M used",
        to,
        "ahead",
    ]
    return "\n".join([tabulate(rows, headers, _GRID, disable_numparse=True), *notes])


def _first_of_each(profiles: Sequence[Profile]) -> list[Profile]:
    unique: dict[str, Profile] = {}
    for profile in profiles:
        unique.setdefault(profile.separator, profile)
    return list(unique.values())


def _anchor(profiles: Sequence[Profile], against: str | None) -> Profile | None:
    if against is None:
        return None
    found = next((profile for profile in profiles if profile.separator == against), None)
    if found is None:
        raise UsageError(f"--against {against} was given, but it has no profile; profile it too.")
    return found


def _mixture(profile: Profile, seconds: float) -> int:
    costs = profile.cost(seconds)
    return costs.mixture.total if costs else 0


def _separator_size(profile: Profile) -> int:
    return profile.parameters.separator if profile.parameters else 0


def _relative(value: float, anchor: Profile | None, of: Callable[[Profile], float]) -> str:
    base = of(anchor) if anchor else 0
    return f"{value / base:.3f}" if base else "-"


def _bound(unknown: Sequence[str]) -> str:
    return "≥ " if unknown else ""


def _g(macs: float) -> str:
    return f"{macs / 1e9:.2f}"


def _seconds(value: float | None) -> str:
    return "all" if value is None else f"{value:g} s"


def latency_tables(profiles: Sequence[Profile], *, against: str | None) -> list[str]:
    """Draw latency and memory: one table per device key, length and number of threads."""
    tables = []
    for key in sorted({profile.device.key for profile in profiles}):
        same = [profile for profile in profiles if profile.device.key == key]
        cells = sorted({(m.threads, m.seconds) for p in same for m in p.measured})
        for threads, seconds in cells or [(1, 1.0)]:
            tables.append(_latency_table(same, seconds, threads, against))
    return tables


def _latency_table(
    profiles: Sequence[Profile], seconds: float, threads: int, against: str | None
) -> str:
    device = profiles[0].device
    anchor = next((p for p in profiles if p.separator == against), None)
    base = anchor.measurement(seconds, threads) if anchor else None
    rows, notes = [], []
    for profile in profiles:
        row = profile.measurement(seconds, threads)
        if row is None:
            rows.append([profile.name, *[""] * 9])
            continue
        rows.append(_latency_row(profile, row, base))
        timing = _shown(row)
        if timing.busy:
            notes.append(
                f"! {profile.name}: the machine was too busy to measure ({timing.others:.1f} cores "
                f"used by others, noise {timing.noise:.0%}); do not quote this row."
            )
        if not timing.settled:
            notes.append(f"{profile.name}: the warm-up did not settle within 2 %.")
    missing = [p.separator for p in profiles if p.measurement(seconds, threads) is None]
    if missing:
        option = f"--threads {threads}" if device.kind == "cpu" else "--device cuda"
        notes.append(
            f"Empty: not measured yet; avss-bench profile {' '.join(missing)} "
            f"--against {against or 'ctcnet'} --seconds {seconds:g} {option}"
        )
    headers = [
        "system",
        "p50 ms",
        "min",
        "IQR",
        "p95",
        "CPU ms",
        f"/ {anchor.name if anchor else '-'}",
        "RTF both",
        "MB",
        "not MAC",
    ]
    title = f"{device.name}, {device.cores} cores" if device.kind == "cpu" else device.name
    details = ", ".join(
        filter(None, [title, device.driver, device.clocks, f"torch {device.torch}"])
    )
    what = f"{seconds:g} s, one target, lip encoder apart"
    head = f"{details}; {what}" + (f"; {threads} threads" if device.kind == "cpu" else "")
    return "\n".join([head, tabulate(rows, headers, _GRID, disable_numparse=True), *notes])


def _shown(row: Measured) -> Timing:
    """Return the separator for one target where it can be timed apart, else everything."""
    return row.latency.get("target") or row.latency["everything"]


def _latency_row(profile: Profile, row: Measured, base: Measured | None) -> list[str]:
    timing = _shown(row)
    ratio = paired_ratio(timing, _shown(base)) if base else None
    memory = row.memory
    taken = "" if memory is None else f"{(memory.gpu or memory.taken) / 1e6:.0f}"
    return [
        profile.name + (" !" if timing.busy else ""),
        f"{timing.median_s * 1000:.1f}",
        f"{timing.least_s * 1000:.1f}",
        f"{timing.range_s * 1000:.1f}",
        f"{timing.p95_s * 1000:.1f}" if timing.p95_s is not None else "-",
        f"{timing.cpu_median_s * 1000:.1f}",
        str(ratio) if ratio else "-",
        f"{row.real_time_factor:.2f}",
        taken,
        f"{row.without_macs:.0%}",
    ]


def layers_table(profiles: Sequence[Profile], *, seconds: float) -> str:
    """Draw the three layers that cost most, per system."""
    rows = []
    for profile in _first_of_each(profiles):
        costs = profile.cost(seconds)
        if costs is not None and costs.layers:
            layers = [f"{layer.share:.0%} {layer.name}" for layer in costs.layers]
            rows.append([profile.name, *layers])
    return tabulate(rows, ["system", "first", "second", "third"], _GRID, disable_numparse=True)


def plain_rows(
    profiles: Sequence[Profile], *, against: str | None = None
) -> list[dict[str, object]]:
    """Return profiles as JSON can hold them, ratios to one system included."""
    rows = []
    for profile in profiles:
        same = [p for p in profiles if p.device.key == profile.device.key]
        anchor = next((p for p in same if p.separator == against), None)
        ratios = []
        for row in profile.measured:
            base = anchor.measurement(row.seconds, row.threads) if anchor else None
            ratio = paired_ratio(_shown(row), _shown(base)) if base else None
            if ratio is not None:
                ratios.append({"seconds": row.seconds, "threads": row.threads, **vars(ratio)})
        rows.append({**profile.model_dump(mode="json"), "latency_ratios": ratios})
    return rows
