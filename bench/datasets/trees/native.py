"""Finding the utterances of a list in a corpus as its owners give it out, and reading them.

A layout says how a base name of a list becomes a path (`<video>/<utt>`); where that path starts is
found by search below the root, because every archive is unpacked a little differently. Everything
that is missing is listed at once, before anything is decoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from bench.core.mixture import Video
from bench.datasets.pictures.faces import hold_last, read_face, read_face_track
from bench.datasets.pictures.media import SAMPLE_RATE, Sound, StreamMissing, read_sound
from bench.datasets.pictures.mouths import MouthSource
from bench.datasets.transcripts import Transcript, read_transcript
from bench.datasets.trees.clips import Clip, frames_of
from bench.datasets.trees.search import find_starts, holds
from bench.errors import DataError

__all__ = ["Layout", "NativeCorpus", "find_clips"]


@dataclass(frozen=True)
class Layout:
    """How a corpus lies on disk.

    Attributes:
        corpus: Its name.
        expected: The paths of its files, for messages.
        pattern: What a base name looks like; its groups are the parts of the path.
        cluster: Which part is the unit that is resampled (speaker, video or talk).
        skipped: Folders whose utterances are others of the same names.
        transcribed: Whether text files lie beside the videos.
    """

    corpus: str
    expected: str
    pattern: re.Pattern[str]
    cluster: int = 0
    skipped: frozenset[str] = frozenset()
    transcribed: bool = True

    def parts(self, utterance: str) -> tuple[str, ...]:
        """Split a base name into the parts of its path.

        Raises:
            DataError: It is no name of this corpus.
        """
        match = self.pattern.fullmatch(utterance)
        if match is None:
            raise DataError(
                f"the list names '{utterance}', which is no utterance of {self.corpus}"
                f" ({self.expected}); take the list of this data set."
            )
        return match.groups()


def find_clips(root: Path, layout: Layout, wanted: Iterable[str]) -> dict[str, Clip]:
    """Find every wanted utterance below a root.

    Args:
        root: The user's copy, or any folder a few levels above or inside it.
        layout: Of the corpus.
        wanted: Base names.

    Raises:
        DataError: The root holds something else, or utterances are missing; all are named.
    """
    parts = {utterance: layout.parts(utterance) for utterance in sorted(set(wanted))}
    if root.name in layout.skipped:
        raise DataError(
            f"{root} holds other utterances under the same names; the mixtures of {layout.corpus}"
            f" are made from {layout.expected}: give the folder above."
        )
    starts = list(find_starts(root, {first for first, *_ in parts.values()}, layout.skipped))
    if not starts:
        raise DataError(
            f"no utterance of the list was found below {root}, which holds {holds(root)};"
            f" expected {layout.corpus} as {layout.expected},"
            " or a tree audio/wav16k/min/tt/{mix,s1,s2} of finished mixtures."
        )
    clips = {utterance: _clip(utterance, path, layout, starts) for utterance, path in parts.items()}
    missing = [utterance for utterance, clip in clips.items() if not clip.sounds]
    if missing:
        raise DataError(
            f"{len(missing)} of {len(clips)} utterances are missing below {root} (expected"
            f" {layout.expected}); get these files: {', '.join(_paths(missing, parts))}."
        )
    return clips


class NativeCorpus:
    """Voices, videos and words of a native corpus (a `Corpus`).

    Attributes:
        converted: Utterances whose sound had to be resampled or mixed down so far, and from what.
        mouths: Where mouth crops come from.
    """

    def __init__(
        self,
        layout: Layout,
        clips: Mapping[str, Clip],
        mouths: MouthSource,
        *,
        whole: bool = False,
    ) -> None:
        """Bring files and crops together.

        Args:
            layout: Of the corpus.
            clips: Files by utterance.
            mouths: Where mouth crops come from.
            whole: Whether mixtures are of whole utterances, which may be padded.
        """
        self._layout = layout
        self._whole = whole
        self._clips = clips
        self._lengths: dict[str, float] = {}
        self.converted: dict[str, str] = {}
        self.mouths = mouths

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """What every result on this material must say."""
        return self.mouths.marks

    def read_voice(self, path: str, samples: int | None = None) -> NDArray[np.int16]:
        """Decode an utterance, int16 `(samples,)` at 16 kHz.

        Args:
            path: As the list writes it.
            samples: How much from the start; None = everything.

        Raises:
            DataError: It cannot be decoded, or it is shorter than `samples`.
        """
        clip = self._clip(path)
        sound = _first_sound(clip, samples)
        if samples is not None and len(sound.samples) < samples:
            raise DataError(
                f"{clip.sounds[0]} is too short: {len(sound.samples) / SAMPLE_RATE:.2f} s where"
                f" {samples / SAMPLE_RATE:.2f} s are needed; copy it again."
            )
        if sound.converted:
            source = f"{sound.source_rate} Hz, {sound.channels} channels"
            self.converted[clip.utterance] = source
        return sound.samples

    def video(self, path: str, samples: int) -> Video:
        """Return what the camera saw during the first `samples` samples."""
        clip = self._clip(path)
        frames = frames_of(samples)
        own = frames
        if self._whole:
            own = min(frames, frames_of(round(self.length_s(clip.utterance) * SAMPLE_RATE)))
        return Video(
            utterance=clip.utterance,
            speaker=clip.parts[self._layout.cluster],
            read_mouth=partial(_held_mouths, self.mouths, clip, own, frames),
            read_face=partial(read_face, clip.video, frames, own) if clip.video else None,
            read_face_track=(
                partial(read_face_track, clip.video, frames, own) if clip.video else None
            ),
        )

    def transcript(self, path: str, samples: int) -> str | None:
        """Return the words that end inside the first `samples` samples, or None if unknown."""
        clip = self._clip(path)
        known = self.read_text(clip.utterance)
        if known is None:
            return None
        return known.within(samples / SAMPLE_RATE, self.length_s(clip.utterance))

    def conditions(self, paths: tuple[str, str]) -> dict[str, str]:
        """Nothing is known about a pair without its audio."""
        return {}

    def clip(self, utterance: str) -> Clip:
        """Return the files of an utterance."""
        return self._clips[utterance]

    def length_s(self, utterance: str) -> float:
        """Return the length of the whole utterance in seconds."""
        if utterance not in self._lengths:
            sound = _first_sound(self._clips[utterance], None)
            self._lengths[utterance] = len(sound.samples) / SAMPLE_RATE
        return self._lengths[utterance]

    def read_text(self, utterance: str) -> Transcript | None:
        """Return everything that is said in an utterance, or None if there is no text file."""
        text = self._clips[utterance].text
        return None if text is None else read_transcript(text)

    def _clip(self, path: str) -> Clip:
        return self._clips[PurePosixPath(path).stem]


def _clip(utterance: str, parts: tuple[str, ...], layout: Layout, starts: Iterable[Path]) -> Clip:
    """Collect the files of one utterance; sound is taken from the mp4 before the m4a."""
    relative = Path(*parts)
    places = [start / relative for start in starts]
    found = {
        suffix: [p for place in places if (p := place.with_name(place.name + suffix)).is_file()]
        for suffix in (".mp4", ".m4a", ".txt")
    }
    return Clip(
        utterance,
        parts,
        sounds=tuple(found[".mp4"][:1] + found[".m4a"][:1]),
        video=next(iter(found[".mp4"]), None),
        text=next(iter(found[".txt"]), None) if layout.transcribed else None,
    )


def _paths(missing: list[str], parts: Mapping[str, tuple[str, ...]]) -> list[str]:
    return ["/".join(parts[utterance]) + ".mp4" for utterance in missing]


def _first_sound(clip: Clip, samples: int | None) -> Sound:
    """Read the first of the files that has sound."""
    for path in clip.sounds[:-1]:
        try:
            return read_sound(path, samples)
        except StreamMissing:
            continue
    return read_sound(clip.sounds[-1], samples)


def _held_mouths(mouths: MouthSource, clip: Clip, own: int, frames: int) -> NDArray[np.uint8]:
    """Read the crops that go with the voice; the last one is held while it is padded."""
    return hold_last(mouths.read(clip, own), frames)
