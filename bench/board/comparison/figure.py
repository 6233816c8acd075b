"""The figure of a comparison: paired differences, and each target's two scores side by side.

Counts are made here, so that a figure of 6000 targets is as light as one of 60: the scatter of many
targets is drawn as squares whose shade tells how many fall into them.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench.board.comparison.compare import RunComparison
from bench.board.formats.escapes import plain_text
from bench.board.formats.texts import score_title
from bench.board.runs.leaderboard import higher_is_better
from bench.metrics import find_metric

__all__ = ["draw_comparison"]

_PANEL = {"width": 300, "height": 260}
_MOST_POINTS = 1000
_MOST_BARS = 40
_SQUARES = 45
_BLUE, _RED, _GREY = "#4c78a8", "#c44e52", "#888888"
_LONGEST_LABEL = 40


def draw_comparison(comparison: RunComparison, format: Literal["svg", "png"]) -> bytes:
    """Draw the leading score of a comparison.

    Args:
        comparison: Of two runs.
        format: "svg" or "png".
    """
    import altair
    import vl_convert

    panels = altair.hconcat(_differences(comparison), _scatter(comparison), spacing=40)
    chart = panels.configure_view(stroke="#dddddd").configure_axis(gridColor="#eeeeee").to_json()
    if format == "svg":
        return vl_convert.vegalite_to_svg(chart).encode()
    image: bytes = vl_convert.vegalite_to_png(chart, scale=2)
    return image


def _labels(comparison: RunComparison) -> list[str]:
    plain = [plain_text(label) for label in comparison.labels]
    return [f"{x[: _LONGEST_LABEL - 1]}…" if len(x) > _LONGEST_LABEL else x for x in plain]


def _with_unit(score: str, title: str) -> str:
    unit = find_metric(score.removesuffix("_i")).unit
    return f"{title} ({unit})" if unit else title


def _differences(comparison: RunComparison) -> Any:
    """Histogram of the differences, the mean with its interval, and a line at zero."""
    import altair
    import pandas

    lead, found = comparison.lead, comparison.scores[0]
    first, second = _labels(comparison)
    differences = lead.first - lead.second
    counts, edges = np.histogram(
        differences, bins=_bars(differences.size), range=_ends(differences)
    )
    bars = pandas.DataFrame({"low": edges[:-1], "high": edges[1:], "targets": counts, "none": 0})
    name = _with_unit(found.score, f"{score_title(found.score)}, A - B")
    axis = altair.X("low:Q", title=f"{name}; red: mean, 95 % interval")
    drawn = (
        altair.Chart(bars)
        .mark_rect(color=_BLUE, opacity=0.7, stroke="white", strokeWidth=0.5)
        .encode(x=axis, x2="high:Q", y=altair.Y("targets:Q", title="targets"), y2="none:Q")
    )
    drawn += (
        altair.Chart(pandas.DataFrame({"low": [0.0]}))
        .mark_rule(color=_GREY, strokeDash=[4, 3])
        .encode(x="low:Q")
    )
    drawn += _mean_marks(found.difference.mean, found.difference.low, found.difference.high)
    names = {"text": f"A: {first}", "subtitle": f"B: {second}", "anchor": "start"}
    return drawn.properties(title=names, **_PANEL)


def _bars(targets: int) -> int:
    return int(np.clip(2 * math.sqrt(targets), 10, _MOST_BARS))


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    """Lowest and highest value, apart even where all are the same."""
    low, high = float(values.min()), float(values.max())
    least = 1e-6 * max(1.0, abs(low), abs(high))
    return (low, high) if high - low > least else (low - least, high + least)


def _mean_marks(mean: float, low: float, high: float) -> Any:
    import altair
    import pandas

    marks = altair.Chart(pandas.DataFrame({"low": [mean]})).mark_rule(color=_RED).encode(x="low:Q")
    if math.isfinite(low):
        band = altair.Chart(pandas.DataFrame({"low": [low], "high": [high]}))
        marks += band.mark_rect(color=_RED, opacity=0.25).encode(x="low:Q", x2="high:Q")
    return marks


def _scatter(comparison: RunComparison) -> Any:
    """Score of A against that of B, and the line on which both are equal."""
    import altair
    import pandas

    lead, score = comparison.lead, comparison.scores[0].score
    ends = _ends(np.concatenate([lead.first, lead.second]))
    scale = altair.Scale(domain=list(ends), nice=True, zero=False)
    title = score_title(score)
    x = altair.X("b:Q", title=_with_unit(score, f"{title} of B"), scale=scale)
    y = altair.Y("a:Q", title=_with_unit(score, f"{title} of A"), scale=scale)
    line = altair.Chart(pandas.DataFrame({"a": list(ends), "b": list(ends)})).mark_line(
        color=_GREY, strokeDash=[4, 3], strokeWidth=1
    )
    if lead.first.size <= _MOST_POINTS:
        points = altair.Chart(pandas.DataFrame({"a": lead.first, "b": lead.second}))
        shown = points.mark_circle(color=_BLUE, opacity=0.5, size=18).encode(x=x, y=y)
    else:
        shown = _squares(lead.first, lead.second, ends, (x, y))
    side = "above" if higher_is_better(score) else "below"
    text = f"{side} the line A is the better one; {lead.first.size} targets"
    return (shown + line.encode(x=x, y=y)).properties(
        title={"text": title, "subtitle": text, "anchor": "start"}, **_PANEL
    )


def _squares(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    ends: tuple[float, float],
    axes: tuple[Any, Any],
) -> Any:
    import altair
    import pandas

    counts, edges, _ = np.histogram2d(first, second, bins=_SQUARES, range=[ends, ends])
    rows, columns = np.nonzero(counts)
    frame = pandas.DataFrame(
        {
            "a": edges[rows],
            "a2": edges[rows + 1],
            "b": edges[columns],
            "b2": edges[columns + 1],
            "targets": counts[rows, columns].astype(int),
        }
    )
    shade = altair.Color(
        "targets:Q", title="targets", scale=altair.Scale(scheme="blues", type="log")
    )
    return (
        altair.Chart(frame)
        .mark_rect()
        .encode(x=axes[0], x2="b2:Q", y=axes[1], y2="a2:Q", color=shade)
    )
