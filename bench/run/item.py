"""One mixture from beginning to end: separated, both targets scored, told in two records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bench.core.files import write_media
from bench.core.media import wav_bytes
from bench.core.mixture import Mixture
from bench.core.names import estimate_path
from bench.core.plan import Plan
from bench.core.record import Record
from bench.errors import SeparatorError
from bench.metrics import score
from bench.metrics.ratios import si_snr
from bench.metrics.registry import value_names
from bench.run.files.saved import SavedEstimates
from bench.run.files.separate import MixtureSeparator, VoiceSource, numeric_settings
from bench.run.guarded import guarded_pesq
from bench.run.mouth_modes import parse_mouth_mode
from bench.run.reference_scores import mixture_scores

__all__ = ["Job", "failed_records", "has_voices", "make_task"]

Voices = NDArray[np.float32]

# Kinds of separators that have no symptoms to look for.
_NO_SYSTEM = ("baseline", "oracle")


@dataclass(frozen=True)
class Job:
    """Everything a process needs to work on items of a run.

    Attributes:
        plan: What the run does.
        separator: The network, or estimates that were written before.
        dataset: The mixtures, in the order of the list.
        device: Where the network lives; of several GPUs, which.
        estimates: Folder for the separated voices; None = they are not kept.
        exchange_probes: Positions of the mixtures that are also separated with the mouths
            exchanged, to see whether the estimates follow the mouths.
    """

    plan: Plan
    separator: torch.nn.Module | SavedEstimates
    dataset: Sequence[Mixture]
    device: str = "cpu"
    estimates: Path | None = None
    exchange_probes: frozenset[int] = frozenset()


def make_task(job: Job) -> Callable[[int], list[Record]]:
    """Make the function that turns the position of a mixture into its records."""
    separator = _voice_source(job)

    def task(position: int) -> list[Record]:
        with numeric_settings(job.plan.threads):
            return _records(job, separator, position)

    return task


def _voice_source(job: Job) -> VoiceSource:
    if isinstance(job.separator, SavedEstimates):
        return job.separator
    return MixtureSeparator(job.separator, parse_mouth_mode(job.plan.mouths), job.device)


def _records(job: Job, separator: VoiceSource, position: int) -> list[Record]:
    mixture = job.dataset[position]
    try:
        voices = separator.voices(mixture)
        if job.plan.permutation == "best":
            voices = _best_permutation(voices, mixture)
        diagnostics = {} if job.plan.kind in _NO_SYSTEM else _diagnose(voices)
        if position in job.exchange_probes:
            exchanged = separator.voices(mixture, exchanged=True)
            diagnostics["mouth_exchange_change"] = _change(voices, exchanged)
        if mixture.id in separator.halved:
            diagnostics["batch_halved"] = 1.0
    except SeparatorError as error:
        if not isinstance(separator, SavedEstimates):
            return failed_records(job.plan, mixture, str(error))
        return [_alone(job.plan, mixture, separator, target) for target in mixture.targets]
    if job.estimates is not None:
        _keep_voices(job.estimates, mixture, voices)
    return [
        _scored(job.plan, mixture, voices[target - 1], target, diagnostics)
        for target in mixture.targets
    ]


def _alone(plan: Plan, mixture: Mixture, saved: SavedEstimates, target: int) -> Record:
    """Score the one estimate of a mixture that can be read; what needs both is left out."""
    try:
        if plan.permutation == "best":
            saved.voices(mixture)
        voice = saved.voice(mixture, target)
    except SeparatorError as error:
        both = "the best permutation needs both estimates: " * (plan.permutation == "best")
        return _failed(plan, mixture, target, f"{both}{error}")
    return _scored(plan, mixture, voice, target, {})


def _best_permutation(voices: Voices, mixture: Mixture) -> Voices:
    """Order the estimates for the higher mean SI-SNR, for systems that do not see who is who."""
    orders = (voices, voices[::-1])
    fits = [np.sum(si_snr(estimate=order, reference=mixture.references)) for order in orders]
    return orders[int(np.nan_to_num(fits[1], nan=-np.inf) > np.nan_to_num(fits[0], nan=-np.inf))]


def failed_records(plan: Plan, mixture: Mixture, reason: str) -> list[Record]:
    """Tell that a mixture has no scores at all, and why."""
    return [_failed(plan, mixture, target, reason) for target in mixture.targets]


def _failed(plan: Plan, mixture: Mixture, target: int, reason: str) -> Record:
    empty = dict.fromkeys(value_names(list(plan.metrics), with_mixture=True))
    return Record(**_identity(plan, mixture, target), status="failed", error=reason, scores=empty)


def _scored(
    plan: Plan, mixture: Mixture, voice: Voices, target: int, diagnostics: Mapping[str, float]
) -> Record:
    own, other = target - 1, 2 - target
    reference, interferer = mixture.references[own], mixture.references[other]
    metrics, rate = list(plan.metrics), mixture.sample_rate
    scores = score(
        estimate=voice,
        reference=reference,
        mixture=mixture.mixture,
        metrics=metrics,
        sample_rate=rate,
        mixture_scores=mixture_scores(mixture.mixture, reference, interferer, metrics, rate),
        interferer=interferer,
        pesq=guarded_pesq,
    )
    towards_other = float(si_snr(estimate=voice, reference=interferer))
    found = dict(diagnostics)
    if np.isfinite(towards_other):
        found["si_snr_to_interferer"] = towards_other
    return Record(
        **_identity(plan, mixture, target),
        status=scores.status,
        error=scores.error,
        diagnostics=found,
        scores=scores.values,
    )


def _identity(plan: Plan, mixture: Mixture, target: int) -> dict[str, Any]:
    """Everything of a record that is known before anything is computed."""
    own, other = mixture.videos[target - 1], mixture.videos[2 - target]
    mine, theirs = f"_{target}", f"_{3 - target}"
    conditions = {
        name.removesuffix(mine): value
        for name, value in mixture.conditions.items()
        if not name.endswith(theirs)
    }
    return {
        "run": plan.run_id,
        "dataset": plan.dataset,
        "mixture": mixture.id,
        "target": target,
        "target_cluster": own.speaker,
        "interferer_cluster": other.speaker,
        "target_utterance": own.utterance,
        "interferer_utterance": other.utterance,
        "conditions": conditions,
    }


def _diagnose(voices: Voices) -> dict[str, float]:
    """Correlation of the two estimates: near 1, one voice was given twice."""
    first, second = voices.astype(np.float64) - voices.mean(1, keepdims=True, dtype=np.float64)
    norm = _norm(first) * _norm(second)
    return {"estimate_correlation": abs(float(np.sum(first * second))) / norm} if norm > 0 else {}


def _norm(signal: NDArray[np.floating[Any]]) -> float:
    """Euclidean norm by plain sums, whose last digits no number of BLAS threads can change."""
    return float(np.sqrt(np.sum(np.square(signal, dtype=np.float64))))


def _change(voices: Voices, exchanged: Voices) -> float:
    """How far the estimates moved when the mouths were exchanged, relative to their size."""
    size = _norm(voices)
    return _norm(voices - exchanged) / size if size > 0 else 0.0


def has_voices(folder: Path | None, mixture: str) -> bool:
    """Whether both voices of a mixture were kept; true where they need not be."""
    return folder is None or all(estimate_path(folder, mixture, k).exists() for k in (1, 2))


def _keep_voices(folder: Path, mixture: Mixture, voices: Voices) -> None:
    """Write `s1/` and `s2/` beside each other, as float32 wav, whole or not at all."""
    for speaker, voice in enumerate(voices, 1):
        path = estimate_path(folder, mixture.id, speaker)
        write_media(path, wav_bytes(voice, mixture.sample_rate))
