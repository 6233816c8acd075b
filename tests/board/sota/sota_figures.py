"""Printed figures made by hand."""

from __future__ import annotations

from bench.board.published import Figure

_GIVEN: dict[str, object] = {
    "system": "Net",
    "paper": "A Net",
    "arxiv": "",
    "year": 2022,
    "list": "lrs2-2mix",
    "list_as_printed": "LRS2-2Mix",
    "metric": "SI-SNRi",
    "metric_id": "si_snr_i",
    "value": "14.6",
    "unit": "dB",
    "device": "",
    "input_s": "",
    "source": "Net paper Table 1",
    "source_url": "https://example.org",
    "quoted_by": "",
    "grade": "table",
    "kind": "published",
    "note": "",
}


def printed(system: str, value: str, **changes: object) -> Figure:
    """Make one figure: an SI-SNRi on LRS2-2Mix unless told otherwise."""
    return Figure.model_validate(_GIVEN | {"system": system, "value": value} | changes)


def cost(system: str, metric: str, value: str, **changes: object) -> Figure:
    """Make the figure of a size or a time."""
    given = {"list": "", "list_as_printed": "", "metric": metric, "metric_id": "", "unit": "G"}
    return printed(system, value, **(given | changes))
