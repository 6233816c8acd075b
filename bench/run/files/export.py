"""Writing a data set for programs that know nothing of this one.

The layout is that of the released trees: `audio/wav16k/min/tt/{mix,s1,s2}/<mixture>.wav` (16 bit)
and `mouths/<utterance>.npz` (key `data`, uint8 `(frames, 96, 96)`), with a `manifest.json` that
says which mouth belongs to which voice. What another program makes of it is scored by
`avss-bench run --estimates`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.core.files import write_bytes, write_text
from bench.core.jsonio import dumps_pretty
from bench.core.media import crops_bytes, wav_bytes
from bench.core.mixture import Mixture, Video
from bench.core.names import check_file_name
from bench.datasets.trees.released_tree import AUDIO, PARTS
from bench.run.planning import describe_data

__all__ = ["export_dataset"]

_FULL_SCALE = 32768


def export_dataset(
    dataset: Sequence[Mixture],
    out: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write mixtures, references, mouths and the manifest; what is there already is written anew.

    Args:
        dataset: From `bench.load_dataset`, or any sequence of `Mixture`.
        out: Folder of the tree.
        progress: Called with (mixtures done, mixtures in all).

    Returns:
        Path of the manifest, which is written last: a tree without it is not complete.

    Raises:
        DataError: The id of a mixture or an utterance cannot name a file.
        StorageError: The disk is full or the folder cannot be written.
    """
    manifest = out / "manifest.json"
    manifest.unlink(missing_ok=True)
    entries = []
    mouths = _Mouths(out)
    for done, mixture in enumerate(dataset, 1):
        entries.append(_export_mixture(mixture, out, mouths))
        if progress:
            progress(done, len(dataset))
    content = {"schema": 1, **describe_data(dataset), "mixtures": entries}
    write_text(manifest, dumps_pretty(content))
    return manifest


class _Mouths:
    """The mouth files of a tree, each written once."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._files: dict[tuple[str, int], str] = {}

    def write(self, video: Video, samples: int) -> str:
        """Write the mouth that goes with so many samples, if it is new; return its path."""
        utterance = check_file_name(video.utterance)
        name = self._files.get((utterance, samples))
        if name is None:
            name = self._files[utterance, samples] = self._new_name(utterance, samples)
            write_bytes(self._out / name, crops_bytes(video.read_mouth()))
        return name

    def _new_name(self, utterance: str, samples: int) -> str:
        """Where an utterance is cut to several lengths, the later ones say theirs."""
        taken = set(self._files.values())
        name = utterance
        while f"mouths/{name}.npz" in taken:  # another utterance may have this very name
            name += f"_{samples}"
        return f"mouths/{name}.npz"


def _export_mixture(mixture: Mixture, out: Path, mouths: _Mouths) -> dict[str, object]:
    """Write one mixture, and the mouths that no earlier one had."""
    samples = len(mixture.mixture)
    parts = (mixture.mixture, *mixture.references)
    for part, signal in zip(PARTS, parts, strict=True):
        path = out / AUDIO / part / f"{check_file_name(mixture.id)}.wav"
        write_bytes(path, wav_bytes(_whole(signal), mixture.sample_rate))
    names = [mouths.write(video, samples) for video in mixture.videos]
    return {
        "mixture": mixture.id,
        "samples": samples,
        "sample_rate": mixture.sample_rate,
        "mouths": names,
        "targets": list(mixture.targets),
    }


def _whole(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Return 16-bit samples; those of the sets are 16-bit integers, so nothing is lost."""
    whole = np.clip(np.rint(samples.astype(np.float64) * _FULL_SCALE), -32768, 32767)
    return whole.astype(np.int16)
