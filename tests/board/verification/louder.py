"""A system of somebody's own, its submission, and how that is run again or doctored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from bench.board.submissions.card import author_card
from bench.board.submissions.reading import Submission, read_submission
from bench.board.submissions.writing import draft_submission, write_submission
from bench.board.verification.replay import Replay, replay
from bench.datasets import Dataset
from bench.run.result import Run

METRICS = ("si_snr", "stoi")
LISTED = 6
SAID = {
    "system": "Louder",
    "authors": ["A. Nobody"],
    "modality": "audio-only",
    "causal": True,
    "licence": "CC0-1.0",
    "training_data": "none",
    "visual_pretraining": "none",
    "checkpoint_choice": "none",
    "training_seeds": 1,
}


class Louder(torch.nn.Module):
    """A system of somebody's own: the mixture, and for the second mouth a little less of it."""

    def __init__(self, gain: float = 0.5) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor([1.0, gain]))

    def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
        past = torch.nn.functional.pad(mixture, (1, 0))[:, :-1]
        return mixture[:, None] + self.gain[:, None] * past[:, None]


def submit(run: Run, folder: Path, **more: object) -> Submission:
    draft = draft_submission([run], author_card({**SAID, **more}), flags=["quick-look"])
    write_submission(draft, folder)
    return read_submission(folder)


def replayed(submission: Submission, dataset: Dataset, **more: object) -> Replay:
    (run,) = submission.to_runs()
    return replay(run, Louder(), dataset, **{"sample": LISTED, **more})  # type: ignore[arg-type]


def changed(run: Run, change: Callable[[dict], None], mixtures: set[str] | None = None) -> Run:
    """A run whose records were edited by hand, in some mixtures or in all."""
    records = []
    for record in run.records:
        entries = {n: getattr(record, n) for n in record.__dataclass_fields__}
        entries["scores"] = dict(entries["scores"])
        if mixtures is None or record.mixture in mixtures:
            change(entries)
        records.append(type(record)(**entries))
    return replace(run, records=tuple(records))


def better(entries: dict) -> None:
    entries["scores"]["si_snr"] += 0.5
    entries["scores"]["si_snr_i"] += 0.5
