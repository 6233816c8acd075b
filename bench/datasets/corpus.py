"""Where the voices, videos and words of a list come from: what an adapter provides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from bench.core.mixture import Video
from bench.datasets.mixing import Mixed
from bench.datasets.trees.clips import Clip, MouthSource

__all__ = ["ClipCorpus", "Corpus", "FinishedCorpus"]


class Corpus(Protocol):
    """A corpus of any kind.

    Paths are those of the list; adapters may use only their base names.
    """

    def read_voice(self, path: str, samples: int | None = None) -> NDArray[np.int16]:
        """Return an utterance, int16 `(samples,)` at the card's sample rate.

        `samples` says how much of its start is wanted; more may be returned.
        """

    def video(self, path: str, samples: int) -> Video:
        """Return the video that goes with the first `samples` samples (padded at the end)."""

    def transcript(self, path: str, samples: int) -> str | None:
        """Return the words that end inside the first `samples` samples, or None if unknown."""

    def conditions(self, paths: tuple[str, str]) -> Mapping[str, str]:
        """Return facts about a pair ("sex_pair") without reading any audio."""


@runtime_checkable
class FinishedCorpus(Corpus, Protocol):
    """A corpus that holds the mixtures themselves."""

    def read_mixed(self, name: str) -> Mixed:
        """Return a finished mixture by its name."""


@runtime_checkable
class ClipCorpus(Corpus, Protocol):
    """A corpus of files, whose mouth crops may be missing.

    Attributes:
        mouths: Where they come from.
    """

    mouths: MouthSource

    def clip(self, utterance: str) -> Clip:
        """Return the files of an utterance."""
