"""Decoding the sound and the pictures of a clip (mp4, m4a, wav) with PyAV.

Sound comes out as int16 `(samples,)`, mono, 16 kHz, just as the ffmpeg program writes it with
`-ac 1 -ar 16000`: the priming is removed through the edit list, nothing else is shifted.
Pictures come out as uint8 `(frames, height, width, 3)`, red-green-blue, at 25 fps: picture k is
what is on the screen at k / 25 s, which keeps every picture of a 25-fps file and repeats or drops
pictures of others.

Copies that were cut short are refused: the boxes of an MP4 file must fill it exactly.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from bench.errors import DataError

__all__ = [
    "FRAME_RATE",
    "SAMPLE_RATE",
    "Pictures",
    "Sound",
    "StreamMissing",
    "count_pictures",
    "read_pictures",
    "read_sound",
    "stream_pictures",
]

SAMPLE_RATE = 16000
FRAME_RATE = 25

_MP4_SUFFIXES = (".mp4", ".m4a", ".mov")
# Half a time step of any usual container, so that a rounded time stamp is not taken for the next.
_EARLY_S = 1e-3


class StreamMissing(DataError):
    """A file holds no sound, or no pictures."""


@dataclass(frozen=True)
class Sound:
    """Decoded sound.

    Attributes:
        samples: int16 `(samples,)`, 16 kHz.
        source_rate: Sample rate of the file, in hertz.
        channels: Channels of the file.
    """

    samples: NDArray[np.int16]
    source_rate: int
    channels: int

    @property
    def converted(self) -> bool:
        """Whether the file was not 16 kHz mono."""
        return (self.source_rate, self.channels) != (SAMPLE_RATE, 1)


@dataclass(frozen=True)
class Pictures:
    """Decoded pictures.

    Attributes:
        frames: uint8 `(frames, height, width, 3)`, 25 fps.
        source_rate: Frame rate of the file.
    """

    frames: NDArray[np.uint8]
    source_rate: float

    @property
    def converted(self) -> bool:
        """Whether the file was not 25 fps."""
        return abs(self.source_rate - FRAME_RATE) > 1e-3


def read_sound(path: Path, samples: int | None = None) -> Sound:
    """Decode the sound of a file.

    Args:
        path: The file.
        samples: How much is wanted from the start, at 16 kHz; None = everything.

    Returns:
        At most `samples` samples: fewer where the file is shorter.

    Raises:
        StreamMissing: The file has no sound.
        DataError: The file is missing, truncated or cannot be decoded, or its sound is empty.
    """
    with _opened(path) as container:
        if not container.streams.audio:
            raise StreamMissing(f"{path} has no sound; copy the file again.")
        stream = container.streams.audio[0]
        rate, channels = stream.rate, stream.channels
        pieces: list[NDArray[np.int16]] = []
        found = 0
        for piece in _pieces(container):
            pieces.append(piece)
            found += len(piece)
            if samples is not None and found >= samples:
                break
    if not found:
        raise DataError(f"the sound of {path} has no samples; copy the file again.")
    return Sound(np.concatenate(pieces)[:samples], rate, channels)


def read_pictures(path: Path, frames: int | None = None) -> Pictures:
    """Decode the pictures of a file.

    Args:
        path: The file.
        frames: How many are wanted from the start, at 25 fps; None = all.

    Returns:
        At most `frames` pictures: fewer where the file is shorter.

    Raises:
        StreamMissing: The file has no pictures.
        DataError: The file is missing, truncated or cannot be decoded.
    """
    rates: list[float] = []
    pictures = list(stream_pictures(path, frames, rates))
    if not pictures:
        raise DataError(f"the video of {path} has no pictures; copy the file again.")
    return Pictures(np.stack(pictures), rates[0])


def stream_pictures(
    path: Path, frames: int | None = None, rates: list[float] | None = None
) -> Iterator[NDArray[np.uint8]]:
    """Decode pictures one by one, for videos that do not fit into memory.

    Args:
        path: The file.
        frames: How many are wanted from the start, at 25 fps; None = all.
        rates: Receives the frame rate of the file.

    Yields:
        uint8 `(height, width, 3)`; not to be written to, since repeated pictures are the same.

    Raises:
        StreamMissing: The file has no pictures.
        DataError: The file is missing, truncated or cannot be decoded.
    """
    with _opened(path) as container:
        if not container.streams.video:
            raise StreamMissing(f"{path} has no pictures; give the clip with its video.")
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        rate = float(stream.average_rate or 0)
        if rates is not None:
            rates.append(rate)
        yield from _at_frame_rate(container, 1 / rate if rate else 0.0, frames)


def count_pictures(path: Path) -> int:
    """Return about how many pictures a file has at 25 fps, by its own word; 0 if it does not say.

    Raises:
        DataError: As `read_pictures`.
    """
    with _opened(path) as container:
        return round((container.duration or 0) / av.time_base * FRAME_RATE)


@contextmanager
def _opened(path: Path) -> Iterator[av.container.InputContainer]:
    """Open a file whose boxes are all there; whatever FFmpeg says becomes one sentence."""
    try:
        if path.stat().st_size == 0:
            raise DataError(f"{path} is empty (0 bytes); copy the file again.")
        if path.suffix.lower() in _MP4_SUFFIXES:
            _refuse_truncated(path)
        # Damaged titles and handler names are nobody's business.
        with av.open(str(path), metadata_errors="ignore") as container:
            used = (*container.streams.audio[:1], *container.streams.video[:1])
            if any(stream.codec_context is None for stream in used):
                raise DataError(f"{path} has a stream of an unknown kind; copy the file again.")
            yield container
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"{path} cannot be decoded ({reason}); it is damaged or missing, copy it again."
        ) from error


def _refuse_truncated(path: Path) -> None:
    """Walk over the top-level boxes; a file that was cut short ends inside one."""
    size, position = path.stat().st_size, 0
    with path.open("rb") as stream:
        while position < size:
            stream.seek(position)
            head = stream.read(16)
            length = struct.unpack(">I", head[:4])[0] if len(head) >= 8 else size + 1
            if length == 1 and len(head) == 16:
                length = struct.unpack(">Q", head[8:])[0]
            if length == 0:  # "until the end of the file"
                return
            if length < 8:
                raise DataError(f"{path} is not an MP4 file; copy it again.")
            position += length
    if position > size:
        raise DataError(
            f"{path} is truncated: {position - size} bytes or more are missing at its end;"
            " copy it again."
        )


def _pieces(container: av.container.InputContainer) -> Iterator[NDArray[np.int16]]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    for frame in container.decode(audio=0):
        yield from map(_samples, resampler.resample(frame))
    yield from map(_samples, resampler.resample(None))


def _samples(frame: AudioFrame) -> NDArray[np.int16]:
    return np.asarray(frame.to_ndarray(), np.int16).reshape(-1)


def _at_frame_rate(
    container: av.container.InputContainer, step_s: float, wanted: int | None
) -> Iterator[NDArray[np.uint8]]:
    """Show the picture that is on the screen at each multiple of 1 / 25 s, up to `wanted`."""
    shown = 0
    current: av.VideoFrame | None = None
    first_s = 0.0
    end_s = 0.0
    for number, frame in enumerate(container.decode(video=0)):
        time_s = number * step_s if frame.time is None else float(frame.time)
        if current is None:
            first_s = time_s
        else:
            due = _due(time_s - first_s, shown, wanted)
            yield from _repeated(current, due)
            shown += due
        if wanted is not None and shown >= wanted:
            return
        current, end_s = frame, time_s - first_s + step_s
    if current is not None:
        yield from _repeated(current, _due(end_s, shown, wanted))


def _due(until_s: float, shown: int, wanted: int | None) -> int:
    """Count the moments before `until_s` that have no picture yet."""
    moments = int(np.ceil((until_s - _EARLY_S) * FRAME_RATE))
    return max(0, (moments if wanted is None else min(moments, wanted)) - shown)


def _repeated(frame: av.VideoFrame, times: int) -> list[NDArray[np.uint8]]:
    """Convert a frame, turned upright as the file says (telephones film sideways)."""
    if not times:
        return []
    image = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    return [np.rot90(image, frame.rotation // 90)] * times
