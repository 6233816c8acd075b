"""A released script's `metrics.csv` beside what its definitions, and ours, give for the same files.

Rows are matched to files by the name of the mixture. Where a mixture has two rows, the file of
target 1 is called `<mixture>_s1`, or lies in a folder of references called `s1`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.run.folders.released_csv import ReleasedColumn, ReleasedRow, ReleasedTable
from bench.run.folders.score import FolderScores, ItemScores

__all__ = ["ColumnReport", "Recomputed", "explain_released"]


@dataclass(frozen=True)
class Recomputed:
    """One column computed again from the files.

    Attributes:
        id: What was computed.
        rows: Rows that a file was found for.
        mean: Over these rows.
        difference: Mean of file minus this, over these rows, with the right sign.
        largest_difference: Of any row.
    """

    id: str
    rows: int
    mean: float
    difference: float
    largest_difference: float


@dataclass(frozen=True)
class ColumnReport:
    """What there is to say about one column.

    Attributes:
        column: As it is in the file.
        by_paper: Computed again as the script does; None without files.
        by_standard: Computed by the standard definition; None without files.
    """

    column: ReleasedColumn
    by_paper: Recomputed | None = None
    by_standard: Recomputed | None = None

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        column = self.column
        parts = {"by_paper": self.by_paper, "by_standard": self.by_standard}
        return {
            "column": column.name,
            "is": column.id,
            "definition": column.metric.definition,
            "taken_for": column.standard,
            "sign_of_rows": column.sign,
            "mean_of_rows": column.printed_mean,
            "average": column.average,
            "mean": column.mean,
            "remark": column.remark,
            **{name: vars(part) if part else None for name, part in parts.items()},
        }


def explain_released(
    table: ReleasedTable, scores: FolderScores | None = None, references: Path | None = None
) -> list[ColumnReport]:
    """Explain every column, with what the files themselves say where they are given.

    Args:
        table: What the script wrote.
        scores: The same estimates scored here, by the standard and the script's protocol.
        references: Folder that they were scored with; its name may say which target it holds.
    """
    if scores is None:
        return [ColumnReport(column) for column in table.columns]
    files = _by_stem(scores)
    folder = references.name if references else ""
    pairs = [(row, item) for row in table.rows if (item := _file_of(row, files, folder))]
    return [
        ColumnReport(
            column,
            _recomputed(column, column.id, pairs),
            _recomputed(column, column.standard, pairs),
        )
        for column in table.columns
    ]


def _by_stem(scores: FolderScores) -> dict[str, ItemScores]:
    return {item.id.rpartition(".")[0]: item for item in scores.items}


def _file_of(row: ReleasedRow, files: Mapping[str, ItemScores], folder: str) -> ItemScores | None:
    if row.target is None or folder == f"s{row.target}":
        return files.get(row.stem)
    return files.get(f"{row.stem}_s{row.target}")


def _recomputed(
    column: ReleasedColumn, id: str, pairs: list[tuple[ReleasedRow, ItemScores]]
) -> Recomputed | None:
    """Compare a column with one of our scores over the rows that have both."""
    found = [
        (column.sign * printed, own)
        for row, item in pairs
        if (printed := row.values[column.name]) is not None
        and (own := item.values.get(id)) is not None
    ]
    if not found:
        return None
    differences = [printed - own for printed, own in found]
    return Recomputed(
        id,
        len(found),
        fmean(own for _, own in found),
        fmean(differences),
        max(map(abs, differences)),
    )
