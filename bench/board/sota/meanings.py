"""What a figure is: the definition behind a score's column name, the condition behind a cost."""

from __future__ import annotations

from bench.board.published import Figure
from bench.metrics import find_metric
from bench.metrics.as_published import find_published

__all__ = ["UNKNOWN", "condition_of", "definition_of", "meaning_of"]

UNKNOWN = "which definition is behind it is not known"
# SI-SNRi is the name of one quantity; what has it without being one was named by mistake.
_ONE_QUANTITY = "SI-SNRi"
_WRONG_LABEL = f"wrongly labelled: it is no {_ONE_QUANTITY}"

_MACHINE = ("GPU_", "CPU_", "RAM")


def definition_of(metric_id: str) -> str:
    """Return the definition of a metric id, in words; equal words are equal definitions."""
    metric = metric_id.removesuffix("_i")
    if not metric:
        return UNKNOWN
    return find_published(metric).definition if "." in metric else find_metric(metric).definition


def condition_of(figure: Figure) -> str:
    """Return what a cost depends on: "2 s, NVIDIA RTX 2080"; empty for numbers of parameters."""
    if figure.metric.startswith("Params"):
        return ""
    length = f"{figure.input_s:g} s" if figure.input_s else "length not stated"
    if figure.metric.startswith(_MACHINE):
        return f"{length}, {figure.device or 'device not stated'}"
    return length


def meaning_of(figure: Figure) -> str:
    """Return the condition of a cost, the definition of a score."""
    if not figure.list:
        return condition_of(figure)
    if figure.metric == _ONE_QUANTITY and not figure.metric_id:
        return _WRONG_LABEL
    return definition_of(figure.metric_id)
