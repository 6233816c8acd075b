"""Opening a user's copy: a tree that `prepare` made, a released tree, or the native corpus.

What is found first is used, in this order. Mouth crops come from the folder that was named, else
from a folder `mouths` (or VisualVoice's `mouth_roi`) in the copy, else from 68-point files, else
from MediaPipe if that was asked for.
"""

from __future__ import annotations

from pathlib import Path

from bench.datasets.cards import Card
from bench.datasets.choices import MouthChoice
from bench.datasets.corpus import Corpus
from bench.datasets.lists import MixtureList
from bench.datasets.pictures.mouths import CropFiles, LandmarkFiles, MouthSource, NoMouths
from bench.datasets.trees.native import Layout, NativeCorpus, find_clips
from bench.datasets.trees.prepared import MANIFEST_NAME, open_prepared
from bench.datasets.trees.released_tree import TreeCorpus, check_names, find_tree
from bench.datasets.trees.search import find_named
from bench.errors import DataError

__all__ = ["open_material"]

_CROP_FOLDERS = ("mouths", "mouth_roi", "mouth_roi_hdf5")


def open_material(
    folder: Path, layout: Layout, card: Card, mixtures: MixtureList, choice: MouthChoice
) -> Corpus:
    """Open a user's copy.

    Raises:
        DataError: The folder is missing, holds something else, or files of the list are missing.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder} for '{card.id}'; check the path.")
    wanted = sorted({name for line in mixtures.lines for name in line.utterances})
    tops = frozenset(layout.parts(name)[0] for name in wanted)
    if (folder / MANIFEST_NAME).is_file():
        own_mouths = None if choice == MouthChoice() else _mouths(folder, tops, choice)
        return open_prepared(folder, layout, card, mixtures, own_mouths)
    mouths = _mouths(folder, tops, choice)
    tree = find_tree(folder, tops)
    if tree is not None:
        check_names(tree, mixtures)
        return TreeCorpus(tree, layout, card, mouths)
    clips = find_clips(folder, layout, wanted)
    return NativeCorpus(layout, clips, mouths, whole=card.clip_s is None)


def _mouths(folder: Path, tops: frozenset[str], choice: MouthChoice) -> MouthSource:
    if choice.crops is not None:
        return CropFiles(choice.crops, tops)
    if (found := find_named(folder, _CROP_FOLDERS, tops)) is not None:
        return CropFiles(found, tops)
    if choice.landmarks is not None:
        return LandmarkFiles(choice.landmarks, tops)
    if choice.mediapipe is not None:
        from bench.datasets.pictures.mediapipe_mouths import MediapipeMouths

        return MediapipeMouths(choice.mediapipe)
    return NoMouths()
