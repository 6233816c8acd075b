"""Folders of equally named audio files: which belong together, and the signals of one item.

Names are compared without their extensions. Subfolders, hidden files and files that are neither
wav nor flac are not looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.errors import DataError
from bench.run.files.wav import SUFFIXES, Voice, read_rate, read_voice

__all__ = ["ItemFiles", "audio_files", "common_rate", "match_files", "read_signals"]


@dataclass(frozen=True)
class ItemFiles:
    """What belongs to one item; None where the folder has no such file."""

    id: str
    estimate: Path | None
    reference: Path | None
    mixture: Path | None


def audio_files(folder: Path) -> dict[str, Path]:
    """List the audio files of a folder by name without extension.

    Raises:
        DataError: There is no such folder, no audio in it, or two files of one name.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}: give one that holds wav or flac files.")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        if path.stem in found:
            raise DataError(
                f"{folder} holds both '{found[path.stem].name}' and '{path.name}': remove one, "
                "files are matched by their names without extension."
            )
        found[path.stem] = path
    if not found:
        raise DataError(f"the folder {folder} holds no wav or flac files, expected some.")
    return found


def match_files(
    estimates: Mapping[str, Path], references: Mapping[str, Path], mixtures: Mapping[str, Path]
) -> list[ItemFiles]:
    """Put together what has one name, sorted; every estimate and every reference has its item."""
    files = [
        ItemFiles(
            references.get(stem, estimates.get(stem, Path())).name,
            estimates.get(stem),
            references.get(stem),
            mixtures.get(stem),
        )
        for stem in estimates.keys() | references.keys()
    ]
    return sorted(files, key=lambda item: item.id)


def common_rate(references: Iterable[Path]) -> int | None:
    """Return the rate in hertz that most references have, the highest of equally frequent ones.

    None if not one of them is audio.
    """
    rates = Counter(rate for rate in map(read_rate, references) if rate is not None)
    return max(rates, key=lambda rate: (rates[rate], rate), default=None)


def read_signals(
    files: ItemFiles, *, with_mixture: bool, sample_rate: int
) -> dict[str, NDArray[np.float64]]:
    """Read the signals of one item by role: "reference", "estimate" and maybe "mixture".

    Args:
        files: Where they are.
        with_mixture: Whether the mixture must be there.
        sample_rate: What all of them must have, in hertz.

    Raises:
        DataError: One is missing, is not what it should be, or does not fit the others.
    """
    if files.reference is None:
        raise DataError(
            f"the estimate '{files.id}' has no reference of this name: add the reference, or "
            "remove the estimate."
        )
    for role, path in (("estimate", files.estimate), ("mixture", files.mixture)):
        if path is None and (with_mixture or role == "estimate"):
            raise DataError(
                f"there is no {role} for the reference '{files.id}': expected a file of this name "
                f"in the folder of {role}s."
            )
    paths = {"reference": files.reference, "estimate": files.estimate, "mixture": files.mixture}
    voices = {role: _read_as(role, path) for role, path in paths.items() if path is not None}
    _check_fit(files.id, voices, sample_rate)
    return {role: voice.samples for role, voice in voices.items()}


def _read_as(role: str, path: Path) -> Voice:
    try:
        return read_voice(path)
    except DataError as error:
        raise DataError(f"the {role} {error}") from error


def _check_fit(name: str, voices: Mapping[str, Voice], sample_rate: int) -> None:
    reference = voices["reference"]
    if reference.sample_rate != sample_rate:
        raise DataError(
            f"the reference '{name}' is at {reference.sample_rate} Hz and most others at "
            f"{sample_rate} Hz, expected one rate: resample it."
        )
    for role, voice in voices.items():
        if voice.sample_rate != sample_rate:
            raise DataError(
                f"the {role} '{name}' is at {voice.sample_rate} Hz and its reference at "
                f"{sample_rate} Hz, expected one rate: resample it."
            )
        if voice.samples.size != reference.samples.size:
            raise DataError(
                f"the {role} '{name}' has {voice.samples.size} samples and its reference "
                f"{reference.samples.size}, expected equal lengths: cut or pad it."
            )
