"""Figures: quality against multiply-accumulates, parameters and latency, with the Pareto front.

Quality is the published SI-SNRi on LRS2-2Mix where none was measured here, and the legend says so;
a system without one is left out. A system is on the front if no other is both better and cheaper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.board.published import Figure, load_published
from bench.board.runs.leaderboard import why_not_ranked
from bench.efficiency.profile import Profile
from bench.run.result import Run

__all__ = [
    "AXES",
    "Axis",
    "Point",
    "draw_pareto",
    "measured_quality",
    "pareto_front",
    "quality_points",
]

Axis = Literal["macs", "parameters", "latency"]
AXES: dict[Axis, str] = {
    "macs": "G MAC per second of audio, both targets, lip encoder included",
    "parameters": "parameters of the separator, lip encoder apart (M)",
    "latency": "latency for 1 s, one target, lip encoder apart, one thread (ms)",
}
_LIST, _METRIC = "lrs2-2mix", "SI-SNRi"
_QUALITY = "SI-SNRi on LRS2-2Mix (dB)"
_QUOTABLE = ("reproduced", "verified")


@dataclass(frozen=True)
class Point:
    """One system in a figure.

    Attributes:
        system: As tables call it.
        cost: On the horizontal axis.
        quality: SI-SNRi in dB.
        source: "published" or "measured".
    """

    system: str
    cost: float
    quality: float
    source: str = "published"


def quality_points(
    profiles: Sequence[Profile],
    axis: Axis,
    *,
    seconds: float = 1.0,
    measured: Mapping[str, float] | None = None,
) -> list[Point]:
    """Pair the cost of every profiled system with its quality; re-implementations have no point.

    Args:
        profiles: Of one device, where the axis is latency.
        axis: Which cost.
        seconds: Length that costs are of.
        measured: Quality that was measured here, by the name of the system.
    """
    figures = load_published()
    points: dict[str, Point] = {}
    for profile in profiles:
        if profile.kind == "re-implementation":  # not the system whose quality was published
            continue
        own = (measured or {}).get(profile.name)
        quality = own if own is not None else _quality(profile.name, figures)
        cost = _cost(profile, axis, seconds)
        if cost is not None and quality is not None:
            source = "published" if own is None else "measured"
            points.setdefault(profile.separator, Point(profile.name, cost, quality, source))
    return list(points.values())


def measured_quality(runs: Iterable[Run]) -> dict[str, float]:
    """Return the SI-SNRi that was measured on LRS2-2Mix, by the system's name.

    Only runs that a board would rank count, and only such as were run here, or run again.
    """
    quality = {}
    for run in runs:
        if (
            run.plan.dataset == _LIST
            and run.provenance in _QUOTABLE
            and run.plan.separator.get("weights") == "checkpoint"
            and not why_not_ranked(run)
        ):
            mean = run.summary.aggregates["si_snr_i"].mean
            assert mean is not None  # or the run would not be ranked
            quality[run.system.name] = mean
    return quality


def _cost(profile: Profile, axis: Axis, seconds: float) -> float | None:
    if axis == "macs":
        costs = profile.cost(seconds)
        return costs.mixture.total / seconds / 1e9 if costs else None
    if axis == "parameters":
        return profile.parameters.separator / 1e6 if profile.parameters else None
    row = profile.measurement(seconds, 1)
    timing = row.latency.get("target") if row else None
    return timing.median_s * 1000 if timing and not timing.busy else None


def _quality(name: str, figures: Sequence[Figure]) -> float | None:
    """Return a system's published figure, its own authors' before others'."""
    found = [f for f in figures if (f.system, f.list, f.metric) == (name, _LIST, _METRIC)]
    found.sort(key=lambda figure: bool(figure.quoted_by))
    return found[0].number if found else None


def pareto_front(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other beats, cheapest first.

    A point is beaten by one that costs no more and is no worse, and better in one of both.
    """
    return sorted(
        (p for p in points if not any(_beats(other, p) for other in points)),
        key=lambda point: (point.cost, point.quality),
    )


def _beats(other: Point, point: Point) -> bool:
    no_worse = other.cost <= point.cost and other.quality >= point.quality
    return no_worse and (other.cost, other.quality) != (point.cost, point.quality)


def draw_pareto(points: Sequence[Point], axis: Axis, format: str, *, device: str = "") -> bytes:
    """Draw quality against a cost.

    Args:
        points: Of `quality_points`.
        axis: Which cost.
        format: "svg" or "png".
        device: Where latency was measured.
    """
    import altair
    import vl_convert

    title = f"{AXES[axis]}; {device}" if device else AXES[axis]
    base = altair.Chart(_frame(points)).encode(
        x=altair.X("cost:Q", title=title, scale=altair.Scale(type="log")),
        y=altair.Y("quality:Q", title=_QUALITY, scale=altair.Scale(zero=False)),
    )
    front = altair.Chart(_frame(pareto_front(points))).encode(x="cost:Q", y="quality:Q")
    marks = base.mark_point(filled=True, size=60).encode(
        color=altair.Color("source:N", title="quality")
    )
    names = base.mark_text(align="left", dx=6, dy=-7).encode(text="system:N")
    # White behind the names keeps them legible where the front runs through them.
    halo = base.mark_text(align="left", dx=6, dy=-7, stroke="white", strokeWidth=4)
    halo = halo.encode(text="system:N")
    line = front.mark_line(strokeDash=[4, 3], interpolate="step-after")
    chart = (line + marks + halo + names).properties(width=520, height=320).to_json()
    if format == "svg":
        return vl_convert.vegalite_to_svg(chart).encode()
    image: bytes = vl_convert.vegalite_to_png(chart, scale=2)
    return image


def _frame(points: Sequence[Point]) -> Any:
    import pandas

    return pandas.DataFrame([vars(point) for point in points])
