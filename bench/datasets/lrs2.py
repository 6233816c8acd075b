"""LRS2-BBC as its owners give it out: `mvlrs_v1/main/<video>/<utt>.mp4` and `.txt`.

`main` holds training, validation and test clips together; the mixture list alone says which are
used. `pretrain` has other utterances under the same names and is never searched. A cluster is a
video: the set has no speaker labels. `main` has no word times.
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
    corpus="LRS2-BBC",
    expected="mvlrs_v1/main/<video>/<utt>.mp4",
    pattern=re.compile(r"([0-9]+)_([0-9]+)"),
    skipped=frozenset({"pretrain"}),
)


def open_corpus(folder: Path, card: Card, mixtures: MixtureList, mouths: MouthChoice) -> Corpus:
    """Open a native corpus or a tree of finished mixtures; the adapter's entry point."""
    return open_material(folder, LAYOUT, card, mixtures, mouths)
