"""Figures of a stress test: quality and wrong speakers against the disturbance, as SVG or PNG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.run.stress import StressPoint

__all__ = ["draw_stress", "stress_rows"]

_AXES = {
    "shifted": "video late by (frames, 40 ms each)",
    "jittered": "deviation of frame times (frames)",
    "dropped": "share of dropped frames",
}
_PANEL = {"width": 260, "height": 170}


def stress_rows(points: Sequence[StressPoint]) -> list[dict[str, Any]]:
    """Return the points as JSON can hold them."""
    return [
        {
            "system": _label(point),
            "disturbance": point.kind,
            "amount": point.amount,
            "si_snr_i": point.si_snr_i,
            "nearer_to_interferer": point.nearer_to_interferer,
            "scored": point.run.summary.aggregates["si_snr_i"].scored,
            "expected": point.run.expected,
            "run": point.run.id,
        }
        for point in points
    ]


def _label(point: StressPoint) -> str:
    random = point.run.plan.separator.get("weights") == "random"
    return f"{point.run.system.name} (random weights)" if random else point.run.system.name


def draw_stress(points: Sequence[StressPoint], format: str) -> bytes:
    """Draw two rows of panels: SI-SNRi above, share of targets nearer to the interferer below.

    Args:
        points: Of one or several systems.
        format: "svg" or "png".
    """
    import altair
    import vl_convert

    rows = stress_rows(points)
    kinds = [kind for kind in _AXES if any(row["disturbance"] == kind for row in rows)]
    chart = altair.hconcat(*[_column(rows, kind) for kind in kinds]).to_json()
    if format == "svg":
        return vl_convert.vegalite_to_svg(chart).encode()
    image: bytes = vl_convert.vegalite_to_png(chart, scale=2)
    return image


def _column(rows: list[dict[str, Any]], kind: str) -> Any:
    import altair
    import pandas

    chosen = [row for row in rows if row["disturbance"] == kind]
    amount = altair.X("amount:Q", title=_AXES[kind])
    panels = []
    for score, title, scale in (
        ("si_snr_i", "SI-SNRi (dB)", altair.Scale(zero=False)),
        ("nearer_to_interferer", "nearer to interferer", altair.Scale(domain=[0, 1])),
    ):
        base = altair.Chart(pandas.DataFrame(chosen)).encode(
            x=amount,
            y=altair.Y(f"{score}:Q", title=title, scale=scale),
            color=altair.Color("system:N", title=None),
        )
        panels.append((base.mark_line() + base.mark_point(filled=True)).properties(**_PANEL))
    return altair.vconcat(*panels)
