"""The columns of a table: order, titles, and the condition that the head of a cost states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.board.published import Figure
from bench.board.sota.meanings import condition_of
from bench.board.sota.tables import SotaColumn

__all__ = ["MEASURED", "RANKED_BY", "columns_of", "ranked_column", "usual_conditions"]


@dataclass(frozen=True)
class _Head:
    """Title of a column, and which way is better."""

    title: str
    unit: str = "dB"
    higher_is_better: bool = True
    cost: bool = False


# In order of importance, behind what a list is ranked by: narrow terminals leave out the last ones.
_HEADS: Mapping[str, _Head] = {
    "SI-SNRi": _Head("SI-SNRi"),
    "SDRi": _Head("SDRi"),
    "PESQ": _Head("PESQ", "MOS"),
    "Params": _Head("Params", "M", False, True),
    "MACs": _Head("MACs", "G", False, True),
    "WER": _Head("WER", "%", False),
    "SI-SDRi": _Head("SI-SDRi"),
    "SI-SDR": _Head("SI-SDR"),
    "SDR": _Head("SDR"),
    "STOI": _Head("STOI", ""),
    "ESTOI": _Head("ESTOI", ""),
    "GPU_time": _Head("GPU", "ms", False, True),
    "CPU_time": _Head("CPU", "ms", False, True),
    "MACs_with_lip": _Head("MACs+lip", "G", False, True),
    "Params_with_lip": _Head("Params+lip", "M", False, True),
    "GPU_mem": _Head("GPU memory", "MB", False, True),
    "RAM": _Head("RAM", "MB", False, True),
}

# Ids that a column may be ranked by: their definitions are the same whoever computes them.
RANKED_BY: Mapping[str, str] = {"SI-SNRi": "si_snr_i", "SI-SDRi": "si_sdr_i"}

# What a run shows in a column: the first of these that it has.
MEASURED: Mapping[str, tuple[str, ...]] = {
    "SI-SNRi": ("si_snr_i",),
    "SDRi": ("sdr_bsseval512_i",),
    "SI-SDRi": ("si_sdr_i",),
    "PESQ": ("pesq_wb", "pesq_nb"),
    "STOI": ("stoi",),
    "ESTOI": ("estoi",),
}


def columns_of(
    metrics: Iterable[str], ranked: str, conditions: Mapping[str, str]
) -> tuple[SotaColumn, ...]:
    """Return the columns of some metrics, in order of importance.

    Args:
        metrics: Ids of the columns that have any figure.
        ranked: The one that is ranked by; comes first.
        conditions: What the head of a cost states.
    """
    found = set(metrics)
    known = sorted(found.intersection(_HEADS), key=[ranked, *_HEADS].index)
    return tuple(
        _column(name, conditions.get(name, ""), ranked=name == ranked)
        for name in [*known, *sorted(found.difference(_HEADS))]
    )


def _column(name: str, condition: str, *, ranked: bool) -> SotaColumn:
    head = _HEADS.get(name, _Head(name, ""))
    unit = "" if head.unit in {"dB", "MOS"} else head.unit
    length = condition.partition(",")[0]
    inside = ", ".join(part for part in (unit, length) if part)
    title = f"{head.title} ({inside})" if inside else head.title
    return SotaColumn(
        name, title, head.unit, head.cost, head.higher_is_better, condition, ranked=ranked
    )


def ranked_column(figures: Iterable[Figure], *, strict: bool) -> str:
    """Choose what a list is ranked by.

    Args:
        figures: Scores on the list.
        strict: Whether only figures of one definition are ranked; else whatever papers print first.
    """
    found = {(figure.metric, figure.metric_id) for figure in figures}
    fitting = [metric for metric, id in RANKED_BY.items() if (metric, id) in found]
    if not fitting and not strict:
        printed = {metric for metric, _ in found}
        fitting = [m for m, head in _HEADS.items() if m in printed and head.higher_is_better]
    return fitting[0] if fitting else next(iter(RANKED_BY))


def usual_conditions(figures: Iterable[Figure]) -> dict[str, str]:
    """Return the condition of every cost under which most systems have a figure."""
    systems: dict[str, set[tuple[str, str]]] = {}
    for figure in figures:
        systems.setdefault(figure.metric, set()).add((condition_of(figure), figure.system))
    return {
        metric: Counter(condition for condition, _ in sorted(pairs)).most_common(1)[0][0]
        for metric, pairs in systems.items()
    }
