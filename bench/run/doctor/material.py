"""Which data sets and which model files are on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.asr.board_model import BOARD_SHA256, find_board_model
from bench.core.hashing import hash_file
from bench.datasets import list_datasets, load_card, load_dataset
from bench.datasets.cards import Card
from bench.errors import BenchError
from bench.run.doctor.finding import Finding
from bench.separators import find_card, list_separators
from bench.separators.download import kept_file

__all__ = ["examine_data_sets", "examine_model_files"]

_DATA, _MODELS = "data sets", "model files"
# Folders that only one of the corpora has.
_FOLDERS = {"main": "lrs2", "trainval": "lrs3", "aac": "voxceleb2", "mp4": "voxceleb2"}
_GET_WHISPER = "`avss-bench transcribe --download`, or name its file in AVSS_BENCH_WHISPER"


def examine_data_sets(roots: Sequence[Path]) -> Iterator[Finding]:
    """Open every set that ships, and look for the others below the roots."""
    used: set[Path] = set()
    for card in map(load_card, list_datasets()):
        if card.material is not None:
            yield _shipped_set(card)
            continue
        root = next((root for root in roots if _opens(card.id, root)), None)
        if root is None:
            yield Finding(_DATA, card.id, "missing", "does not ship", "give your copy as --root")
            continue
        used.add(root)
        yield Finding(_DATA, card.id, "ok", f"{root}, {card.mixture_list.mixtures} mixtures")
    yield from (_strange_root(root) for root in roots if root not in used)


def _shipped_set(card: Card) -> Finding:
    """Open a set as a run would, and decode one voice of it."""
    try:
        data = load_dataset(card.id)
        data.mix(0)
    except BenchError as error:
        mend = "install avss-bench anew"
        return Finding(_DATA, card.id, "broken", str(error), mend, needed=True)
    return Finding(_DATA, card.id, "ok", f"ships, {len(data)} mixtures", needed=True)


def _opens(id: str, root: Path) -> bool:
    """Whether a folder holds every file of a set; nothing is decoded."""
    try:
        load_dataset(id, root)
    except BenchError:
        return False
    return True


def _strange_root(root: Path) -> Finding:
    if not root.is_dir():
        mend = "check the path"
        return Finding(_DATA, "--root", "broken", f"no folder {root}", mend, needed=True)
    found = f"none of these sets opens from {root}"
    mend = f"`avss-bench prepare {_likely_set(root)} --root {root} --verify` says why"
    return Finding(_DATA, "--root", "broken", found, mend, needed=True)


def _likely_set(root: Path) -> str:
    """Guess of which set a folder is a copy: by its path, or by the folders of its corpus."""
    sets = [card.id for card in map(load_card, list_datasets()) if card.material is None]
    corpora = {id.partition("-")[0]: id for id in reversed(sets)}
    name = root.resolve().as_posix().lower()
    by_name = [corpus for corpus in corpora if corpus in name]
    by_folder = [corpus for folder, corpus in _FOLDERS.items() if (root / folder).is_dir()]
    return next((corpora[c] for c in [*by_name, *by_folder] if c in corpora), "SET")


def examine_model_files() -> Iterator[Finding]:
    """Look for the recogniser of the board, and for the weights that were fetched."""
    yield _recogniser()
    for name in list_separators():
        if find_card(name).files:
            yield _weights(name)


def _recogniser() -> Finding:
    path = find_board_model()
    if path is None:
        return Finding(_MODELS, "whisper", "missing", "no model for word error rates", _GET_WHISPER)
    if hash_file(path) != BOARD_SHA256:
        found = f"{path} is not the model of the board"
        return Finding(_MODELS, "whisper", "broken", found, _GET_WHISPER)
    return Finding(_MODELS, "whisper", "ok", str(path))


def _weights(separator: str) -> Finding:
    """Say which files of a system lie in the cache; others are given with each command."""
    kept = {file: kept_file(separator, file) for file in find_card(separator).files}
    bad = [f.name for f, path in kept.items() if path and f.sha256 and hash_file(path) != f.sha256]
    if bad:
        found = f"{', '.join(bad)} in the cache is not the published file"
        mend = f"delete it and give `avss-bench run {separator} --download`"
        return Finding(_MODELS, separator, "broken", found, mend)
    lacking = [file for file, path in kept.items() if path is None]
    if not lacking:
        return Finding(_MODELS, separator, "ok", f"{len(kept)} files in the cache")
    mend = f"`avss-bench list {separator}` tells where"
    if all(file.url for file in lacking):
        mend = f"`avss-bench run {separator} --download`"
    return Finding(_MODELS, separator, "missing", "not in the cache", mend)
