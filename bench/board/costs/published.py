"""Every published figure of size beside what the convention that explains it gives here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tabulate import tabulate

from bench.board.published import Figure, load_published
from bench.efficiency.as_published import READINGS, Reading, computed

__all__ = ["Explained", "explained_figures", "published_table", "unexplained_figures"]

TOLERANCE = 0.01
METRICS = ("Params", "Params_with_lip", "MACs", "MACs_with_lip")


@dataclass(frozen=True)
class Explained:
    """A published figure and its reading.

    Attributes:
        reading: What was counted.
        value: What counting gives here, in the figure's unit.
        source: Where the figure stands.
    """

    reading: Reading
    value: float
    source: str

    @property
    def difference(self) -> float:
        """Relative difference to the figure."""
        return self.value / float(self.reading.value) - 1

    @property
    def reproduced(self) -> bool:
        """Whether counting gives the figure within 1 %."""
        return abs(self.difference) <= TOLERANCE


def explained_figures(readings: Sequence[Reading] = READINGS) -> list[Explained]:
    """Compute every reading, in the order of the systems."""
    figures = load_published()
    return [Explained(r, computed(r), r.source or _source(r, figures)) for r in readings]


def _source(reading: Reading, figures: Sequence[Figure]) -> str:
    sources = [figure.source for figure in figures if _is_of(reading, figure)]
    return "; ".join(dict.fromkeys(sources))


def _is_of(reading: Reading, figure: Figure) -> bool:
    return (reading.system, reading.metric) == (figure.system, figure.metric) and float(
        reading.value
    ) == figure.number


def unexplained_figures(readings: Sequence[Reading] = READINGS) -> list[Figure]:
    """Return the published figures of size, of systems that are here, that have no reading."""
    systems = {reading.system for reading in readings}
    return [
        figure
        for figure in load_published()
        if figure.system in systems
        and figure.metric in METRICS
        and not any(_is_of(reading, figure) for reading in readings)
    ]


def published_table(explained: Sequence[Explained]) -> str:
    """Draw the figures with their convention and difference."""
    rows = []
    for figure in explained:
        reading = figure.reading
        unit = "M" if reading.metric.startswith("Params") else "G"
        words = reading.convention
        if reading.cause:
            words += f" ({reading.cause})"
        rows.append(
            [
                reading.system,
                f"{reading.value} {unit}",
                f"{figure.value:.3f}",
                f"{figure.difference:+.1%}" if figure.reproduced else f"! {figure.difference:+.1%}",
                words,
                _brief(figure.source),
            ]
        )
    headers = ["system", "published", "counted", "diff.", "what counts it", "source"]
    return tabulate(
        rows,
        headers,
        "simple",
        disable_numparse=True,
        maxcolwidths=[None, None, None, None, 50, 18],
        colalign=("left", "right", "right", "right", "left", "left"),
    )


def _brief(source: str) -> str:
    """Shorten "X paper Table 1"; whose paper a sentence speaks of stays."""
    return re.sub(r" paper\b(?!')|, efficiency comparison", "", source)
