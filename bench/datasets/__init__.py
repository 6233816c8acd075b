"""Data sets: from a card and a list to finished mixtures with their videos and words."""

from __future__ import annotations

from bench.datasets.cards import Card
from bench.datasets.corpus import Corpus
from bench.datasets.dataset import Dataset
from bench.datasets.registry import list_datasets, load_card, load_dataset

__all__ = ["Card", "Corpus", "Dataset", "list_datasets", "load_card", "load_dataset"]
