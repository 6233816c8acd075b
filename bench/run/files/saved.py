"""Estimates that were written elsewhere, by any program in any environment, as a separator."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path, PurePath
from string import Formatter
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bench.core.hashing import hash_file, hash_settings
from bench.core.mixture import Mixture
from bench.core.names import ESTIMATE_PATTERN, estimate_path
from bench.errors import DataError, SeparatorError, UsageError
from bench.run.files.wav import read_voice

__all__ = ["SavedEstimates"]


@dataclass(frozen=True)
class SavedEstimates:
    """A folder with one wav file per voice.

    Attributes:
        folder: Where the files lie.
        name: What tables call the system.
        pattern: Path of a file below the folder, with `{mixture}` and `{speaker}` (1 or 2).
    """

    folder: Path
    name: str
    pattern: str = ESTIMATE_PATTERN
    halved: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        _check_pattern(self.pattern)
        if not self.folder.is_dir():
            raise DataError(f"there is no folder {self.folder} with estimates; check the path.")

    def sha256(self) -> str:
        """Hash of every file that the pattern can name, by its path."""
        paths = sorted(
            path for path in self.folder.glob(_wildcards(self.pattern)) if path.is_file()
        )
        if not paths:
            raise DataError(
                f"the folder {self.folder} holds no wav file, nor a flac file, named as "
                f"{self.pattern}; check the folder and the pattern."
            )
        return hash_settings({str(p.relative_to(self.folder)): hash_file(p) for p in paths})

    def voices(self, mixture: Mixture, *, exchanged: bool = False) -> NDArray[np.float32]:
        """Read both voices of a mixture; see `MixtureSeparator.voices`."""
        return np.stack([self.voice(mixture, speaker) for speaker in (1, 2)])

    def voice(self, mixture: Mixture, speaker: int) -> NDArray[np.float32]:
        """Read one voice of a mixture, float32 `(samples,)`.

        Raises:
            SeparatorError: Its file is absent, or is not the voice of this mixture.
        """
        path = estimate_path(self.folder, mixture.id, speaker, self.pattern)
        if not path.is_file():
            raise SeparatorError(f"there is no estimate {path.relative_to(self.folder)}.")
        try:
            voice = read_voice(path)
        except DataError as error:
            raise SeparatorError(str(error)) from error
        found = (len(voice.samples), voice.sample_rate)
        if found != (len(mixture.mixture), mixture.sample_rate):
            raise SeparatorError(
                f"the estimate {path.relative_to(self.folder)} has {found[0]} samples at "
                f"{found[1]} Hz where the mixture has {len(mixture.mixture)} at "
                f"{mixture.sample_rate} Hz; write it at the length and rate of the mixture."
            )
        return voice.samples.astype(np.float32)


def _check_pattern(pattern: str) -> None:
    """Refuse a pattern that is none, and one that leaves the folder."""
    try:
        path = PurePath(pattern.format(mixture="m", speaker=1))
        fields = {field for _, field, _, _ in Formatter().parse(pattern) if field is not None}
    except (LookupError, ValueError, AttributeError):
        fields = set()
    if fields != {"mixture", "speaker"}:
        raise UsageError(
            f"the pattern '{pattern}' must hold {{mixture}} and {{speaker}} and no other field, as "
            f"in {ESTIMATE_PATTERN}."
        )
    if path.is_absolute() or ".." in path.parts:
        raise UsageError(
            f"the pattern '{pattern}' leaves the folder of the estimates; give a path below it, as "
            f"in {ESTIMATE_PATTERN}."
        )


def _wildcards(pattern: str) -> str:
    """Turn a pattern into one of the shell that finds every file it can name."""
    parts = Formatter().parse(pattern)
    return "".join(
        glob.escape(text) + ("*" if field is not None else "") for text, field, _, _ in parts
    )
