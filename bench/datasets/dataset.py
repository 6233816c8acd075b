"""A data set: a list of mixtures over a corpus of voices, mixed item by item when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from bench.core.mixture import Mixture
from bench.datasets.cards import Card
from bench.datasets.conditions import measure_conditions
from bench.datasets.corpus import ClipCorpus, Corpus, FinishedCorpus
from bench.datasets.fingerprint import Fingerprint, MixturePrint, pack_mixed, print_mixture
from bench.datasets.lists import ListLine, MixtureList
from bench.datasets.mixing import FULL_SCALE, Mixed, level_rms, level_voice, mix_levelled
from bench.errors import DataError, UsageError

__all__ = ["Dataset"]

# Clips recur 20 times in official lists; levelled, 2 s are 0.25 MB and whole utterances 0.5 MB.
_KEPT_CLIPS = 512
_KEPT_WHOLE = 64

Progress = Callable[[int, int], None]


class Dataset(Sequence[Mixture]):
    """A fixed sequence of mixtures.

    Items are made when asked for, in any order; equal indices give equal items on every machine.
    A data set can be pickled: what travels is its name, and it is opened again where it arrives.

    Attributes:
        card: What the set is, and its pins.
        mixture_list: The whole list, also where this is a subset.
        list_sha256: Hash of the list.
        corpus: Where the voices come from.
        root: Folder of the material that the user gave, or None for what ships.
        marks: What every result on this copy must say (an unofficial list, computed mouths).
    """

    def __init__(
        self,
        card: Card,
        mixture_list: MixtureList,
        corpus: Corpus,
        *,
        reopen: Callable[[], Dataset],
        root: Path | None = None,
        marks: tuple[str, ...] = (),
        chosen: tuple[int, ...] | None = None,
    ) -> None:
        """Bring card, list and corpus together; see `bench.datasets.load_dataset`.

        Args:
            card: The card.
            mixture_list: The whole list.
            corpus: Where the voices come from.
            reopen: Opens the whole set again, in another process.
            root: As given by the user.
            marks: What every result must say.
            chosen: Lines of a subset, in order; None for all.
        """
        self.card = card
        self.root = root
        self.marks = marks
        self.list_sha256 = mixture_list.sha256
        self.mixture_list = mixture_list
        self.corpus = corpus
        self._reopen = reopen
        self._chosen = tuple(range(len(mixture_list.lines))) if chosen is None else chosen
        self._found: Fingerprint | None = None
        kept = _KEPT_CLIPS if card.clip_s else _KEPT_WHOLE
        self._voice = lru_cache(kept)(self._read_voice)
        self._levelled = lru_cache(kept)(self._read_levelled)

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

    @property
    def fingerprint(self) -> str:
        """See `identify`."""
        return self.identify()

    def identify(self, progress: Progress | None = None) -> str:
        """Return the SHA-256 over all mixtures: per item its id, int16 mixture and references.

        Taken from the card where the card pins it; else from `full_fingerprint`.

        Args:
            progress: Called with (mixtures read, mixtures in all) if they have to be read.
        """
        pinned = None if self.is_subset else self.card.fingerprint
        return pinned or self._fingerprint(progress).sha256

    @property
    def full_fingerprint(self) -> Fingerprint:
        """The exact and the tolerant fingerprint of every mixture.

        Taken from the material where `prepare` left it there; else everything is mixed once.
        """
        return self._fingerprint(None)

    def _fingerprint(self, progress: Progress | None) -> Fingerprint:
        if self._found is None:
            kept: Fingerprint | None = getattr(self.corpus, "fingerprint", None)
            self._found = kept if kept and not self.is_subset else self._measure(progress)
        return self._found

    def measure_fingerprint(self) -> str:
        """Mix everything and compute `fingerprint` from the samples themselves."""
        return self._measure().sha256

    def mix(self, index: int) -> tuple[ListLine, Mixed]:
        """Return a line and what is mixed from it, without its videos and words."""
        line = self.mixture_list.lines[self._chosen[index]]
        return line, self._mix(line)

    @property
    def mouth_origin(self) -> str:
        """Where mouth crops come from, one phrase."""
        source = getattr(self.corpus, "mouths", None)
        return "drawn" if source is None else str(source.origin)

    def missing_mouths(self) -> tuple[list[str], int]:
        """Name the utterances without mouth crops, and count all; reads no file.

        Sets that draw their mouths have nothing to count: `([], 0)`.
        """
        if not isinstance(self.corpus, ClipCorpus):
            return [], 0
        utterances = sorted({name for line in self._lines for name in line.utterances})
        clips = [self.corpus.clip(name) for name in utterances]
        return self.corpus.mouths.missing(clips), len(clips)

    def require_mouths(self) -> None:
        """Check that every utterance has a mouth, before anything starts.

        Raises:
            DataError: Some have none; all are named.
        """
        missing, total = self.missing_mouths()
        if missing and len(missing) == total:
            raise DataError(
                f"there are no mouth crops for '{self.id}'; give a folder of crops with --crops,"
                " 68-point files with --landmarks, or let them be computed with --mediapipe."
            )
        if missing:
            raise DataError(
                f"{len(missing)} of {total} utterances have no mouth crops: {', '.join(missing)};"
                " get them, or run systems that look at no mouths."
            )

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
        return _open_part, (self._reopen, self._chosen)

    def __repr__(self) -> str:
        return f"<Dataset {self.id}: {len(self)} mixtures>"

    @property
    def _lines(self) -> Iterator[ListLine]:
        return (self.mixture_list.lines[index] for index in self._chosen)

    def _part(self, chosen: tuple[int, ...]) -> Dataset:
        return Dataset(
            self.card,
            self.mixture_list,
            self.corpus,
            reopen=self._reopen,
            root=self.root,
            marks=self.marks,
            chosen=chosen,
        )

    def _stratum(self, index: int) -> tuple[list[tuple[str, str]], float, int]:
        line = self.mixture_list.lines[index]
        first, second = line.gains_db
        return sorted(self.corpus.conditions(line.paths).items()), first - second, index

    def _measure(self, progress: Progress | None = None) -> Fingerprint:
        digest = hashlib.sha256()
        prints: list[MixturePrint] = []
        for done, line in enumerate(self._lines, 1):
            mixed = self._mix(line)
            digest.update(pack_mixed(line.name, mixed))
            prints.append(print_mixture(line.name, mixed))
            if progress:
                progress(done, len(self))
        return Fingerprint(self.id, self.list_sha256, digest.hexdigest(), tuple(prints))

    def _read_voice(self, path: str) -> NDArray[np.int16]:
        samples = None if self.card.clip_s is None else round(self.card.clip_s * self._rate)
        return self.corpus.read_voice(path, samples)[:samples]

    def _read_levelled(self, path: str) -> NDArray[np.float64]:
        return level_voice(self._voice(path))

    @property
    def _rate(self) -> int:
        return self.card.sample_rate

    def _mix(self, line: ListLine) -> Mixed:
        if isinstance(self.corpus, FinishedCorpus):
            return self.corpus.read_mixed(line.name)
        if self.card.level == "rms":
            voices = [self._voice(path) for path in line.paths]
            length = min(len(voice) for voice in voices)
            first, second = (level_rms(voice[:length]) for voice in voices)
            return mix_levelled((first, second), line.gains_db)
        first, second = (self._levelled(path) for path in line.paths)
        return mix_levelled((first, second), line.gains_db, self._length(len(first), len(second)))

    def _length(self, first: int, second: int) -> int:
        if self.card.clip_s is not None or self.card.length == "shorter":
            return min(first, second)
        return first if self.card.length == "target" else max(first, second)

    def _make(self, line: ListLine) -> Mixture:
        mixed = self._mix(line)
        samples = len(mixed.mixture)
        first, second = line.paths
        transcripts = (
            self.corpus.transcript(first, samples),
            self.corpus.transcript(second, samples),
        )
        return Mixture(
            id=line.name,
            mixture=_to_float(mixed.mixture),
            references=_to_float(mixed.references),
            videos=(self.corpus.video(first, samples), self.corpus.video(second, samples)),
            transcripts=transcripts,
            targets=self.card.mixture_list.targets,
            sample_rate=self._rate,
            conditions={
                **self.corpus.conditions(line.paths),
                **measure_conditions(mixed, transcripts, self._rate),
            },
        )


def _open_part(reopen: Callable[[], Dataset], chosen: tuple[int, ...]) -> Dataset:
    return reopen()._part(chosen)


def _to_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    return np.asarray(samples, np.float32) / np.float32(FULL_SCALE)
