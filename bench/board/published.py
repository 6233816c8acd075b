"""Printed figures of the field: `results/published.csv`, one row per figure, and what contradicts.

Each row says who printed it where. `metric` is the column as printed, `metric_id` what the code
behind it computes where that is known; `list` is one id per mixture list, however it was spelled.
`grade` says how near the source is to the authors, `kind` whether it is the score of a system at
all: figures made with the phase of the target are those of an oracle.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bench.core.resources import shipped
from bench.errors import DataError, UsageError
from bench.metrics import find_metric
from bench.metrics.as_published import find_published

__all__ = [
    "GRADES",
    "LISTS",
    "Figure",
    "Grade",
    "Kind",
    "agree",
    "contradictions",
    "load_published",
    "read_published",
]

Grade = Literal["table", "figure", "quoted", "digest"]
Kind = Literal["published", "oracle", "baseline"]

GRADES: tuple[Grade, ...] = get_args(Grade)

LISTS = {
    "lrs2-2mix": "3000 mixtures of 2 s of the LRS2 test set, the list released with CTCNet",
    "lrs3-2mix": "3000 mixtures of 2 s of the LRS3 test set, the list released with CTCNet",
    "voxceleb2-2mix": "2965 mixtures of 2 s of the VoxCeleb2 test set, the list released with "
    "CTCNet",
    "lrs2-caffnet": "CaffNet's own pairs of the LRS2 test set: not the list of the CTCNet family",
    "lrs3-caffnet": "CaffNet's own pairs of the LRS3 test set: not the list of the CTCNet family",
    "voxceleb2-caffnet": "CaffNet's own mixtures of VoxCeleb2: not the list of the CTCNet family",
    "voxceleb2-pan": "the speaker-extraction mixtures of Pan et al., -10 to 10 dB",
    "lrs2-clearervoice": "ClearerVoice-Studio's own mixtures of LRS2, -10 to 10 dB",
    "lrs3-clearervoice": "ClearerVoice-Studio's own mixtures of LRS3",
    "lrs2-thanh-dat": "the own mixtures of its paper (The Right to Talk)",
    "lrs2-lwtnet": "the own mixtures of its paper (LWTNet)",
    "lrs3-lwtnet": "the own mixtures of its paper (LWTNet)",
    "voxmix": "VoxMix, mixtures of VoxCeleb2 of another group",
}


class Figure(BaseModel):
    """One printed figure.

    Attributes:
        system: As tables call it.
        paper: Title of the system's paper.
        arxiv: Its number, or empty.
        year: Of the paper.
        list: Id of the mixture list; empty for sizes and times.
        list_as_printed: What the source calls the list.
        metric: The column as printed.
        metric_id: What it really is; empty where nobody knows.
        value: As printed, with its digits.
        unit: As printed.
        device: Of a time; empty where the source is silent.
        input_s: Length of the input that a cost was measured with, in seconds.
        source: Table or figure.
        source_url: Where it was read.
        quoted_by: Who re-typed the figure, where the source is not the system's own.
        grade: "table" (a table or README of its authors), "figure" (read off a picture of theirs),
            "quoted" (printed by other authors) or "digest" (re-typed by a digest, a leaderboard or
            an aggregator: nobody's paper).
        kind: "published" (of the system), "oracle" (the references were used) or "baseline".
        note: What a reader must know.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str = Field(min_length=1)
    paper: str
    arxiv: str
    year: int = Field(ge=1990, le=2100)
    list: str = Field(pattern=r"^[a-z0-9-]*$")
    list_as_printed: str
    metric: str = Field(min_length=1)
    metric_id: str
    value: str = Field(pattern=r"^-?\d+(\.\d+)?$")
    unit: str
    device: str
    input_s: float | None
    source: str = Field(min_length=1)
    source_url: str = Field(pattern=r"^https?://")
    quoted_by: str
    grade: Grade
    kind: Kind
    note: str

    @field_validator("input_s", mode="before")
    @classmethod
    def _absent(cls, given: object) -> object:
        return None if given == "" else given

    @field_validator("metric_id")
    @classmethod
    def _known(cls, given: str) -> str:
        metric = given.removesuffix("_i")
        try:
            if metric:
                find_published(metric) if "." in metric else find_metric(metric)
        except UsageError as error:
            raise ValueError(str(error)) from error
        return given

    @property
    def number(self) -> float:
        """The value."""
        return float(self.value)

    @property
    def half_digit(self) -> float:
        """How far the true value may be from the printed one by rounding."""
        decimals = len(self.value.partition(".")[2])
        return float(0.5 * 10.0**-decimals)

    @property
    def place(self) -> tuple[str, str, str, str, float | None]:
        """Figures of equal places claim the same quantity."""
        return self.system, self.metric, self.list, self.device, self.input_s


@functools.cache
def load_published() -> tuple[Figure, ...]:
    """Return the figures that ship with the project."""
    return read_published(shipped("results/published.csv"))


def read_published(path: Path) -> tuple[Figure, ...]:
    """Read a file of figures.

    Raises:
        DataError: Absent, not UTF-8, other columns, or a row that is wrong; names the line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"the figures {path} cannot be read ({error}).") from error
    expected = list(Figure.model_fields)
    if reader.fieldnames is None or list(reader.fieldnames) != expected:
        raise DataError(f"the figures {path} must have the columns {', '.join(expected)}.")
    return tuple(_figure(row, f"{path}, line {line}") for line, row in rows)


def _figure(row: dict[str, str], where: str) -> Figure:
    try:
        return Figure.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise DataError(f"{where} has a wrong '{field}': {first['msg']}.") from error


def agree(first: Figure, second: Figure) -> bool:
    """Whether two figures can be roundings of one value."""
    room = max(first.half_digit, second.half_digit) * (1 + 1e-9)
    return abs(first.number - second.number) <= room


def contradictions(figure: Figure, figures: Sequence[Figure]) -> list[Figure]:
    """Find the figures that claim the same quantity and have another value."""
    return [other for other in figures if other.place == figure.place and not agree(figure, other)]
