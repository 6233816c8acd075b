"""Tables of profiles: what every system costs, how long it takes, and its ratios to one of them.

Costs hold for every device and are one table. Latency and memory have a table per device key,
length and number of threads, and are never mixed. What nobody has measured yet is an empty cell; a
system of which nothing was measured on a device is named below its tables instead.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tabulate import tabulate

from bench.efficiency.device import Device
from bench.efficiency.latency import Protocol, Timing
from bench.efficiency.profile import Measured, Profile
from bench.errors import UsageError

__all__ = [
    "Ratio",
    "costs_table",
    "failures",
    "latency_tables",
    "layers_table",
    "paired_ratio",
    "plain_rows",
    "row_ratio",
    "shown",
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


def costs_table(profiles: Sequence[Profile], *, seconds: float, against: str | None) -> str:
    """Draw what every system costs, whatever the device: one row per system.

    Args:
        profiles: Of any devices; the first of each system counts.
        seconds: Length whose costs are shown.
        against: System that ratios are to; no columns of ratios without.
    """
    rows, notes = [], []
    unique = _first_of_each(profiles)
    anchor = _anchor(unique, against)
    for profile in unique:
        costs, parameters = profile.cost(seconds), profile.parameters
        if costs is None or parameters is None:
            continue
        mark = ("≥ " if costs.lower_bound else "") + _g(costs.mixture.total / seconds)
        rows.append(
            [
                profile.name,
                mark,
                _bound(costs.unknown) + _g(costs.executed_mixture.total / seconds),
                _g(costs.published_target.separator) if costs.published_target else "-",
                *_relative(costs.mixture.total, anchor, lambda p: _mixture(p, seconds)),
                f"{parameters.separator / 1e6:.2f}",
                f"{(parameters.total - parameters.separator) / 1e6:.2f}",
                f"{parameters.used / 1e6:.2f}" if parameters.used is not None else "-",
                *_relative(parameters.separator, anchor, _separator_size),
                _seconds(profile.look_ahead_s),
            ]
        )
        if costs.unknown:
            notes.append(f"{profile.name}: no cost is known of {', '.join(costs.unknown)}")
    to = [f"/ {anchor.name}"] if anchor else []
    headers = ["system", "G MAC/s", "ours", f"{seconds:g} s, one", *to]
    headers += ["M sep.", "M enc.", "M used", *to, "ahead"]
    return "\n".join([tabulate(rows, headers, _GRID, disable_numparse=True), *notes])


def failures(profiles: Sequence[Profile]) -> list[str]:
    """Say what could not be done, each thing once."""
    lines = [f"{profile.separator}: {error}" for profile in profiles for error in profile.errors]
    return list(dict.fromkeys(lines))


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


def _relative(value: float, anchor: Profile | None, of: Callable[[Profile], float]) -> list[str]:
    """Return the cell of a ratio; none where there is nothing to relate to."""
    if anchor is None:
        return []
    base = of(anchor)
    return [f"{value / base:.3f}" if base else "-"]


def _bound(unknown: Sequence[str]) -> str:
    return "≥ " if unknown else ""


def _g(macs: float) -> str:
    return f"{macs / 1e9:.2f}"


def _seconds(value: float | None) -> str:
    return "all" if value is None else f"{value:g} s"


def latency_tables(
    profiles: Sequence[Profile], *, against: str | None, seconds: Sequence[float] = ()
) -> list[str]:
    """Draw latency and memory: two tables per device key, length and number of threads.

    Where nobody has measured on a GPU yet, the last entry says how to.

    Args:
        profiles: Of any devices.
        against: System that ratios are to; no column of ratios without.
        seconds: Lengths that were asked for; all that were measured without.
    """
    tables = []
    for key in sorted({profile.device.key for profile in profiles}):
        same = [profile for profile in profiles if profile.device.key == key]
        cells = {(m.threads, m.seconds) for p in same for m in p.measured}
        if seconds:
            unseen = set(seconds) - {length for _, length in cells}
            cells = {c for c in cells if c[1] in seconds} | {(1, length) for length in unseen}
        for threads, length in sorted(cells) or [(1, 1.0)]:
            tables.append(_latency_table(same, length, threads, against))
    if all(profile.device.kind == "cpu" for profile in profiles):
        tables.append(
            "GPU: not measured yet; avss-bench profile --against ctcnet --device cuda "
            "--out results/profiles"
        )
    return tables


def _latency_table(
    profiles: Sequence[Profile], seconds: float, threads: int, against: str | None
) -> str:
    anchor = next((p for p in profiles if p.separator == against), None)
    base = anchor.measurement(seconds, threads) if anchor else None
    separating, whole = [], []
    for profile in profiles:
        if not profile.measured:
            continue
        row = profile.measurement(seconds, threads)
        name = profile.name if row is None or "target" in row.latency else f"{profile.name} (both)"
        separating.append([name, *(_separating(row, base) if row else [""] * 6)])
        whole.append([profile.name, *(_whole(row) if row else [""] * 3)])
        whole[-1] += [_seconds(profile.look_ahead_s), *(_memory(row) if row else [""] * 3)]
    first = ["one target", "p50 ms", "min", "IQR", "p95"]
    first += ["CPU ms (ratio)", f"/ {anchor.name}"] if anchor else ["CPU ms"]
    separating = [cells[: len(first)] for cells in separating]
    second = ["both targets", "lips ms", "all ms", "RTF", "ahead", "MB", "not MAC", "slowest of it"]
    tables = [(separating, first), (whole, second)] if whole else []
    return "\n".join(
        [
            _heading(profiles[0].device, seconds, threads),
            *(tabulate(rows, names, _GRID, disable_numparse=True) for rows, names in tables),
            *_notes(profiles, seconds, threads, against),
        ]
    )


def _heading(device: Device, seconds: float, threads: int) -> str:
    cpu = device.kind == "cpu"
    details = [
        f"{device.name}, {device.cores} cores" if cpu else device.name,
        device.driver,
        device.clocks,
        f"torch {device.torch}",
        f"{seconds:g} s of audio",
        f"{threads} thread{'s' if threads > 1 else ''}" if cpu else "",
    ]
    return ", ".join(filter(None, details))


def _state(timing: Timing) -> str:
    """Say what was wrong with the machine: others used it, or its speed changed by itself."""
    return "busy" if timing.others > Protocol().others else "unsteady"


def _notes(
    profiles: Sequence[Profile], seconds: float, threads: int, against: str | None
) -> list[str]:
    """Say what must not be quoted, and how to fill what is empty."""
    rows = [(profile, profile.measurement(seconds, threads)) for profile in profiles]
    timings = {profile.name: shown(row) for profile, row in rows if row is not None}
    missing = [profile.separator for profile, row in rows if row is None]
    notes = []
    for state in ("busy", "unsteady"):
        bad = {name: t for name, t in timings.items() if t.busy and _state(t) == state}
        if bad:
            notes.append(_warning(state, bad))
    unsettled = [name for name, timing in timings.items() if not timing.settled]
    if unsettled:
        notes.append(f"{', '.join(unsettled)}: the warm-up did not settle within 2 %.")
    if missing:
        which = f"--threads {threads}" if profiles[0].device.kind == "cpu" else "--device cuda"
        notes.append(
            f"Empty: not measured yet; avss-bench profile {' '.join(missing)} --against "
            f"{against or 'ctcnet'} --seconds {seconds:g} {which} --out results/profiles"
        )
    return notes


def _warning(state: str, timings: Mapping[str, Timing]) -> str:
    """Say of all systems at once that they were timed on a machine in a bad state."""
    others = _span([f"{timing.others:.1f}" for timing in timings.values()])
    noise = _span([f"{timing.noise:.0%}" for timing in timings.values()])
    return (
        f"! {', '.join(timings)}: the machine was too {state} to measure ({others} cores used by "
        f"others, noise {noise}); do not quote {'these rows' if len(timings) > 1 else 'this row'}."
    )


def _span(figures: Sequence[str]) -> str:
    low, high = (choose(figures, key=lambda f: float(f.rstrip("%"))) for choose in (min, max))
    return low if low == high else f"{low} to {high}"


def shown(row: Measured) -> Timing:
    """Return the separator for one target where it can be timed apart, else everything."""
    return row.latency.get("target") or row.latency["everything"]


def row_ratio(row: Measured, base: Measured) -> Ratio | None:
    """Compare what two systems do alike: one target, or both where one of them knows no other."""
    return paired_ratio(*_alike(row, base))


def _alike(row: Measured, base: Measured) -> tuple[Timing, Timing]:
    if "target" in row.latency and "target" in base.latency:
        return row.latency["target"], base.latency["target"]
    return row.latency["everything"], base.latency["everything"]


def _separating(row: Measured, base: Measured | None) -> list[str]:
    timing = shown(row)
    ratio = row_ratio(row, base) if base else None
    cpu = f"{timing.cpu_median_s * 1000:.1f}"
    if ratio is not None and base is not None:
        one, other = _alike(row, base)
        cpu += f" ({one.cpu_median_s / other.cpu_median_s:.2f})"
    return [
        f"{timing.median_s * 1000:.1f}" + (" !" if timing.busy else ""),
        f"{timing.least_s * 1000:.1f}",
        f"{timing.range_s * 1000:.1f}",
        f"{timing.p95_s * 1000:.1f}" if timing.p95_s is not None else "-",
        cpu,
        str(ratio) if ratio else "-",
    ]


def _whole(row: Measured) -> list[str]:
    mouths, everything = row.latency.get("mouths"), row.latency["everything"]
    mark = " !" if everything.busy else ""
    return [
        f"{mouths.median_s * 1000:.1f}" if mouths else "-",
        f"{everything.median_s * 1000:.1f}{mark}",
        f"{row.real_time_factor:.2f}",
    ]


def _memory(row: Measured) -> list[str]:
    memory, slowest = row.memory, row.slowest_without_macs
    return [
        f"{(memory.gpu or memory.taken) / 1e6:.0f}" if memory else "-",
        f"{row.without_macs:.0%}",
        slowest[0].name.removeprefix("aten::") if slowest else "-",
    ]


def layers_table(profiles: Sequence[Profile], *, seconds: float) -> str:
    """Draw the three layers that cost most, per system; nothing where no layer has a cost."""
    rows = []
    for profile in _first_of_each(profiles):
        costs = profile.cost(seconds)
        if costs is not None and costs.layers:
            layers = [f"{layer.share:.0%} {layer.name}" for layer in costs.layers]
            rows.append([profile.name, *layers])
    if not rows:
        return ""
    headers, widths = ["system", "first", "second", "third"], [None, 30, 30, 30]
    return tabulate(rows, headers, "simple", disable_numparse=True, maxcolwidths=widths)


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
            ratio = row_ratio(row, base) if base else None
            if ratio is not None:
                ratios.append({"seconds": row.seconds, "threads": row.threads, **vars(ratio)})
        rows.append({**profile.model_dump(mode="json"), "latency_ratios": ratios})
    return rows
