"""Reading one voice from a wav or flac file, and refusing every file that is not one.

Integer samples are divided by their full scale, float samples are taken as they are; the result is
float64. libsndfile silently reads what is left of a truncated wav file, so the length that its
header promises is held against the size of the file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.errors import DataError

__all__ = ["SUFFIXES", "Voice", "read_rate", "read_voice"]

SUFFIXES = (".wav", ".flac")

# Lengths that a program writes when it does not know how much will follow.
_UNKNOWN_LENGTHS = (0, 0xFFFFFFFF)


@dataclass(frozen=True)
class Voice:
    """One channel of audio.

    Attributes:
        samples: float64 `(samples,)`, full scale 1, finite, at least one.
        sample_rate: In hertz.
    """

    samples: NDArray[np.float64]
    sample_rate: int


def read_voice(path: Path) -> Voice:
    """Read a file that holds one voice.

    Raises:
        DataError: Not audio, truncated, empty, more than one channel, NaN or infinite samples.
    """
    missing = _missing_bytes(path)
    if missing:
        raise DataError(
            f"'{path.name}' is truncated: {missing} bytes that its header promises are not there; "
            "copy or write the file again."
        )
    try:
        with soundfile.SoundFile(path) as file:
            promised = file.frames
            channels = file.read(dtype="float64", always_2d=True)
            sample_rate = int(file.samplerate)
    except (soundfile.SoundFileError, OSError) as error:
        raise _not_audio(path, error) from error
    if len(channels) < promised:
        raise DataError(
            f"'{path.name}' is truncated: {len(channels)} of {promised} samples can be read; copy "
            "or write the file again."
        )
    return Voice(_one_channel(path, channels), sample_rate)


def read_rate(path: Path) -> int | None:
    """Return the sample rate that a file declares, in hertz; None if it is not audio."""
    try:
        return int(soundfile.info(path).samplerate)
    except (soundfile.SoundFileError, OSError):
        return None


def _one_channel(path: Path, channels: NDArray[np.float64]) -> NDArray[np.float64]:
    samples, count = channels.shape
    if count != 1:
        raise DataError(
            f"'{path.name}' has {count} channels, expected one: write each voice to its own file."
        )
    if samples == 0:
        raise DataError(f"'{path.name}' holds no samples, expected audio: write the file again.")
    bad = int(np.count_nonzero(~np.isfinite(channels)))
    if bad:
        raise DataError(
            f"'{path.name}' holds {bad} NaN or infinite samples of {samples}, expected numbers: "
            "look for a division by zero in what wrote it."
        )
    return channels[:, 0]


def _not_audio(path: Path, error: Exception) -> DataError:
    if not path.is_file():
        return DataError(
            f"'{path.name}' is not there, expected a wav or flac file: check its name."
        )
    # "Error opening '<path>': <reason>."
    reason = str(error).rpartition(": ")[2].rstrip(".") if path.stat().st_size else "it is empty"
    return DataError(
        f"'{path.name}' cannot be read as audio ({reason}), expected a wav or flac file."
    )


def _missing_bytes(path: Path) -> int:
    """Count the bytes of samples that a wav file promises and does not have."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            riff, _, wave = struct.unpack("<4sI4s", stream.read(12))
            if (riff, wave) != (b"RIFF", b"WAVE"):
                return 0
            while True:
                name, length = struct.unpack("<4sI", stream.read(8))
                if name == b"data":
                    unknown = length in _UNKNOWN_LENGTHS
                    return 0 if unknown else max(0, stream.tell() + length - size)
                stream.seek(length + length % 2, 1)
    except (OSError, struct.error):
        return 0  # not a wav file, or one without samples: reading it says so
