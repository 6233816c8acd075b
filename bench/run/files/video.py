"""Any video of people who talk at once: their mouths, and with a separator their voices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.core.files import write_bytes, write_text
from bench.core.hashing import hash_file
from bench.core.jsonio import dumps_pretty
from bench.core.media import crops_bytes, wav_bytes
from bench.core.mixture import Mixture, Video
from bench.datasets.pictures.contact_sheet import contact_sheet, png_bytes
from bench.datasets.pictures.media import SAMPLE_RATE
from bench.datasets.pictures.mediapipe_mouths import MARK, FaceFinder
from bench.datasets.pictures.speakers import Recording, Speaker, read_recording
from bench.datasets.pictures.voice_video import write_voice_video
from bench.datasets.trees.clips import SAMPLES_PER_FRAME
from bench.errors import UsageError

__all__ = ["prepare_video", "write_voices"]

_FADE_FRAMES = 10

Voices = NDArray[np.float32]
Separate = Callable[[Mixture], Voices]


def prepare_video(
    video: Path,
    out: Path,
    mediapipe: Path,
    people: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> Recording:
    """Find the people in a video and write what a separator needs of them.

    Writes `audio.wav` (16 kHz), `mouths/speaker<n>.npz` from left to right, `contact_sheet.png` to
    look at, and `video.json`, last.

    Args:
        video: The video.
        out: Folder.
        mediapipe: Interpreter of MediaPipe's environment.
        people: How many to find.
        progress: Called with (frames searched, frames in all, roughly).

    Raises:
        DataError: The video cannot be decoded, has no sound, or fewer people are in it.
        UsageError: The environment has no MediaPipe.
    """
    with FaceFinder(mediapipe) as finder:
        recording = read_recording(video, finder, people, progress)
    write_bytes(out / "audio.wav", wav_bytes(recording.samples, SAMPLE_RATE))
    for number, speaker in enumerate(recording.speakers, start=1):
        write_bytes(out / "mouths" / f"speaker{number}.npz", crops_bytes(speaker.mouths))
    sheet = contact_sheet([(speaker.faces, speaker.mouths) for speaker in recording.speakers])
    write_bytes(out / "contact_sheet.png", png_bytes(sheet))
    frames = len(recording.speakers[0].mouths)
    facts = {
        "video": video.name,
        "sha256": hash_file(video),
        "frames": frames,
        "samples": len(recording.samples),
        "frames_with_face": [speaker.seen for speaker in recording.speakers],
        "mark": MARK,
    }
    write_text(out / "video.json", dumps_pretty(facts))
    return recording


def write_voices(
    recording: Recording, separate: Separate, video: Path, out: Path, window_s: float | None = None
) -> list[Path]:
    """Separate a recording of two and write each voice: wav, and the video with that voice.

    Args:
        recording: From `prepare_video`.
        separate: Gives both voices of a mixture, float32 `(2, samples)`.
        video: The video itself.
        out: Folder.
        window_s: Separate windows of this length and fade between them, for long videos; None =
            everything at once.

    Returns:
        The files, voice by voice.

    Raises:
        UsageError: The recording is not one of two people, or the window is too short.
    """
    if len(recording.speakers) != 2:
        raise UsageError(f"{len(recording.speakers)} people were found; two can be separated.")
    voices = np.zeros((2, len(recording.samples)), np.float64)
    for first, last, weight in _windows(len(recording.samples), window_s):
        voices[:, first:last] += weight * separate(_mixture(recording, first, last))
    # One factor for both, so that they stay as loud as they are beside each other.
    scaled = voices / max(1.0, float(np.abs(voices).max(initial=0)))
    files = []
    for number, voice in enumerate(scaled, start=1):
        samples = np.clip(np.rint(voice * 32767), -32768, 32767).astype(np.int16)
        wav, film = out / f"speaker{number}.wav", out / f"speaker{number}.mp4"
        write_bytes(wav, wav_bytes(samples, SAMPLE_RATE))
        write_voice_video(video, samples, film)
        files += [wav, film]
    return files


def _mixture(recording: Recording, first: int, last: int) -> Mixture:
    """Make a mixture of a part of a recording; `first` is the start of a frame."""
    samples = recording.samples[first:last].astype(np.float32) / np.float32(32768)
    frames = -(-len(samples) // SAMPLES_PER_FRAME)
    start = first // SAMPLES_PER_FRAME
    videos = [
        _video(speaker, f"speaker{number}@{first}", start, frames)
        for number, speaker in enumerate(recording.speakers, start=1)
    ]
    nobody = np.zeros((2, len(samples)), np.float32)
    return Mixture(f"from {first}", samples, nobody, (videos[0], videos[1]))


def _video(speaker: Speaker, name: str, start: int, frames: int) -> Video:
    def part(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return _held(pictures[start : start + frames], pictures, frames)

    return Video(
        utterance=name,
        speaker=name,
        read_mouth=partial(part, speaker.mouths),
        read_face=lambda: np.asarray(part(speaker.faces)[frames // 2]),
        read_face_track=partial(part, speaker.faces),
    )


def _held(part: NDArray[np.uint8], whole: NDArray[np.uint8], frames: int) -> NDArray[np.uint8]:
    """Hold the last picture where the sound goes on for longer than the pictures."""
    last = part[-1:] if len(part) else whole[-1:]
    return np.concatenate([part, np.repeat(last, frames - len(part), axis=0)])


def _windows(
    samples: int, window_s: float | None
) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
    """Yield parts that overlap by ten frames, with weights that add up to one everywhere."""
    fade = _FADE_FRAMES * SAMPLES_PER_FRAME
    length = samples
    if window_s is not None:
        length = round(window_s * SAMPLE_RATE / SAMPLES_PER_FRAME) * SAMPLES_PER_FRAME
    if length < 2 * fade and length < samples:
        raise UsageError(f"a window of {window_s} s is too short; give at least 1 s.")
    first = 0
    ramp = (np.arange(fade) + 0.5) / fade
    while True:
        last = min(first + length, samples)
        weight = np.ones(last - first)
        if first > 0:
            weight[:fade] = ramp[: len(weight)]
        if last < samples:
            weight[-fade:] = 1 - ramp
        yield first, last, weight
        if last == samples:
            return
        first += length - fade
