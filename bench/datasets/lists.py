"""Mixture lists in the format of the official two-speaker sets.

One mixture per line, `path1 gain1 path2 gain2`, single spaces, LF line ends, last line ended. Gains
are dB per voice; in the official lists `gain2 = -gain1`, so the level difference is twice `gain1`.
Only the base name of a path identifies an utterance.

The CaffNet paper's lists have pairs only: `main_<a><TAB>main_<b>` per line, no gains. An utterance
that is paired with itself has no interferer: such lines are left out, and the list says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from bench.core.hashing import hash_bytes
from bench.errors import DataError

__all__ = ["ListFormat", "ListLine", "MixtureList", "format_list", "parse_list", "read_list"]

ListFormat = Literal["gains", "pairs"]


@dataclass(frozen=True)
class ListLine:
    """One mixture: two voices and what is added to the active level of each.

    Attributes:
        paths: Audio paths of the two voices as the list writes them.
        gains_db: Gain of each voice after it was brought to an active level of 0 dB.
    """

    paths: tuple[str, str]
    gains_db: tuple[float, float]

    @property
    def utterances(self) -> tuple[str, str]:
        """Base names of the two paths without their extension."""
        first, second = self.paths
        return PurePosixPath(first).stem, PurePosixPath(second).stem

    @property
    def name(self) -> str:
        """Name of the mixture: base names and gains with five significant digits.

        >>> ListLine(("a/x.wav", "b/y.wav"), (3.28669, -3.28669)).name
        'x_3.2867_y_-3.2867'
        """
        (first, second), (gain_1, gain_2) = self.utterances, self.gains_db
        return f"{first}_{gain_1:.5g}_{second}_{gain_2:.5g}"


@dataclass(frozen=True)
class MixtureList:
    """A parsed list.

    Attributes:
        lines: The mixtures in the order of the file.
        sha256: Hash of the file's bytes: the identity of the list.
        content: The file's bytes.
        left_out: Utterances whose line pairs them with themselves.
    """

    lines: tuple[ListLine, ...]
    sha256: str
    content: bytes = field(default=b"", repr=False)
    left_out: tuple[str, ...] = ()


def read_list(path: Path, format: ListFormat = "gains") -> MixtureList:
    """Read a list file.

    Args:
        path: The file.
        format: "gains" as the official sets have it, "pairs" as CaffNet's lists.

    Raises:
        DataError: The file is missing, empty, or a line is not in the format; the message names
            the file and the line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"cannot read the mixture list {path} ({error.strerror}); check the folder."
        ) from error
    return parse_list(content, str(path), format)


def parse_list(content: bytes, source: str, format: ListFormat = "gains") -> MixtureList:
    """Parse the bytes of a list; `source` names it in messages.

    Raises:
        DataError: As `read_list`.
    """
    try:
        rows = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{source} is not a mixture list: it is not UTF-8 text.") from error
    parse = _parse_line if format == "gains" else _parse_pair
    lines = tuple(parse(row, f"{source}, line {n}") for n, row in enumerate(rows, start=1))
    if not lines:
        raise DataError(f"{source} is empty; a mixture list has one mixture per line.")
    _refuse_twins(lines, source)
    alone = tuple(line for line in lines if line.utterances[0] == line.utterances[1])
    kept = tuple(line for line in lines if line not in alone)
    return MixtureList(kept, hash_bytes(content), content, tuple(x.utterances[0] for x in alone))


def format_list(lines: list[ListLine]) -> str:
    """Write lines in the official format; parsing the result gives the same lines."""
    return "".join(
        f"{line.paths[0]} {line.gains_db[0]!r} {line.paths[1]} {line.gains_db[1]!r}\n"
        for line in lines
    )


def _parse_line(row: str, where: str) -> ListLine:
    fields = row.split()
    if len(fields) != 4:
        raise DataError(
            f"{where} has {len(fields)} fields; expected four: path1 gain1 path2 gain2."
        )
    first, gain_1, second, gain_2 = fields
    return ListLine((first, second), (_gain(gain_1, where), _gain(gain_2, where)))


def _parse_pair(row: str, where: str) -> ListLine:
    fields = row.split()
    if len(fields) != 2:
        raise DataError(f"{where} has {len(fields)} fields; expected two: target interferer.")
    first, second = (f"{name.removeprefix('main_')}.wav" for name in fields)
    return ListLine((first, second), (0.0, 0.0))


def _gain(text: str, where: str) -> float:
    try:
        gain_db = float(text)
    except ValueError:
        gain_db = math.nan
    if not math.isfinite(gain_db):
        raise DataError(f"{where}: '{text}' is not a gain in dB; expected a finite number.")
    return gain_db


def _refuse_twins(lines: tuple[ListLine, ...], source: str) -> None:
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if line.name in seen:
            raise DataError(
                f"{source}, line {number} makes the same mixture as line {seen[line.name]}"
                f" ({line.name}); each must be named once."
            )
        seen[line.name] = number
