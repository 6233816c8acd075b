"""Reading the `metrics.csv` that the released scripts write, and telling what its columns are.

CTCNet's and RTFS-Net's scripts write `snt_id, sdr, sdr_i, si-snr, si-snr_i, pesq, stoi`, IIANet's
the first five. There are two rows per mixture, both under the mixture's file name, the first for
speaker 1; the last two rows are called `avg` and `std`. In CTCNet's and RTFS-Net's files the rows
of `sdr` and `sdr_i` are losses, so their sign is wrong, while that of `avg` is right.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from statistics import fmean

from bench.errors import DataError, UsageError
from bench.metrics.as_published import PublishedMetric, list_published

__all__ = ["ReleasedColumn", "ReleasedRow", "ReleasedTable", "read_released"]

_NAME = "snt_id"
_AVERAGE, _DEVIATION = "avg", "std"
# Which column of a protocol a column of the file is.
_COLUMNS = {"sdr": "sdr", "si-snr": "si_snr", "pesq": "pesq", "stoi": "stoi"}
# An average that misses the mean of its rows by more than this does not come from them.
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class ReleasedRow:
    """One target.

    Attributes:
        stem: Name of the mixture without extension.
        target: 1 or 2 where the mixture has two rows, else None.
        values: By column, as printed; None where the file has no number.
    """

    stem: str
    target: int | None
    values: Mapping[str, float | None]


@dataclass(frozen=True)
class ReleasedColumn:
    """What one column is.

    Attributes:
        name: In the file.
        metric: What the code computes under this name.
        printed_mean: Mean of the rows as they are.
        average: What the row `avg` says; None without it.
        sign: -1 where the rows have the wrong sign, else 1.
    """

    name: str
    metric: PublishedMetric
    printed_mean: float
    average: float | None
    sign: int

    @property
    def improvement(self) -> bool:
        """Whether it is a difference to the unprocessed mixture."""
        return self.name.endswith("_i")

    @property
    def id(self) -> str:
        """Key of this definition among scores."""
        return f"{self.metric.id}_i" if self.improvement else self.metric.id

    @property
    def standard(self) -> str:
        """Key of the metric that a reader takes it for."""
        return f"{self.metric.standard}_i" if self.improvement else self.metric.standard

    @property
    def mean(self) -> float:
        """Mean of the rows with the right sign."""
        return self.sign * self.printed_mean

    @property
    def remark(self) -> str:
        """What is wrong with the column itself; empty if nothing is."""
        if self.average is not None and abs(self.mean - self.average) > _TOLERANCE:
            return f"the average {self.average:.4f} does not follow from the rows ({self.mean:.4f})"
        if self.sign < 0:
            return "the rows have the wrong sign (they are losses); the average has the right one"
        return ""


@dataclass(frozen=True)
class ReleasedTable:
    """A whole file.

    Attributes:
        protocol: Whose code wrote it.
        rows: One per target, in the order of the file.
        columns: In the order of the file.
    """

    protocol: str
    rows: tuple[ReleasedRow, ...]
    columns: tuple[ReleasedColumn, ...]


def read_released(path: Path, protocol: str | None = None) -> ReleasedTable:
    """Read a file that a released script wrote.

    Args:
        path: The file.
        protocol: Whose code wrote it; None = CTCNet's if there is PESQ in it, else IIANet's.

    Raises:
        DataError: Not such a file; names the line.
        UsageError: The protocol is unknown, or has not all of the file's columns.
    """
    names, lines = _lines(path)
    if protocol is None:
        protocol = "ctcnet-2022" if "pesq" in names else "iianet-2024"
    averages: Mapping[str, float | None] = {}
    targets = []
    for stem, values in lines:
        if stem == _AVERAGE:
            averages = values
        elif stem != _DEVIATION:
            targets.append((stem, values))
    rows = tuple(_rows(targets))
    if not rows:
        raise DataError(f"{path} holds no target, expected a row for each: run the script again.")
    metrics = {metric.id.partition(".")[2]: metric for metric in list_published(protocol)}
    columns = []
    for name in names:
        metric = metrics.get(_COLUMNS[name.removesuffix("_i")])
        if metric is None:
            raise UsageError(
                f"{path} has a column '{name}', which the code of {protocol} does not write: "
                "give the --protocol that it came from."
            )
        columns.append(_column(name, metric, rows, averages.get(name)))
    return ReleasedTable(protocol, rows, tuple(columns))


def _rows(targets: list[tuple[str, dict[str, float | None]]]) -> Iterator[ReleasedRow]:
    """Number the rows of each mixture."""
    counts = Counter(stem for stem, _ in targets)
    seen: Counter[str] = Counter()
    for stem, values in targets:
        seen[stem] += 1
        yield ReleasedRow(stem, seen[stem] if counts[stem] > 1 else None, values)


def _column(
    name: str, metric: PublishedMetric, rows: tuple[ReleasedRow, ...], average: float | None
) -> ReleasedColumn:
    values = [value for row in rows if (value := row.values[name]) is not None]
    mean = fmean(values) if values else math.nan
    losses = metric.id.endswith(".sdr") and "pesq" in rows[0].values
    if average is not None and abs(abs(mean) - abs(average)) <= _TOLERANCE:
        losses = abs(mean + average) < abs(mean - average)
    return ReleasedColumn(name, metric, mean, average, -1 if losses else 1)


def _lines(path: Path) -> tuple[list[str], list[tuple[str, dict[str, float | None]]]]:
    """Parse the file: names of the columns, then (stem, values) of each line."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            table = list(csv.reader(stream, strict=True))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): give another.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a csv file ({error}).") from error
    names = table[0][1:] if table and table[0][:1] == [_NAME] else []
    unknown = [name for name in names if name.removesuffix("_i") not in _COLUMNS]
    if not names or unknown or len(set(names)) < len(names):
        raise DataError(
            f"{path} does not start with the columns of a released script ({_NAME}, sdr, sdr_i, "
            "si-snr, si-snr_i and maybe pesq, stoi): give the metrics.csv that it wrote."
        )
    lines = []
    for number, cells in enumerate(table[1:], 2):
        if not cells:
            continue
        if len(cells) != len(names) + 1:
            raise DataError(
                f"{path}, line {number} has {len(cells)} cells, expected {len(names) + 1}: the "
                "file was cut or edited."
            )
        values = [_number(cell, f"{path}, line {number}") for cell in cells[1:]]
        lines.append((_stem(cells[0]), dict(zip(names, values, strict=True))))
    return names, lines


def _stem(name: str) -> str:
    """Drop the folder and the extension; file names of the field have dots in them."""
    base = PurePath(name).name
    return base[:-4] if base.lower().endswith(".wav") else base


def _number(cell: str, where: str) -> float | None:
    if not cell.strip():
        return None
    try:
        number = float(cell)
    except ValueError as error:
        raise DataError(f"{where} holds '{cell}', expected a number.") from error
    return number if math.isfinite(number) else None
