"""Scoring folders of audio files: the door for every system that runs elsewhere.

Estimates, references and mixtures lie in three folders under equal names (the extension does not
count). Every file problem is a failed item with one sentence; only a folder that cannot be used at
all is an error. References that share another rate than 16 kHz are scored after resampling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import fmean, median
from typing import Any

from bench.errors import DataError, UsageError
from bench.execute.outcome import Executor
from bench.execute.processes import Processes
from bench.execute.serial import Serial
from bench.metrics import (
    DEFAULT_METRICS,
    find_metric,
    metric_versions,
    resample,
    score,
    value_names,
)
from bench.run.audio_folders import (
    ItemFiles,
    audio_files,
    common_rate,
    match_files,
    read_signals,
)

__all__ = ["FolderScores", "ItemScores", "score_folders"]

Progress = Callable[[int, int], None]

_RATE = 16000
_RULE = (
    "linear-phase polyphase filter, Kaiser window, 60 dB of rejection, as in STOI "
    "(bench.metrics.resample)"
)


@dataclass(frozen=True)
class ItemScores:
    """The scores of one file.

    Attributes:
        id: Name of the reference file; of the estimate where there is no reference.
        values: By metric id, `<id>_i` = improvement over the mixture; None where undefined.
        status: "ok", "undefined" (some value does not exist) or "failed" (none does).
        error: One sentence unless "ok".
    """

    id: str
    values: Mapping[str, float | None]
    status: str
    error: str | None

    def plain(self) -> dict[str, Any]:
        """Return it as one flat mapping for JSON."""
        return {"id": self.id, **self.values, "status": self.status, "error": self.error}


@dataclass(frozen=True)
class FolderScores:
    """The scores of a folder of estimates.

    Attributes:
        items: Sorted by name.
        expected: Number of references.
        metrics: Ids that were asked for.
        resampled_from: Rate of the files in hertz if they were resampled to 16 kHz, else None.
        mixtures_without_reference: Files in the folder of mixtures that nothing was scored with.
    """

    items: tuple[ItemScores, ...]
    expected: int
    metrics: tuple[str, ...]
    resampled_from: int | None = None
    mixtures_without_reference: int = 0

    def count(self, status: str) -> int:
        """Count the items with this status."""
        return sum(item.status == status for item in self.items)

    @property
    def summary(self) -> dict[str, Any]:
        """What the folder came to, as JSON can hold it."""
        names = list(self.items[0].values)
        return {
            "expected": self.expected,
            **{status: self.count(status) for status in ("ok", "undefined", "failed")},
            "scores": {name: self._aggregate(name) for name in names},
            "metrics": {metric: asdict(find_metric(metric)) for metric in self.metrics},
            "sample_rate": _RATE,
            "resampled_from": self.resampled_from,
            "resampling": None if self.resampled_from is None else _RULE,
            "mixtures_without_reference": self.mixtures_without_reference,
        }

    def plain(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        return {"items": [item.plain() for item in self.items], "summary": self.summary}

    def _aggregate(self, name: str) -> dict[str, float | int | None]:
        found = [item.values[name] for item in self.items]
        values = [value for value in found if value is not None]
        return {
            "scored": len(values),
            "expected": self.expected,
            "mean": fmean(values) if values else None,
            "median": median(values) if values else None,
        }


@dataclass(frozen=True)
class _Settings:
    """What is the same for all items."""

    metrics: tuple[str, ...]
    with_mixtures: bool
    sample_rate: int


def score_folders(
    estimates: str | Path,
    references: str | Path,
    mixtures: str | Path | None = None,
    *,
    metrics: Sequence[str] = DEFAULT_METRICS,
    workers: int = 1,
    progress: Progress | None = None,
) -> FolderScores:
    """Score every estimate against the reference of the same name.

    Args:
        estimates: Folder of wav or flac files, one voice each; subfolders and hidden files are
            not looked at.
        references: Folder with the clean voice of each.
        mixtures: Folder with the mixture of each; given, improvements are computed too.
        metrics: Ids of the metrics.
        workers: Number of processes. It does not change the result.
        progress: Called with (items done, items in all).

    Raises:
        DataError: A folder does not exist, has no audio, or has two files of one name.
        UsageError: An unknown metric, or one that needs more than these folders.
    """
    wanted = _checked_metrics(metrics)
    if workers < 1:
        raise UsageError(f"workers={workers} must be at least 1.")
    folders = [
        audio_files(Path(folder)) if folder is not None else {}
        for folder in (estimates, references, mixtures)
    ]
    files = match_files(*folders)
    rate = common_rate(folders[1].values()) or _RATE
    settings = _Settings(wanted, mixtures is not None, rate)
    items = _scored(files, settings, Serial() if workers == 1 else Processes(workers), progress)
    return FolderScores(
        items=tuple(items),
        expected=len(folders[1]),
        metrics=wanted,
        resampled_from=None if rate == _RATE else rate,
        mixtures_without_reference=len(folders[2].keys() - folders[1].keys()),
    )


def _checked_metrics(metrics: Sequence[str]) -> tuple[str, ...]:
    known = tuple(metric_versions(metrics))
    for metric in known:
        if find_metric(metric).needs != "one target":
            raise UsageError(
                f"the metric '{metric}' needs every source of a mixture, and a folder of "
                "references holds one: leave it out."
            )
    return known


def _scored(
    files: Sequence[ItemFiles], settings: _Settings, executor: Executor, progress: Progress | None
) -> list[ItemScores]:
    found = []
    for outcome in executor.run(partial(_make_task, settings), files):
        crash = f"scoring '{outcome.item.id}' ended abnormally: {outcome.crash}."
        found.append(outcome.result or _failed(outcome.item, settings, crash))
        if progress:
            progress(len(found), len(files))
    return sorted(found, key=lambda item: item.id)


def _make_task(settings: _Settings) -> Callable[[ItemFiles], ItemScores]:
    return partial(_score_files, settings=settings)


def _score_files(files: ItemFiles, settings: _Settings) -> ItemScores:
    rate = settings.sample_rate
    try:
        signals = read_signals(files, with_mixture=settings.with_mixtures, sample_rate=rate)
    except DataError as error:
        return _failed(files, settings, str(error))
    at_16_khz = {
        role: resample(signal, from_hz=rate, to_hz=_RATE) for role, signal in signals.items()
    }
    scores = score(
        estimate=at_16_khz["estimate"],
        reference=at_16_khz["reference"],
        mixture=at_16_khz.get("mixture"),
        metrics=settings.metrics,
        sample_rate=_RATE,
    )
    return ItemScores(files.id, scores.values, scores.status, scores.error)


def _failed(files: ItemFiles, settings: _Settings, error: str) -> ItemScores:
    names = value_names(settings.metrics, with_mixture=settings.with_mixtures)
    return ItemScores(files.id, dict.fromkeys(names), "failed", error)
