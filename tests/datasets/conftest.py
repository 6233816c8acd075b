"""The embedded sets, opened once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.core.resources import shipped
from bench.datasets import Dataset, load_dataset
from bench.datasets.synthetic.utterances import Utterance, read_index
from bench.datasets.talking_heads import INDEX_NAME

CORPUS = shipped("datasets") / "talking-heads-2mix"


@pytest.fixture(scope="session")
def corpus_folder() -> Path:
    """The folder of the embedded corpus."""
    return CORPUS


@pytest.fixture(scope="session")
def index() -> dict[str, Utterance]:
    """All utterances of the embedded corpus."""
    return read_index(CORPUS / INDEX_NAME)


@pytest.fixture(scope="session")
def clips() -> Dataset:
    """The set of 2-s clips."""
    return load_dataset("talking-heads-2mix")


@pytest.fixture(scope="session")
def whole() -> Dataset:
    """The set of whole sentences."""
    return load_dataset("talking-heads-2mix-full")
