"""A tree of finished mixtures: `audio/wav16k/min/tt/{mix,s1,s2}/<mixture>.wav`.

This is the form in which the authors' lists were turned into sound and passed on, and the form that
`prepare` writes. Files are 16 kHz 16-bit mono. A tree that `prepare` has finished carries the hash
of every mixture, and whatever is read from it is held against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.core.mixture import Video
from bench.datasets.cards import Card
from bench.datasets.fingerprint import Fingerprint, hash_mixed
from bench.datasets.lists import MixtureList
from bench.datasets.mixing import Mixed
from bench.datasets.pictures.faces import read_face, read_face_track
from bench.datasets.pictures.media import SAMPLE_RATE
from bench.datasets.pictures.mouths import MouthSource
from bench.datasets.transcripts import Transcript
from bench.datasets.trees.clips import Clip, frames_of
from bench.datasets.trees.native import Layout
from bench.datasets.trees.search import find_starts
from bench.errors import DataError

__all__ = ["AUDIO", "PARTS", "TreeCorpus", "check_names", "find_tree"]

# Where the authors' scripts put the test set, and the folders in it: mixture and both voices.
AUDIO = Path("audio/wav16k/min/tt")
PARTS = ("mix", "s1", "s2")
_OTHER_SETS = frozenset({"tr", "cv", "wav8k"})


def find_tree(root: Path, skipped: frozenset[str] = frozenset()) -> Path | None:
    """Return the folder that holds `mix`, `s1` and `s2` at or below a root, or None.

    Folders of other parts of the set are not searched, nor are the `skipped` ones.
    """
    for folder in find_starts(root, {"mix"}, _OTHER_SETS | skipped):
        if all((folder / part).is_dir() for part in PARTS):
            return folder
    return None


def check_names(tree: Path, mixtures: MixtureList) -> None:
    """Hold a tree against its list.

    Raises:
        DataError: Files are missing; all are named.
    """
    there = {part: {path.name for path in (tree / part).iterdir()} for part in PARTS}
    missing = [
        f"{part}/{line.name}.wav"
        for line in mixtures.lines
        for part in PARTS
        if f"{line.name}.wav" not in there[part]
    ]
    if missing:
        raise DataError(
            f"{len(missing)} of {3 * len(mixtures.lines)} files of the list are missing in {tree}:"
            f" {', '.join(missing)}; get them, or give the list that the tree was made from."
        )


class TreeCorpus:
    """Finished mixtures with their videos and words (a `FinishedCorpus`).

    Attributes:
        mouths: Where mouth crops come from.
        marks: What every result on this material must say.
        fingerprint: Of a tree that `prepare` has finished.
    """

    def __init__(
        self,
        tree: Path,
        layout: Layout,
        card: Card,
        mouths: MouthSource,
        *,
        fingerprint: Fingerprint | None = None,
        transcripts: Mapping[str, tuple[Transcript, float]] | None = None,
        videos: Path | None = None,
        marks: tuple[str, ...] = (),
    ) -> None:
        self._tree = tree
        self._layout = layout
        self._samples = None if card.clip_s is None else round(card.clip_s * card.sample_rate)
        self._transcripts = transcripts or {}
        self._videos = videos
        self._hashes = fingerprint.hashes if fingerprint else {}
        self.converted: dict[str, str] = {}
        self.fingerprint = fingerprint
        self.mouths = mouths
        self.marks = (*marks, *mouths.marks)

    def read_mixed(self, name: str) -> Mixed:
        """Read a finished mixture.

        Raises:
            DataError: A file is missing, is not what the tree should hold, or was changed.
        """
        mixture, first, second = (self._read(part, name) for part in PARTS)
        if not len(mixture) == len(first) == len(second):
            raise DataError(
                f"mix, s1 and s2 of {name} in {self._tree} have {len(mixture)}, {len(first)} and"
                f" {len(second)} samples; one was cut short, get them again."
            )
        mixed = Mixed(mixture, np.stack([first, second]))
        if self._hashes and hash_mixed(name, mixed) != self._hashes.get(name):
            raise DataError(
                f"{name} in {self._tree} is not what `prepare` wrote there; prepare it again."
            )
        return mixed

    def read_voice(self, path: str, samples: int | None = None) -> NDArray[np.int16]:
        """Raise: a finished tree has mixtures, no utterances."""
        raise DataError(f"{self._tree} holds finished mixtures, not the utterance {path}.")

    def video(self, path: str, samples: int) -> Video:
        """Return what the camera saw during the first `samples` samples."""
        clip = self.clip(PurePosixPath(path).stem)
        frames = frames_of(samples)
        # Crops in a tree are as long as the mixtures, videos only as long as the utterances.
        needed = frames if self._samples else 1
        return Video(
            utterance=clip.utterance,
            speaker=clip.parts[self._layout.cluster],
            read_mouth=partial(self.mouths.read, clip, frames),
            read_face=partial(read_face, clip.video, frames, needed) if clip.video else None,
            read_face_track=(
                partial(read_face_track, clip.video, frames, needed) if clip.video else None
            ),
        )

    def transcript(self, path: str, samples: int) -> str | None:
        """Return the words that end inside the first `samples` samples, or None if unknown."""
        known = self._transcripts.get(PurePosixPath(path).stem)
        return None if known is None else known[0].within(samples / SAMPLE_RATE, known[1])

    def conditions(self, paths: tuple[str, str]) -> dict[str, str]:
        """Nothing is known about a pair without its audio."""
        return {}

    def clip(self, utterance: str) -> Clip:
        """Return what the tree has of an utterance."""
        video = None if self._videos is None else self._videos / f"{utterance}.mp4"
        parts = self._layout.parts(utterance)
        return Clip(utterance, parts, video=video if video and video.is_file() else None)

    def _read(self, part: str, name: str) -> NDArray[np.int16]:
        path = self._tree / part / f"{name}.wav"
        try:
            with soundfile.SoundFile(path) as file:
                kind = file.samplerate, file.channels, file.subtype
                samples: NDArray[np.int16] = file.read(dtype="int16")
        except (soundfile.SoundFileError, OSError) as error:
            raise DataError(f"{path} cannot be read as wav ({error}); get it again.") from error
        if kind != (SAMPLE_RATE, 1, "PCM_16"):
            raise DataError(
                f"{path} has {kind[0]} Hz, {kind[1]} channels, {kind[2]}; a finished mixture is"
                f" {SAMPLE_RATE} Hz mono 16-bit: it is not from this set."
            )
        if self._samples is not None and len(samples) != self._samples:
            raise DataError(
                f"{path} has {len(samples)} samples where {self._samples} are expected; it was cut"
                " short or is not from this set, get it again."
            )
        return samples
