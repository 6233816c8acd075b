"""Tables of what every system costs, whatever the device: parameters, MACs, costly layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tabulate import tabulate

from bench.board.costs.ratios import row_ratio
from bench.efficiency.profile import Profile
from bench.errors import UsageError

__all__ = ["GRID", "costs_table", "failures", "layers_table", "plain_rows", "seconds_text"]

GRID = "rounded_outline"


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
                seconds_text(profile.look_ahead_s),
            ]
        )
        if costs.unknown:
            notes.append(f"{profile.name}: no cost is known of {', '.join(costs.unknown)}")
    to = [f"/ {anchor.name}"] if anchor else []
    headers = ["system", "G MAC/s", "ours", f"{seconds:g} s, one", *to]
    headers += ["M sep.", "M enc.", "M used", *to, "ahead"]
    return "\n".join([tabulate(rows, headers, GRID, disable_numparse=True), *notes])


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


def seconds_text(value: float | None) -> str:
    """Write a look-ahead: seconds, or all of the mixture."""
    return "all" if value is None else f"{value:g} s"


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
