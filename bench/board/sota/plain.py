"""Tables of the state of the art for machines: JSON with everything, CSV with a row per system."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.board.formats.escapes import csv_escape
from bench.board.sota.tables import SotaRow, SotaTable
from bench.core.jsonio import dumps_pretty

__all__ = ["to_csv", "to_json"]

_PARTS = (
    "value",
    "text",
    "grade",
    "metric_id",
    "meaning",
    "place",
    "to_published",
    "to_anchor",
    "source",
    "source_url",
)


def to_json(tables: Sequence[SotaTable]) -> str:
    """Write tables with every source, definition and contradiction."""
    return dumps_pretty({"schema": 1, "tables": [_plain(table) for table in tables]})


def _plain(table: SotaTable) -> dict[str, Any]:
    content = asdict(table)
    for row in content["rows"]:
        row["rank"] = int(row["rank"]) if row["rank"] else None
        row["reason"] = row["reason"] or None
    return content


def to_csv(tables: Sequence[SotaTable]) -> str:
    """Write tables as one, a row per system and list; "_text" holds contradictions in brackets."""
    flat = [_flat(row, table) for table in tables for row in table.rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return buffer.getvalue()


def _flat(row: SotaRow, table: SotaTable) -> dict[str, Any]:
    flat: dict[str, Any] = {"list": table.list_id}
    for name in ("rank", "system", "label", "year", "provenance", "kind", "reason", "run"):
        flat[name] = getattr(row, name)
    for column in table.columns:
        cell = row.cells.get(column.id)
        for part in _PARTS:
            flat[f"{column.id}_{part}"] = getattr(cell, part) if cell else None
    return {name: csv_escape(v) if isinstance(v, str) else v for name, v in flat.items()}
