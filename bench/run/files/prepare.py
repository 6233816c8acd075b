"""Making a fast local tree of finished mixtures from any copy of a data set.

Work is spread over processes and can be interrupted anywhere; the same command goes on. See
`bench.datasets.trees.tree_writer` for what is written, and `bench.datasets.trees.prepared` for the
layout.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.datasets.checks import Gathered
from bench.datasets.dataset import Dataset
from bench.datasets.trees.clips import frames_of
from bench.datasets.trees.native import NativeCorpus
from bench.datasets.trees.prepared import MANIFEST_NAME, Manifest, read_manifest
from bench.datasets.trees.released_tree import TreeCorpus
from bench.datasets.trees.tree_writer import (
    JOURNAL_NAME,
    Done,
    Item,
    Job,
    finish,
    hold_tree,
    make_task,
    named_videos,
    note,
    open_journal,
)
from bench.errors import DataError, StorageError, UsageError
from bench.execute.choice import choose_executor
from bench.execute.outcome import Executor

__all__ = ["Needed", "Prepared", "estimate_size", "prepare"]

Progress = Callable[[int, int], None]

_WAV_HEADER = 44
_NOTED_AT_ONCE = 50
# What deflate leaves of grey mouth crops, measured on real faces; drawn ones are smaller.
_CROP_SHARE = 0.65
_PROBES = 8


@dataclass(frozen=True)
class Needed:
    """Disk use, estimated before anything is written.

    Attributes:
        audio_bytes: Of all wav files.
        mouth_bytes: Of all mouth files.
        video_bytes: Of copied videos.
        free_bytes: What is free where the tree will lie.
    """

    audio_bytes: int
    mouth_bytes: int
    video_bytes: int
    free_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.audio_bytes + self.mouth_bytes + self.video_bytes


@dataclass(frozen=True)
class Prepared:
    """What `prepare` did.

    Attributes:
        folder: The finished tree.
        mixtures: How many it holds.
        made: How many were made now; the others were there.
        mouths: How many utterances have mouth crops.
        converted: Utterances that were not 16 kHz mono or not 25 fps, and what they were.
    """

    folder: Path
    mixtures: int
    made: int
    mouths: int
    converted: Mapping[str, str]


def estimate_size(dataset: Dataset, out: Path, *, videos: bool = False) -> Needed:
    """Estimate the disk use of a tree; exact for sets of clips but for the mouths.

    Args:
        dataset: What will be prepared.
        out: Where the tree will lie; it need not exist.
        videos: Whether videos are copied.

    Raises:
        DataError: A mixture that was tried cannot be made.
    """
    rate = dataset.card.sample_rate
    samples = round((dataset.card.clip_s or _mean_length_s(dataset)) * rate)
    missing, total = dataset.missing_mouths()
    crops = 0 if missing else total * frames_of(samples) * 96 * 96
    there = out
    while not there.exists():
        there = there.parent
    return Needed(
        3 * len(dataset) * (_WAV_HEADER + 2 * samples),
        round(crops * _CROP_SHARE),
        sum(path.stat().st_size for path, _ in named_videos(dataset)) if videos else 0,
        shutil.disk_usage(there).free,
    )


def prepare(
    dataset: Dataset,
    out: Path,
    *,
    workers: int = 1,
    videos: bool = False,
    progress: Progress | None = None,
) -> Prepared:
    """Write a tree, or finish one that was begun.

    Args:
        dataset: A whole set, opened from a native corpus or a released tree.
        out: Folder of the tree.
        workers: Number of processes; the tree does not depend on it.
        videos: Also copy the videos, for systems that look at faces.
        progress: Called with (pieces done, pieces in all).

    Raises:
        UsageError: `out` cannot be the folder of this tree.
        DataError: Utterances cannot be read; all are named, and what is done is kept.
        StorageError: There is not enough room.
    """
    _refuse_folder(dataset, out)
    missing, utterances = dataset.missing_mouths()
    with_mouths = len(missing) < utterances
    manifest = read_manifest(out)
    if manifest is not None:
        mouths_from = dataset.mouth_origin if with_mouths else "none"
        return _already_there(dataset, out, manifest, mouths_from, videos)
    if with_mouths:
        dataset.require_mouths()
    if not (out / JOURNAL_NAME).is_file():
        _refuse_full_disk(estimate_size(dataset, out, videos=videos), out)
    mouths = utterances if with_mouths else 0
    with hold_tree(out):
        job = Job(dataset, out, open_journal(out, dataset))
        made = _Mixtures(job, _Count(len(dataset) + mouths, progress))
        executor = choose_executor(workers)
        made.write(executor)
        if with_mouths:
            made.write_mouths(executor)
        finish(job, made.gathered, made.converted, videos)
    return Prepared(out, len(dataset), made.fresh, mouths, dict(sorted(made.converted.items())))


class _Count:
    """Tells how far everything is."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, total, progress
        if progress:
            progress(0, total)

    def advance(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._done, self._total)


class _Mixtures:
    """The mixtures and mouths of a tree while they are being written."""

    def __init__(self, job: Job, count: _Count) -> None:
        self._job = job
        self._count = count
        self._problems: list[str] = []
        self._to_note: dict[str, str] = {}
        self.gathered = Gathered(job.dataset)
        self.converted: dict[str, str] = {}
        self.fresh = 0

    def write(self, executor: Executor) -> None:
        """Write all mixtures; every problem is named at the end."""
        work = [Item("mixture", position) for position in range(len(self._job.dataset))]
        try:
            for outcome in executor.run(partial(make_task, self._job), work):
                self._take(outcome.item, outcome.result or Done(problem=outcome.crash))
                self._count.advance()
        finally:
            note(self._job.out, self._to_note)
        _refuse_problems(self._problems, "mixtures", len(work))

    def write_mouths(self, executor: Executor) -> None:
        """Write the crops of every utterance, as many as its longest mixture needs."""
        samples: dict[str, int] = {}
        lines = self._job.dataset.mixture_list.lines
        for line, report in zip(lines, self.gathered.reports, strict=True):
            for utterance in line.utterances:
                longest = max(report.fingerprint.samples, samples.get(utterance, 0))
                samples[utterance] = longest
        work = [Item("mouth", utterance=name, samples=n) for name, n in sorted(samples.items())]
        problems = []
        for outcome in executor.run(partial(make_task, self._job), work):
            done = outcome.result or Done(problem=f"{outcome.item.utterance}: {outcome.crash}")
            problems += [done.problem] if done.problem else []
            for name, how in (done.converted or {}).items():
                self.converted[name] = ", ".join(filter(None, (self.converted.get(name), how)))
            self._count.advance()
        _refuse_problems(problems, "mouths", len(work))

    def _take(self, item: Item, done: Done) -> None:
        name = self._job.dataset.ids[item.position]
        if done.report is None:
            self._problems.append(done.problem or name)
            return
        self.gathered.add(item.position, done.report, done.content)
        self.converted |= done.converted or {}
        if done.made:
            self.fresh += 1
            self._to_note[name] = done.report.fingerprint.sha256
        if len(self._to_note) >= _NOTED_AT_ONCE:
            note(self._job.out, self._to_note)
            self._to_note = {}


def _mean_length_s(dataset: Dataset) -> float:
    positions = range(0, len(dataset), max(1, len(dataset) // _PROBES))
    lengths = [len(dataset.mix(position)[1].mixture) for position in positions]
    return sum(lengths) / len(lengths) / dataset.card.sample_rate


def _refuse_folder(dataset: Dataset, out: Path) -> None:
    if dataset.is_subset:
        raise UsageError("a subset was given, but only whole sets are prepared.")
    if not isinstance(dataset.corpus, NativeCorpus | TreeCorpus):
        raise UsageError(f"'{dataset.id}' ships its material; there is nothing to prepare.")
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file, but --out expects a folder; give another name.")
    if dataset.root is not None and out.resolve() == dataset.root.resolve():
        raise UsageError(f"--out {out} is the root itself; give another folder for the tree.")
    names = {path.name for path in out.iterdir()} if out.is_dir() else set()
    if names and names.isdisjoint({JOURNAL_NAME, MANIFEST_NAME}):
        raise UsageError(f"{out} is not empty and holds no tree of ours; give another --out.")


def _refuse_full_disk(needed: Needed, out: Path) -> None:
    if needed.free_bytes < needed.total_bytes:
        raise StorageError(
            f"{out} needs about {needed.total_bytes / 1e6:.0f} MB, but only"
            f" {needed.free_bytes / 1e6:.0f} MB are free; choose another --out."
        )


def _already_there(
    dataset: Dataset, out: Path, manifest: Manifest, mouths: str, videos: bool
) -> Prepared:
    """Return what a finished tree is, if it is what was asked for."""
    if (manifest.dataset, manifest.list_sha256) != (dataset.id, dataset.list_sha256):
        raise UsageError(
            f"{out} holds '{manifest.dataset}' from the list {manifest.list_sha256[:12]}…; give"
            " another --out."
        )
    if manifest.mouths != mouths or (videos and not (out / "videos").is_dir()):
        has = "videos" if (out / "videos").is_dir() else "no videos"
        raise UsageError(
            f"{out} is finished, with mouths from {manifest.mouths} and {has}; give another --out"
            f" for mouths from {mouths}{' with videos' if videos else ''}."
        )
    count = 0 if manifest.mouths == "none" else len(list((out / "mouths").glob("*.npz")))
    return Prepared(out, manifest.mixtures, 0, count, manifest.converted)


def _refuse_problems(problems: Sequence[str], what: str, total: int) -> None:
    if problems:
        reasons = "; ".join(sorted({problem.rstrip(".") for problem in problems}))
        raise DataError(
            f"{len(problems)} of {total} {what} could not be made: {reasons}. What is done is kept;"
            " the same command goes on from there."
        )
