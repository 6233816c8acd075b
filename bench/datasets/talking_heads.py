"""The talking-heads corpora: synthetic voices in files, their mouths and faces drawn when loaded.

Layout of a corpus folder: `utterances.tsv` (see `utterances`) and `audio/<utterance>.flac`, 16 kHz
16-bit mono. Every audio file is pinned by its SHA-256 in the index, the index by the card.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.core.hashing import hash_bytes
from bench.core.mixture import Video
from bench.datasets.cards import Card
from bench.datasets.choices import MouthChoice
from bench.datasets.lists import MixtureList
from bench.datasets.synthetic.drawing import draw_face, draw_face_track, draw_mouths
from bench.datasets.synthetic.utterances import Utterance, read_index
from bench.errors import DataError

__all__ = ["INDEX_NAME", "TalkingHeads", "audio_path", "open_corpus"]

INDEX_NAME = "utterances.tsv"


def open_corpus(
    folder: Path, card: Card, mixtures: MixtureList, mouths: MouthChoice
) -> TalkingHeads:
    """Open a corpus folder; the adapter's entry point (see `registry`).

    The list is not needed to find the files, and mouths are always drawn.

    Raises:
        DataError: The folder or its index is missing or changed.
    """
    if not folder.is_dir():
        raise DataError(f"the folder {folder} of the data set '{card.id}' does not exist.")
    index = read_index(folder / INDEX_NAME, card.pins.get(INDEX_NAME))
    return TalkingHeads(folder, index, card.sample_rate, card.frame_rate)


def audio_path(utterance: str) -> str:
    """Return where the audio of an utterance lies in its corpus, as mixture lists write it."""
    return f"audio/{utterance}.flac"


class TalkingHeads:
    """Voices, videos and words of one corpus folder (a `Corpus`)."""

    def __init__(
        self, folder: Path, index: Mapping[str, Utterance], sample_rate: int, frame_rate: int
    ) -> None:
        self._folder = folder
        self._index = index
        self._sample_rate = sample_rate
        self._samples_per_frame = sample_rate // frame_rate

    def read_voice(self, path: str, samples: int | None = None) -> NDArray[np.int16]:
        """Read and check one audio file, int16 `(samples,)`; always the whole.

        Raises:
            DataError: The file is missing, or its bytes are not those that the index pins.
        """
        utterance = self._utterance(path)
        file = self._folder / audio_path(utterance.id)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise DataError(
                f"cannot read {file} ({error.strerror}); restore the data set's folder."
            ) from error
        if hash_bytes(content) != utterance.sha256:
            raise DataError(
                f"{file} is not the file that the data set pins (its SHA-256 differs);"
                " it was changed or cut short, restore it."
            )
        voice: NDArray[np.int16] = soundfile.read(io.BytesIO(content), dtype="int16")[0]
        return voice

    def video(self, path: str, samples: int) -> Video:
        """Return what the camera saw during the first `samples` samples."""
        utterance = self._utterance(path)
        frames = -(-samples // self._samples_per_frame)
        return Video(
            utterance=utterance.id,
            speaker=utterance.speaker,
            read_mouth=partial(draw_mouths, utterance, frames),
            read_face=partial(draw_face, utterance),
            read_face_track=partial(draw_face_track, utterance, frames),
        )

    def transcript(self, path: str, samples: int) -> str:
        """Return the words that end inside the first `samples` samples."""
        return self._utterance(path).words_until(1000 * samples / self._sample_rate)

    def conditions(self, paths: tuple[str, str]) -> dict[str, str]:
        """Return the sexes of the two speakers: `FF`, `FM` or `MM`."""
        return {"sex_pair": "".join(sorted(self._utterance(path).sex for path in paths))}

    def _utterance(self, path: str) -> Utterance:
        id = PurePosixPath(path).stem
        try:
            return self._index[id]
        except KeyError as error:
            raise DataError(
                f"the mixture list names the utterance '{id}', which the index in"
                f" {self._folder} does not have; list and material do not belong together."
            ) from error
