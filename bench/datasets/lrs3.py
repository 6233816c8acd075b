"""LRS3-TED as its owners give it out: `test/<youtube id>/<utt>.mp4` and `.txt`.

`pretrain` and `trainval` have other utterances and are never searched. A cluster is a talk, which
stands for its speaker: nearly, not strictly, true. Most transcripts end with word times.
"""

from __future__ import annotations

import re
from pathlib import Path

from bench.datasets.cards import Card
from bench.datasets.choices import MouthChoice
from bench.datasets.corpus import Corpus
from bench.datasets.lists import MixtureList
from bench.datasets.trees.material import open_material
from bench.datasets.trees.native import Layout

__all__ = ["LAYOUT", "open_corpus"]

LAYOUT = Layout(
    corpus="LRS3-TED",
    expected="test/<youtube id>/<utt>.mp4",
    pattern=re.compile(r"([A-Za-z0-9_-]{11})_([0-9]+)"),
    skipped=frozenset({"pretrain", "trainval"}),
)


def open_corpus(folder: Path, card: Card, mixtures: MixtureList, mouths: MouthChoice) -> Corpus:
    """Open a native corpus or a tree of finished mixtures; the adapter's entry point."""
    return open_material(folder, LAYOUT, card, mixtures, mouths)
