"""A data set: a list of mixtures over a corpus of voices, mixed item by item when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from bench.core.mixture import Mixture, Video
from bench.datasets.cards import Card
from bench.datasets.lists import ListLine, MixtureList
from bench.datasets.mixing import FULL_SCALE, Mixed, level_voice, mix_levelled
from bench.errors import UsageError

__all__ = ["Corpus", "Dataset"]

# Whole utterances are about 0.5 MB each once levelled; clips of official lists recur 20 times.
_KEPT_VOICES = 64


class Corpus(Protocol):
    """Where the voices of a list come from: what an adapter provides.

    Paths are those of the list; adapters may use only their base names.
    """

    def read_voice(self, path: str) -> NDArray[np.int16]:
        """Return the whole utterance, int16 `(samples,)` at the card's sample rate."""

    def video(self, path: str, samples: int) -> Video:
        """Return the video that goes with the first `samples` samples (padded at the end)."""

    def transcript(self, path: str, samples: int) -> str | None:
        """Return the words that end inside the first `samples` samples, or None if unknown."""

    def conditions(self, paths: tuple[str, str]) -> Mapping[str, str]:
        """Return facts about a pair ("sex_pair") without reading any audio."""


class Dataset(Sequence[Mixture]):
    """A fixed sequence of mixtures.

    Items are made when asked for, in any order; equal indices give equal items on every machine.
    A data set can be pickled: what travels is its name, and it is opened again where it arrives.

    Attributes:
        card: What the set is, and its pins.
        root: Folder of the material that the user gave, or None for what ships.
        mixture_list: The whole list, also where this is a subset.
        list_sha256: Hash of the list.
    """

    def __init__(
        self,
        card: Card,
        mixture_list: MixtureList,
        corpus: Corpus,
        *,
        reopen: Callable[[str, Path | None], Dataset],
        root: Path | None = None,
        chosen: tuple[int, ...] | None = None,
    ) -> None:
        """Bring card, list and corpus together; see `bench.datasets.load_dataset`.

        Args:
            card: The card.
            mixture_list: The whole list.
            corpus: Where the voices come from.
            reopen: Opens the whole set again from its id and root.
            root: As given by the user.
            chosen: Lines of a subset, in order; None for all.
        """
        self.card = card
        self.root = root
        self.list_sha256 = mixture_list.sha256
        self.mixture_list = mixture_list
        self._corpus = corpus
        self._reopen = reopen
        self._chosen = tuple(range(len(mixture_list.lines))) if chosen is None else chosen
        self._levelled = lru_cache(_KEPT_VOICES)(self._read_levelled)

    @property
    def id(self) -> str:
        """Name of the set."""
        return self.card.id

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Names of all mixtures in order; reads no audio."""
        return tuple(line.name for line in self._lines)

    @property
    def is_subset(self) -> bool:
        """Whether this is a part of the set only."""
        return len(self._chosen) < len(self.mixture_list.lines)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over all mixtures: per item its id and the int16 mixture and references.

        Taken from the card where the card pins it; `measure_fingerprint` computes it.
        """
        pinned = None if self.is_subset else self.card.fingerprint
        return pinned or self.measure_fingerprint()

    def measure_fingerprint(self) -> str:
        """Mix everything and compute `fingerprint` from the samples themselves."""
        digest = hashlib.sha256()
        for line in self._lines:
            mixed = self._mix(line)
            digest.update(line.name.encode())
            for samples in (mixed.mixture, mixed.references):
                digest.update(samples.astype("<i2").tobytes())
        return digest.hexdigest()

    def subset(self, limit: int) -> Dataset:
        """Choose `limit` mixtures for a quick look, the same ones every time.

        The mixtures are ordered by their conditions (sex pair) and then by level difference, and
        taken at equal steps: a small subset is spread over both. They keep the list's order.

        Raises:
            UsageError: `limit` is below 1.
        """
        if limit < 1:
            raise UsageError(f"a limit of {limit} mixtures was given; it must be 1 or more.")
        count = len(self._chosen)
        if limit >= count:
            return self
        spread = sorted(self._chosen, key=self._stratum)
        picked = sorted(spread[(2 * i + 1) * count // (2 * limit)] for i in range(limit))
        return self._part(tuple(picked))

    def __len__(self) -> int:
        return len(self._chosen)

    @overload
    def __getitem__(self, index: int) -> Mixture: ...

    @overload
    def __getitem__(self, index: slice) -> Dataset: ...

    def __getitem__(self, index: int | slice) -> Mixture | Dataset:
        if isinstance(index, slice):
            return self._part(self._chosen[index])
        return self._make(self.mixture_list.lines[self._chosen[index]])

    def __iter__(self) -> Iterator[Mixture]:
        return (self._make(line) for line in self._lines)

    def __reduce__(self) -> tuple[object, ...]:
        return _open_part, (self._reopen, self.id, self.root, self._chosen)

    def __repr__(self) -> str:
        return f"<Dataset {self.id}: {len(self)} mixtures>"

    @property
    def _lines(self) -> Iterator[ListLine]:
        return (self.mixture_list.lines[index] for index in self._chosen)

    def _part(self, chosen: tuple[int, ...]) -> Dataset:
        return Dataset(
            self.card,
            self.mixture_list,
            self._corpus,
            reopen=self._reopen,
            root=self.root,
            chosen=chosen,
        )

    def _stratum(self, index: int) -> tuple[list[tuple[str, str]], float, int]:
        line = self.mixture_list.lines[index]
        first, second = line.gains_db
        return sorted(self._corpus.conditions(line.paths).items()), first - second, index

    def _read_levelled(self, path: str) -> NDArray[np.float64]:
        voice = self._corpus.read_voice(path)
        clip_s = self.card.clip_s
        return level_voice(voice if clip_s is None else voice[: round(clip_s * self._rate)])

    @property
    def _rate(self) -> int:
        return self.card.sample_rate

    def _mix(self, line: ListLine) -> Mixed:
        first, second = (self._levelled(path) for path in line.paths)
        whole_target = None if self.card.clip_s else len(first)
        return mix_levelled((first, second), line.gains_db, whole_target)

    def _make(self, line: ListLine) -> Mixture:
        mixed = self._mix(line)
        samples = len(mixed.mixture)
        first, second = line.paths
        return Mixture(
            id=line.name,
            mixture=_to_float(mixed.mixture),
            references=_to_float(mixed.references),
            videos=(self._corpus.video(first, samples), self._corpus.video(second, samples)),
            transcripts=(
                self._corpus.transcript(first, samples),
                self._corpus.transcript(second, samples),
            ),
            targets=self.card.mixture_list.targets,
            sample_rate=self._rate,
            conditions={**self._corpus.conditions(line.paths), **_input_snrs(mixed)},
        )


def _open_part(
    reopen: Callable[[str, Path | None], Dataset],
    id: str,
    root: Path | None,
    chosen: tuple[int, ...],
) -> Dataset:
    return reopen(id, root)._part(chosen)


def _to_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    return np.asarray(samples, np.float32) / np.float32(FULL_SCALE)


def _input_snrs(mixed: Mixed) -> dict[str, float]:
    """Plain SNR of each voice in the mixture, to 0.0001 dB; absent for a silent voice."""
    mixture, voices = mixed.mixture.astype(np.int64), mixed.references.astype(np.int64)
    found: dict[str, float] = {}
    for target, voice in enumerate(voices, start=1):
        rest = mixture - voice
        # Integers: sums are exact, whatever order a machine adds them in.
        voice_power, rest_power = int(np.sum(voice * voice)), int(np.sum(rest * rest))
        if voice_power and rest_power:
            ratio_db = 10 * float(np.log10(voice_power / rest_power))
            found[f"input_snr_db_{target}"] = round(ratio_db, 4)
    return found
