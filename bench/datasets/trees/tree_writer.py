"""The pieces that a prepared tree is made of, each written whole or not at all.

What a process does is one `Item`: a mixture (three wav files) or the mouth crops of an utterance. A
journal notes the hash of every mixture that is done; after an interruption a noted mixture is read
back and held against its hash before it is believed. The manifest is written last: a tree without
it is never taken for complete. Layout: see `prepared`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile

from bench.core.files import (
    append_lines,
    hold,
    read_whole_lines,
    write_bytes,
    write_media,
    write_text,
)
from bench.core.jsonio import dumps, loads
from bench.core.media import crops_bytes, wav_bytes
from bench.datasets.checks import Gathered, MixtureReport, report_mixture
from bench.datasets.corpus import ClipCorpus
from bench.datasets.dataset import Dataset
from bench.datasets.fingerprint import hash_mixed, pack_mixed
from bench.datasets.list_files import LIST_NAME
from bench.datasets.mixing import Mixed
from bench.datasets.pictures.media import SAMPLE_RATE
from bench.datasets.trees.native import NativeCorpus
from bench.datasets.trees.prepared import (
    FINGERPRINT_NAME,
    MANIFEST_NAME,
    TRANSCRIPTS_NAME,
    Manifest,
    Texts,
    transcripts_text,
)
from bench.datasets.trees.released_tree import AUDIO, PARTS
from bench.errors import DataError, UsageError

__all__ = [
    "JOURNAL_NAME",
    "Done",
    "Item",
    "Job",
    "finish",
    "hold_tree",
    "make_task",
    "named_videos",
    "note",
    "open_journal",
]

JOURNAL_NAME = "preparing.jsonl"

Kind = Literal["mixture", "mouth"]


@dataclass(frozen=True)
class Job:
    """What a process needs.

    Attributes:
        dataset: What is prepared.
        out: The tree.
        noted: Exact hash of every mixture that the journal names.
    """

    dataset: Dataset
    out: Path
    noted: Mapping[str, str]


@dataclass(frozen=True)
class Item:
    """One piece of work: a mixture by its position, or the mouth of an utterance."""

    kind: Kind
    position: int = 0
    utterance: str = ""
    samples: int = 0


@dataclass(frozen=True)
class Done:
    """What became of a piece of work; a problem, or what the parent needs to know."""

    problem: str | None = None
    report: MixtureReport | None = None
    content: bytes = b""
    made: bool = True
    converted: Mapping[str, str] | None = None


def make_task(job: Job) -> Callable[[Item], Done]:
    def task(item: Item) -> Done:
        try:
            if item.kind == "mouth":
                return _write_mouth(job, item)
            return _write_mixture(job, item.position)
        except DataError as error:
            return Done(problem=str(error))

    return task


def _write_mixture(job: Job, position: int) -> Done:
    dataset = job.dataset
    name = dataset.ids[position]
    mixed = _read_back(job, name)
    made = mixed is None
    if mixed is None:
        _, mixed = dataset.mix(position)
        for part, samples in zip(PARTS, (mixed.mixture, *mixed.references), strict=True):
            path = job.out / AUDIO / part / f"{name}.wav"  # the journal's hash vouches for it
            write_media(path, wav_bytes(samples, SAMPLE_RATE))
    line = dataset.mixture_list.lines[position]
    converted = getattr(dataset.corpus, "converted", {})
    return Done(
        report=report_mixture(line, mixed, dataset.card),
        content=pack_mixed(name, mixed),
        made=made,
        converted={u: converted[u] for u in line.utterances if u in converted},
    )


def _read_back(job: Job, name: str) -> Mixed | None:
    """Return a mixture that an earlier attempt noted, if it is still what was noted."""
    if name not in job.noted:
        return None
    try:
        mixture, *references = (
            soundfile.read(job.out / AUDIO / part / f"{name}.wav", dtype="int16")[0]
            for part in PARTS
        )
        mixed = Mixed(mixture, np.stack(references))
    except (soundfile.SoundFileError, OSError, ValueError):
        return None
    return mixed if hash_mixed(name, mixed) == job.noted[name] else None


def _write_mouth(job: Job, item: Item) -> Done:
    corpus = job.dataset.corpus
    path = job.out / "mouths" / f"{item.utterance}.npz"
    if isinstance(corpus, ClipCorpus):
        crops = corpus.video(f"{item.utterance}.wav", item.samples).read_mouth()
        write_bytes(path, crops_bytes(crops))
    source = getattr(corpus, "mouths", None)
    converted: Mapping[str, str] = getattr(source, "converted", {})
    how = converted.get(item.utterance)
    return Done(converted={item.utterance: how} if how else None)


def _copy(source: Path, target: Path) -> None:
    if not (target.is_file() and target.stat().st_size == source.stat().st_size):
        write_bytes(target, source.read_bytes())


def finish(job: Job, gathered: Gathered, converted: Mapping[str, str], videos: bool) -> None:
    """Write everything about the whole, the manifest last."""
    dataset, out = job.dataset, job.out
    if videos:
        for path, name in named_videos(dataset):
            _copy(path, out / "videos" / f"{name}.mp4")
    write_bytes(out / LIST_NAME, dataset.mixture_list.content)
    write_text(out / FINGERPRINT_NAME, gathered.fingerprint().text())
    write_text(out / TRANSCRIPTS_NAME, transcripts_text(_texts(dataset)))
    corpus = dataset.corpus
    has_mouths = isinstance(corpus, ClipCorpus) and not dataset.missing_mouths()[0]
    write_text(
        out / MANIFEST_NAME,
        Manifest(
            dataset.id,
            dataset.card.version,
            dataset.list_sha256,
            len(dataset),
            "native corpus" if isinstance(corpus, NativeCorpus) else "released tree",
            dataset.mouth_origin if has_mouths else "none",
            corpus.mouths.marks if isinstance(corpus, ClipCorpus) and has_mouths else (),
            dict(sorted(converted.items())),
        ).text(),
    )
    (out / JOURNAL_NAME).unlink(missing_ok=True)


def named_videos(dataset: Dataset) -> list[tuple[Path, str]]:
    corpus = dataset.corpus
    names = sorted({name for line in dataset.mixture_list.lines for name in line.utterances})
    if not isinstance(corpus, ClipCorpus):
        return []
    clips = [corpus.clip(name) for name in names]
    return [(clip.video, clip.utterance) for clip in clips if clip.video is not None]


def _texts(dataset: Dataset) -> Texts:
    corpus = dataset.corpus
    if not isinstance(corpus, NativeCorpus):
        return {}
    found = {}
    for name in sorted({name for line in dataset.mixture_list.lines for name in line.utterances}):
        transcript = corpus.read_text(name)
        if transcript is not None:
            found[name] = (transcript, corpus.length_s(name))
    return found


def open_journal(out: Path, dataset: Dataset) -> dict[str, str]:
    """Begin a journal, or read that of an interrupted attempt; the folder must be held.

    The file stays the same one throughout, since the lock is on it.

    Returns:
        The hash of every mixture that was finished.

    Raises:
        UsageError: The attempt was about another set or list.
        DataError: A line other than a torn last one cannot be read.
    """
    path = out / JOURNAL_NAME
    head = dumps({"dataset": dataset.id, "list_sha256": dataset.list_sha256})
    whole = read_whole_lines(path)  # what a torn line noted is made again
    if not whole:
        append_lines(path, [head])
        return {}
    first, *rows = whole.decode(errors="replace").splitlines()
    if first != head:
        raise UsageError(f"{out} holds another tree that is not finished; give another --out.")
    return {str(name): str(sha256) for name, sha256 in (loads(row, str(path)) for row in rows)}


@contextmanager
def hold_tree(out: Path) -> Iterator[None]:
    """Keep a second process out of an unfinished tree.

    Raises:
        UsageError: Another process is at it, or has finished it since this one looked.
        StorageError: The folder cannot be written.
    """
    path = out / JOURNAL_NAME
    with hold(path, f"another process is preparing {out}; wait for it, or choose another --out."):
        if (out / MANIFEST_NAME).exists():
            path.unlink(missing_ok=True)
            raise UsageError(
                f"another process has just finished {out}; give the same command again to see it."
            )
        yield


def note(out: Path, hashes: Mapping[str, str]) -> None:
    """Note finished mixtures in the journal; returns when that has reached the disk."""
    append_lines(out / JOURNAL_NAME, [dumps([name, sha256]) for name, sha256 in hashes.items()])
