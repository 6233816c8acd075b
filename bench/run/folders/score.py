"""Scoring folders of audio files: the door for every system that runs elsewhere.

Estimates, references and mixtures lie in three folders under equal names (the extension does not
count). Every file problem is a failed item with one sentence; only a folder that cannot be used at
all is an error. References that share another rate than 16 kHz are scored after resampling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from math import isfinite
from pathlib import Path
from statistics import fmean, median
from typing import Any

from bench.errors import DataError, UsageError
from bench.execute.choice import choose_executor
from bench.execute.outcome import Executor
from bench.metrics import resample, si_snr
from bench.metrics.signals import Samples
from bench.metrics.verdicts import Verdict, judge
from bench.run.folders.audio_folders import (
    ItemFiles,
    audio_files,
    common_rate,
    match_files,
    read_signals,
)
from bench.run.folders.scoring_rule import STANDARD, ScoringRule, scoring_rule

__all__ = ["FolderScores", "ItemScores", "score_folders"]

Progress = Callable[[int, int], None]

_RATE = 16000
_RULE = (
    "linear-phase polyphase filter, Kaiser window, 60 dB of rejection, as in STOI "
    "(bench.metrics.resample)"
)
_NO_VERDICT = Verdict(None, None)


@dataclass(frozen=True)
class ItemScores:
    """The scores of one file.

    Attributes:
        id: Name of the reference file; of the estimate where there is no reference.
        values: By metric id, `<id>_i` = improvement over the mixture; None where undefined.
        status: "ok", "undefined" (some value does not exist) or "failed" (none does).
        error: One sentence unless "ok".
        verdict: Whether the separation failed, and whether it is the wrong voice; the interferer
            is what the mixture holds beside the reference.
    """

    id: str
    values: Mapping[str, float | None]
    status: str
    error: str | None
    verdict: Verdict = _NO_VERDICT

    def plain(self) -> dict[str, Any]:
        """Return it as one flat mapping for JSON."""
        outcome = {"status": self.status, "error": self.error}
        return {"id": self.id, **self.values, **asdict(self.verdict), **outcome}


@dataclass(frozen=True)
class FolderScores:
    """The scores of a folder of estimates.

    Attributes:
        items: Sorted by name.
        expected: Number of references.
        rule: What was computed.
        resampled_from: Rate of the files in hertz if they were resampled to 16 kHz, else None.
        mixtures_without_reference: Files in the folder of mixtures that nothing was scored with.
    """

    items: tuple[ItemScores, ...]
    expected: int
    rule: ScoringRule
    resampled_from: int | None = None
    mixtures_without_reference: int = 0

    def count(self, status: str) -> int:
        """Count the items with this status."""
        return sum(item.status == status for item in self.items)

    @property
    def summary(self) -> dict[str, Any]:
        """What the folder came to, as JSON can hold it."""
        return {
            "expected": self.expected,
            **{status: self.count(status) for status in ("ok", "undefined", "failed")},
            "scores": {name: self._aggregate(name) for name in self.rule.names},
            **{name: self._share(name) for name in asdict(_NO_VERDICT)},
            "metrics": self.rule.definitions,
            "engine": self.rule.engine,
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

    def _share(self, verdict: str) -> dict[str, int]:
        """Count the targets a verdict holds for, among those it could be told of."""
        told = [getattr(item.verdict, verdict) for item in self.items]
        return {"count": told.count(True), "known": len(told) - told.count(None)}


@dataclass(frozen=True)
class _Settings:
    """What is the same for all items."""

    rule: ScoringRule
    sample_rate: int


def score_folders(
    estimates: str | Path,
    references: str | Path,
    mixtures: str | Path | None = None,
    *,
    metrics: Sequence[str] | None = None,
    protocols: Sequence[str] = (STANDARD,),
    engine: str = "own",
    workers: int = 1,
    progress: Progress | None = None,
) -> FolderScores:
    """Score every estimate against the reference of the same name.

    Args:
        estimates: Folder of wav or flac files, one voice each; subfolders and hidden files are
            not looked at.
        references: Folder with the clean voice of each.
        mixtures: Folder with the mixture of each; given, improvements are computed too.
        metrics: Ids of the metrics of the standard protocol; None = the usual ones.
        protocols: "standard", or papers whose definitions are computed, or both.
        engine: "own", or "reference": torchmetrics, pesq and pystoi instead.
        workers: Number of processes. It does not change the result.
        progress: Called with (items done, items in all).

    Raises:
        DataError: A folder does not exist, has no audio, or has two files of one name.
        UsageError: An unknown metric, protocol or engine, or one that does not fit these folders.
    """
    rule = scoring_rule(
        metrics=metrics, protocols=protocols, engine=engine, with_mixture=mixtures is not None
    )
    if workers < 1:
        raise UsageError(f"workers={workers} must be at least 1.")
    folders = [
        audio_files(Path(folder)) if folder is not None else {}
        for folder in (estimates, references, mixtures)
    ]
    files = match_files(*folders)
    rate = common_rate(folders[1].values()) or _RATE
    settings = _Settings(rule, rate)
    items = _scored(files, settings, choose_executor(workers), progress)
    return FolderScores(
        items=tuple(items),
        expected=len(folders[1]),
        rule=rule,
        resampled_from=None if rate == _RATE else rate,
        mixtures_without_reference=len(folders[2].keys() - folders[1].keys()),
    )


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
    rate, with_mixture = settings.sample_rate, settings.rule.with_mixture
    try:
        signals = read_signals(files, with_mixture=with_mixture, sample_rate=rate)
    except DataError as error:
        return _failed(files, settings, str(error))
    at_16_khz = {
        role: resample(signal, from_hz=rate, to_hz=_RATE)
        for role, signal in signals.items()
        if role != "mixture" or with_mixture
    }
    scores = settings.rule.score(at_16_khz, _RATE)
    verdict = _judge(at_16_khz, scores.values)
    return ItemScores(files.id, scores.values, scores.status, scores.error, verdict)


def _judge(signals: Mapping[str, Samples], values: Mapping[str, float | None]) -> Verdict:
    """Judge an item by its SI-SNR, where that was asked for and there is a mixture."""
    if "mixture" not in signals or "si_snr" not in values:
        return _NO_VERDICT
    interferer = signals["mixture"] - signals["reference"]
    towards = float(si_snr(estimate=signals["estimate"], reference=interferer))
    return judge(
        si_snr=values["si_snr"],
        si_snr_i=values["si_snr_i"],
        si_snr_to_interferer=towards if isfinite(towards) else None,
    )


def _failed(files: ItemFiles, settings: _Settings, error: str) -> ItemScores:
    return ItemScores(files.id, dict.fromkeys(settings.rule.names), "failed", error)
