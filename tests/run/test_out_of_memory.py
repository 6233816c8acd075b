"""A batch that is too large for memory is halved, visibly; what still fails is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny import Halves, TinySet

import bench
from bench.core.mixture import Mixture
from bench.run.files.saved import SavedEstimates
from bench.run.result import Run


class Cramped(Halves):
    """Has room for one mouth at a time; at all where the first sample of a mixture is positive."""

    def __init__(self, error: type[Exception] = torch.cuda.OutOfMemoryError, most: int = 1) -> None:
        super().__init__()
        self.error, self.most = error, most

    def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
        if len(mouths) * mouths.shape[1] > self.most and mixture[0, 0] > 0:
            raise self.error("there is no room")
        # Each voice differs from the other by its own mouth.
        return super().forward(mixture, mouths) + mouths.mean((2, 3, 4))[..., None]


class Roomy(Cramped):
    """The same with room for two."""

    def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
        self.most = 2
        return super().forward(mixture, mouths)


class Joint(Cramped):
    """Sees both mouths at once."""

    halves_batch = False


def run(separator: torch.nn.Module, out: Path | None = None, **settings: object) -> Run:
    return bench.evaluate(separator, TinySet(), out=out, metrics=["si_snr"], **settings)  # type: ignore[arg-type]


def tight(mixture: Mixture) -> bool:
    return bool(mixture.mixture[0] > 0)


TIGHT = {mixture.id for mixture in TinySet() if tight(mixture)}


@pytest.mark.parametrize("error", [torch.cuda.OutOfMemoryError, MemoryError])
def test_the_batch_is_halved_and_the_records_and_the_run_say_so(error: type[Exception]) -> None:
    found = run(Cramped(error))
    assert 0 < len(TIGHT) < 6
    halved = {record.mixture for record in found.records if "batch_halved" in record.diagnostics}
    assert halved == TIGHT
    assert {record.status for record in found.records} == {"ok"}
    (said,) = [s for s in found.summary.symptoms if "memory was too short" in s]
    assert f"for {len(TIGHT)} mixtures" in said


def test_the_voices_are_those_of_the_whole_batch() -> None:
    assert [r.scores for r in run(Cramped()).records] == [r.scores for r in run(Roomy()).records]


def test_a_system_that_needs_all_mouths_fails_on_these_items_alone() -> None:
    failed = {r.mixture: r.error for r in run(Joint()).records if r.status == "failed"}
    assert failed.keys() == TIGHT
    assert all("OutOfMemoryError: there is no room" in str(error) for error in failed.values())


def test_what_does_not_fit_alone_fails() -> None:
    failed = {
        record.mixture for record in run(Cramped(most=0)).records if record.status == "failed"
    }
    assert failed == TIGHT


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    one, two = run(Cramped(), tmp_path / "one"), run(Cramped(), tmp_path / "two", workers=2)
    assert one.records == two.records


def test_nothing_is_halved_in_estimates_that_were_written_elsewhere(tmp_path: Path) -> None:
    assert not SavedEstimates(tmp_path, "elsewhere").halved
