"""An honest submission, made once for all tests of its verification."""

from __future__ import annotations

import pytest
from louder import LISTED, METRICS, Louder

import bench
from bench.board.verification import draw
from bench.datasets import Dataset
from bench.run.result import Run


@pytest.fixture(autouse=True)
def _cheap_draws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draw is made to cost time; one test pays the price."""
    if "construction" not in request.node.name:
        monkeypatch.setattr(draw, "_COST", 2)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return bench.load_dataset("talking-heads-2mix")


@pytest.fixture(scope="module")
def honest(dataset: Dataset) -> Run:
    """A quick look, whose six mixtures are all that can be drawn."""
    return bench.evaluate(Louder(), dataset, metrics=METRICS, name="Louder", limit=LISTED)
