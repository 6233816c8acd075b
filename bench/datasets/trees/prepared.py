"""A tree that `prepare` has finished: finished mixtures, mouths, words, list and fingerprint.

```
prepared.json        what it is; written last, so a tree without it is not complete
mixtures.scp         the list, byte for byte
fingerprint.json     exact and tolerant fingerprint of every mixture
transcripts.json     what is said in each utterance, where known
audio/wav16k/min/tt/{mix,s1,s2}/<mixture>.wav
mouths/<utterance>.npz
videos/<utterance>.mp4      only if asked for
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.core.jsonio import dumps_pretty, loads
from bench.datasets.cards import Card
from bench.datasets.fingerprint import parse_fingerprint
from bench.datasets.lists import MixtureList
from bench.datasets.pictures.mouths import CropFiles, MouthSource, NoMouths
from bench.datasets.transcripts import SpokenWord, Transcript
from bench.datasets.trees.native import Layout
from bench.datasets.trees.released_tree import AUDIO, TreeCorpus, check_names
from bench.errors import DataError

__all__ = [
    "FINGERPRINT_NAME",
    "MANIFEST_NAME",
    "TRANSCRIPTS_NAME",
    "Manifest",
    "open_prepared",
    "read_manifest",
    "transcripts_text",
]

MANIFEST_NAME = "prepared.json"
FINGERPRINT_NAME = "fingerprint.json"
TRANSCRIPTS_NAME = "transcripts.json"
SCHEMA = 1

# A transcript, and the length of its utterance in seconds.
Texts = Mapping[str, tuple[Transcript, float]]


@dataclass(frozen=True)
class Manifest:
    """What a prepared tree is.

    Attributes:
        dataset: Id of the set.
        version: Of its card.
        list_sha256: Hash of the list.
        mixtures: How many there are.
        source: What it was made from ("native corpus", "released tree").
        mouths: Where the crops came from; "none" = there are none.
        marks: What every result must say about the crops.
        converted: Utterances that were not 16 kHz mono or not 25 fps, and what they were.
    """

    dataset: str
    version: str
    list_sha256: str
    mixtures: int
    source: str
    mouths: str
    marks: tuple[str, ...] = ()
    converted: Mapping[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    def text(self) -> str:
        """Return the file that keeps it."""
        return dumps_pretty(asdict(self))


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of a tree; None where there is none.

    Raises:
        DataError: It is damaged.
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        return None
    found = loads(path.read_bytes(), str(path))
    try:
        return Manifest(**{**found, "marks": tuple(found["marks"])})
    except (KeyError, TypeError) as error:
        raise DataError(f"{path} is no manifest of a prepared tree ({error}).") from error


def open_prepared(
    folder: Path,
    layout: Layout,
    card: Card,
    mixtures: MixtureList,
    mouths: MouthSource | None = None,
) -> TreeCorpus:
    """Open a prepared tree.

    Args:
        folder: The tree.
        layout: Of the corpus.
        card: Of the set that is wanted.
        mixtures: Its list.
        mouths: Other crops than those of the tree.

    Raises:
        DataError: The tree was made for another set or from another list, or files are missing.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise DataError(f"{folder} is not a finished tree; run `avss-bench prepare` again.")
    if (manifest.dataset, manifest.list_sha256) != (card.id, mixtures.sha256):
        raise DataError(
            f"{folder} was prepared for '{manifest.dataset}' from the list"
            f" {manifest.list_sha256[:12]}…, not for '{card.id}' from {mixtures.sha256[:12]}…;"
            " give the tree of this set."
        )
    check_names(folder / AUDIO, mixtures)
    fingerprint = folder / FINGERPRINT_NAME
    videos = folder / "videos"
    return TreeCorpus(
        folder / AUDIO,
        layout,
        card,
        mouths or _own_mouths(folder, manifest),
        fingerprint=parse_fingerprint(_read(fingerprint), str(fingerprint)),
        transcripts=_read_transcripts(folder / TRANSCRIPTS_NAME),
        videos=videos if videos.is_dir() else None,
    )


def transcripts_text(texts: Texts) -> str:
    """Return the file that keeps transcripts."""
    return dumps_pretty({name: _plain(*entry) for name, entry in texts.items()})


def _own_mouths(folder: Path, manifest: Manifest) -> MouthSource:
    if manifest.mouths == "none":
        return NoMouths()
    return CropFiles(folder / "mouths", origin=manifest.mouths, marks=manifest.marks)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"cannot read {path} ({error.strerror}); prepare the tree again."
        ) from error


def _read_transcripts(path: Path) -> Texts:
    found: dict[str, Any] = loads(_read(path), str(path))
    try:
        return {name: _parse(entry) for name, entry in found.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is no file of transcripts ({error}); prepare again.") from error


def _plain(transcript: Transcript, length_s: float) -> dict[str, object]:
    words = transcript.words
    times = None if words is None else [[word.text, word.end_s] for word in words]
    return {"text": transcript.text, "length_s": length_s, "words": times}


def _parse(entry: Mapping[str, Any]) -> tuple[Transcript, float]:
    times = entry["words"]
    words = None if times is None else tuple(SpokenWord(text, end_s) for text, end_s in times)
    return Transcript(str(entry["text"]), words), float(entry["length_s"])
