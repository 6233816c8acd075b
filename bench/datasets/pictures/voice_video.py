"""Writing a video again with one voice instead of its sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from bench.core.files import storage_errors
from bench.datasets.pictures.media import SAMPLE_RATE
from bench.errors import DataError

__all__ = ["write_voice_video"]


def write_voice_video(source: Path, voice: NDArray[np.int16], target: Path) -> None:
    """Copy the pictures of a video as they are, with another sound.

    Args:
        source: The video.
        voice: int16 `(samples,)`, 16 kHz.
        target: An mp4 file; written under another name and renamed.

    Raises:
        DataError: The pictures cannot be copied into an mp4 file.
        StorageError: The file cannot be written.
    """
    temporary = target.with_name(f".{target.name}.part")
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write(source, voice, temporary)
            temporary.replace(target)
        except av.FFmpegError as error:
            raise DataError(
                f"the pictures of {source} cannot be copied into {target.name}: {error}."
            ) from error
        finally:
            temporary.unlink(missing_ok=True)


def _write(source: Path, voice: NDArray[np.int16], target: Path) -> None:
    with av.open(str(source)) as given, av.open(str(target), "w", format="mp4") as made:
        pictures = given.streams.video[0]
        copied = made.add_stream_from_template(pictures)
        sound = made.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        block = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(voice[None], np.int16), format="s16", layout="mono"
        )
        block.sample_rate, block.time_base, block.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), 0
        made.mux(sound.encode(block))
        made.mux(sound.encode())
        for packet in given.demux(pictures):
            if packet.dts is not None:
                packet.stream = copied
                made.mux(packet)
