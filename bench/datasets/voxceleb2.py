"""VoxCeleb2 as its owners give it out: `[dev|test/]mp4/<speaker>/<youtube id>/<utt>.mp4`.

The sound stands in the mp4 and once more in a tree of m4a (`[dev|test/]aac/...`), which is used
where the mp4 is absent or silent. A cluster is a speaker. There are no transcripts.
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
    corpus="VoxCeleb2",
    expected="[dev|test/]mp4|aac/<speaker>/<youtube id>/<utt>.mp4|m4a",
    pattern=re.compile(r"(id[0-9]+)_([A-Za-z0-9_-]{11})_([0-9]+)"),
    transcribed=False,
)


def open_corpus(folder: Path, card: Card, mixtures: MixtureList, mouths: MouthChoice) -> Corpus:
    """Open a native corpus or a tree of finished mixtures; the adapter's entry point."""
    return open_material(folder, LAYOUT, card, mixtures, mouths)
