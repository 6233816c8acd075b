"""The pictures of the site as SVG: quality against cost, and distributions.

They are drawn when the site is made, so that they can be read without scripts. Colours are the
variables of the style sheet, so that pictures follow the page into dark mode. What a tooltip says
is the label that screen readers get.
"""

from __future__ import annotations

import html
import itertools
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.board.costs.figures import Point, pareto_front
from bench.board.site.label_places import Box, place_labels
from bench.board.site.models import Chart

__all__ = ["Axis", "Bar", "draw_bars", "draw_front"]

_WIDE, _NARROW = (560, 380), (290, 320)
_LOW = (170, 170)  # heights of a distribution
_STEPS = (1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Axis:
    """What an axis shows.

    Attributes:
        title: With its unit.
        unit: Behind a number in a tooltip.
    """

    title: str
    unit: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar of a distribution: how many targets lie from `low` to `high`."""

    low: float
    high: float
    count: int


def draw_front(
    points: Sequence[Point], *, id: str, title: str, summary: str, cost: Axis, quality: Axis
) -> Chart:
    """Draw quality against a cost, with the line that no system beats.

    Filled points are of quality that was measured, rings of published quality.
    """
    pictures = [_front(points, size, cost, quality) for size in (_WIDE, _NARROW)]
    return Chart(id, title, summary, *(_named(picture, title) for picture in pictures))


@dataclass(frozen=True)
class _Frame:
    """Where values lie in a picture: cost on a logarithmic axis, quality on a plain one.

    Attributes:
        width: In pixels.
        height: In pixels.
        across: Lowest and highest cost.
        up: Lowest and highest quality.
    """

    width: int
    height: int
    across: tuple[float, float]
    up: tuple[float, float]

    def pixels(self, point: Point) -> tuple[float, float]:
        """Return where a point is, from the top left."""
        wide, high = math.log(self.across[1] / self.across[0]), self.up[1] - self.up[0]
        x = math.log(point.cost / self.across[0]) / wide * self.width
        return x, (self.up[1] - point.quality) / high * self.height

    def values(self, x: float, y: float) -> dict[str, float]:
        """Return what stands at a place."""
        wide, high = math.log(self.across[1] / self.across[0]), self.up[1] - self.up[0]
        cost = self.across[0] * math.exp(x / self.width * wide)
        return {"cost": cost, "quality": self.up[1] - y / self.height * high}


def _front(
    points: Sequence[Point], size: tuple[int, int], cost: Axis, quality: Axis
) -> dict[str, Any]:
    costs, levels = [p.cost for p in points], [p.quality for p in points]
    across = (min(costs) / 1.35, max(costs) * 1.35)
    frame = _Frame(*size, across, (min(levels) - 0.5, max(levels) + 0.5))
    x, y = _axes(frame, cost, quality)
    front = pareto_front(points)
    line = _layer([vars(p) for p in front], x, y).mark_line(
        stroke="var(--accent)", strokeDash=[3, 4], opacity=0.7, interpolate="step-after", aria=False
    )
    rows = [{**vars(p), "said": _said(p, cost, quality)} for p in points]
    layers = [line]
    for source, fill in (("published", "var(--paper)"), ("measured", "var(--accent)")):
        chosen = [row for row in rows if row["source"] == source]
        marks = _layer(chosen, x, y).mark_point(
            size=70, strokeWidth=1.8, opacity=1, stroke="var(--accent)", fill=fill
        )
        layers.append(marks.encode(description="said:N"))
    return _plain(_layered([*layers, *_names(points, frame, x, y)], size))


def _axes(frame: _Frame, cost: Axis, quality: Axis) -> tuple[Any, Any]:
    import altair

    x = altair.X(
        "cost:Q",
        title=_lines(cost.title, frame.width),
        scale=altair.Scale(type="log", domain=frame.across, nice=False),
        axis=altair.Axis(values=_round_values(*frame.across), format="~g"),
    )
    scale = altair.Scale(domain=frame.up, nice=False)
    return x, altair.Y("quality:Q", title=quality.title, scale=scale)


def _lines(title: str, width: int) -> list[str]:
    return textwrap.wrap(title, width // 7)


def _layered(layers: Sequence[Any], size: tuple[int, int]) -> Any:
    import altair

    return altair.layer(*layers).properties(width=size[0], height=size[1])


def _chart(rows: Sequence[Mapping[str, Any]]) -> Any:
    import altair

    return altair.Chart(altair.Data(values=list(rows)))  # type: ignore[no-untyped-call]


def _layer(rows: list[dict[str, Any]], x: Any, y: Any) -> Any:
    return _chart(rows).encode(x=x, y=y)


def _said(point: Point, cost: Axis, quality: Axis) -> str:
    return (
        f"{point.system}: {point.quality:.1f} {quality.unit} ({point.source}), "
        f"{point.cost:.3g} {cost.unit}"
    )


def _names(points: Sequence[Point], frame: _Frame, x: Any, y: Any) -> list[Any]:
    """Return layers of names, one per alignment; those on the line come first to their places."""
    front = pareto_front(points)
    ordered = sorted(points, key=lambda p: (p not in front, -p.quality, p.system))
    labels = place_labels(
        [(p.system, *frame.pixels(p)) for p in ordered],
        width=frame.width,
        height=frame.height,
        obstacles=_steps([frame.pixels(p) for p in front]),
    )
    layers = []
    for align in ("left", "center", "right"):
        rows = [
            {"name": label.name, **frame.values(label.x, label.y)}
            for label in labels
            if label.align == align
        ]
        drawn = _layer(rows, x, y).mark_text(
            align=align, fontSize=11, fill="var(--ink)", aria=False
        )
        layers.append(drawn.encode(text="name:N"))
    return layers


def _steps(places: Sequence[tuple[float, float]]) -> list[Box]:
    """Return the boxes of a line that goes right first, then up."""
    boxes = []
    for (left, low), (right, high) in itertools.pairwise(places):
        boxes.append((left, low - 1, right, low + 1))
        boxes.append((right - 1, high, right + 1, low))
    return boxes


def _round_values(low: float, high: float) -> list[float]:
    """Return 1, 2, 5, 10, ... between two bounds."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [step * 10.0**power for power in powers for step in _STEPS]
    return [value for value in values if low <= value <= high]


def draw_bars(
    bars: Sequence[Bar],
    *,
    id: str,
    title: str,
    summary: str,
    axis: Axis,
    lines: Sequence[tuple[str, float]] = (),
) -> Chart:
    """Draw a distribution.

    Args:
        bars: Neighbours, from left to right.
        id: Anchor of the picture.
        title: What it shows.
        summary: What is to be seen.
        axis: Of the values.
        lines: Names and values of lines across the bars ("mean", 12.3).
    """
    sizes = ((_WIDE[0], _LOW[0]), (_NARROW[0], _LOW[1]))
    pictures = [_bars(bars, size, axis, lines) for size in sizes]
    return Chart(id, title, summary, *(_named(picture, title) for picture in pictures))


def _bars(
    bars: Sequence[Bar], size: tuple[int, int], axis: Axis, lines: Sequence[tuple[str, float]]
) -> dict[str, Any]:
    import altair

    said = [
        f"{bar.low:g} to {bar.high:g} {axis.unit}: {bar.count} targets".replace("  ", " ")
        for bar in bars
    ]
    rows = [{**vars(bar), "said": text} for bar, text in zip(bars, said, strict=True)]
    x = altair.X(
        "low:Q",
        title=axis.title,
        scale=altair.Scale(domain=(bars[0].low, bars[-1].high), nice=False),
        axis=altair.Axis(labelFlush=False),  # or the outer ones would be pushed into the next
    )
    columns = (
        _chart([{**row, "none": 0} for row in rows])
        .mark_bar(fill="var(--accent)", opacity=0.8, binSpacing=1)
        .encode(x=x, x2="high:Q", y=altair.Y("count:Q", title="targets"), y2="none:Q")
        .encode(description="said:N")
    )
    marked = [{"name": f"{name} {value:.2f}", "low": value} for name, value in lines]
    rules = _chart(marked).encode(x=x)
    drawn = rules.mark_rule(stroke="var(--ink)", strokeWidth=1.5, aria=False)
    names = rules.mark_text(dy=-6, baseline="bottom", fill="var(--ink)", fontSize=11, aria=False)
    above = names.encode(y=altair.value(0), text="name:N")
    return _plain(_layered([columns, drawn, above], size))


_RULES = {"gridColor": "var(--rule)", "tickColor": "var(--rule)", "domainColor": "var(--rule)"}
_TEXTS = {"labelColor": "var(--muted)", "titleColor": "var(--muted)", "titleFontWeight": 400}
_SIZES = {"labelFontSize": 11, "titleFontSize": 12, "titlePadding": 8}
_STYLE = {
    "background": "transparent",
    "padding": 2,
    "view": {"stroke": None},
    "axis": {**_RULES, **_TEXTS, **_SIZES},
    "axisX": {"grid": False},
    "axisY": {"ticks": False, "domain": False, "tickCount": 5},
}


def _plain(chart: Any) -> dict[str, Any]:
    # Checking against the schema takes longer than drawing; the tests draw every kind of picture.
    return {**chart.to_dict(validate=False), "config": _STYLE}


def _named(chart: dict[str, Any], title: str) -> str:
    """Return the SVG of a chart, which says what it is."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(chart)
    name = html.escape(title)
    return svg.replace("<svg ", f'<svg role="group" aria-label="{name}" ', 1)
