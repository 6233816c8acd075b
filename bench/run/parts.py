"""Runs computed piece by piece: which mixtures are in a part, and what the whole will be.

A part is every N-th mixture, so that parts of one run take equally long. It is no setting of the
run: all parts have one plan and one id, and joined they are the bytes that one machine would have
written. While a run is unfinished, `whole.json` beside its records says what it will consist of, so
that parts can be joined where neither data nor weights are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.core.files import write_text
from bench.core.jsonio import dumps_pretty, loads
from bench.errors import DataError, UsageError
from bench.run.result import SystemFacts

__all__ = ["EVERYTHING", "WHOLE_NAME", "Part", "Whole", "parse_part", "read_whole", "write_whole"]

WHOLE_NAME = "whole.json"
_MOST_PARTS = 10_000


@dataclass(frozen=True)
class Part:
    """One of several parts of a run.

    Attributes:
        number: Counted from 1.
        count: Number of parts.
    """

    number: int
    count: int

    def holds(self, position: int) -> bool:
        """Whether the mixture at a position of the list, counted from 0, is in this part."""
        return position % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


EVERYTHING = Part(1, 1)


def parse_part(text: str) -> Part:
    """Read a part as the command line takes it.

    Raises:
        UsageError: It is none.

    >>> parse_part("2/4").holds(5)
    True
    """
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    part = Part(int(match[1]), int(match[2])) if match else Part(0, 0)
    if not 1 <= part.number <= part.count <= _MOST_PARTS:
        raise UsageError(
            f"--part {text} was given; K/N is expected, as in 2/4 for the second of four parts."
        )
    return part


@dataclass(frozen=True)
class Whole:
    """What a run consists of when it is finished.

    Attributes:
        system: What a table says about the separator.
        mixtures: Names in the order of the list.
        targets: Which voices of each mixture are scored.
    """

    system: SystemFacts
    mixtures: tuple[str, ...]
    targets: tuple[tuple[int, ...], ...]

    @property
    def expected(self) -> int:
        """Number of targets."""
        return sum(map(len, self.targets))


def write_whole(folder: Path, whole: Whole) -> None:
    """Write `whole.json` into the folder of a run."""
    pairs = zip(whole.mixtures, map(list, whole.targets), strict=True)
    content = {"schema": 1, "system": asdict(whole.system), "mixtures": [list(p) for p in pairs]}
    write_text(folder / WHOLE_NAME, dumps_pretty(content))


def read_whole(folder: Path) -> Whole | None:
    """Read `whole.json`; None where there is none.

    Raises:
        DataError: It is something else.
    """
    path = folder / WHOLE_NAME
    if not path.is_file():
        return None
    content = loads(path.read_bytes(), str(path))
    try:
        pairs: Sequence[tuple[str, list[int]]] = content["mixtures"]
        system: dict[str, Any] = {**content["system"], "notes": tuple(content["system"]["notes"])}
        return Whole(
            SystemFacts(**system),
            tuple(str(name) for name, _ in pairs),
            tuple(tuple(targets) for _, targets in pairs),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} does not tell what a run consists of ({error}).") from error
