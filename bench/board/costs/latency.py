"""Tables of latency and memory: one pair per device key, length and number of threads.

They are never mixed. What nobody has measured yet is an empty cell; a system of which nothing was
measured on a device is named below its tables instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tabulate import tabulate

from bench.board.costs.ratios import alike, row_ratio, shown
from bench.board.costs.tables import GRID, seconds_text
from bench.efficiency.device import Device
from bench.efficiency.latency import Protocol, Timing
from bench.efficiency.profile import Measured, Profile

__all__ = ["latency_tables"]


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
        whole[-1] += [seconds_text(profile.look_ahead_s), *(_memory(row) if row else [""] * 3)]
    first = ["one target", "p50 ms", "min", "IQR", "p95"]
    first += ["CPU ms (ratio)", f"/ {anchor.name}"] if anchor else ["CPU ms"]
    separating = [cells[: len(first)] for cells in separating]
    second = ["both targets", "lips ms", "all ms", "RTF", "ahead", "MB", "not MAC", "slowest of it"]
    tables = [(separating, first), (whole, second)] if whole else []
    return "\n".join(
        [
            _heading(profiles[0].device, seconds, threads),
            *(tabulate(rows, names, GRID, disable_numparse=True) for rows, names in tables),
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


def _separating(row: Measured, base: Measured | None) -> list[str]:
    timing = shown(row)
    ratio = row_ratio(row, base) if base else None
    cpu = f"{timing.cpu_median_s * 1000:.1f}"
    if ratio is not None and base is not None:
        one, other = alike(row, base)
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
