"""Lip embeddings, computed once per utterance and used in every mixture it appears in.

LRS2-2Mix uses one clip up to 57 times. Embeddings are kept in memory, and on disk by content where
the weights are those of files, so that other processes and later runs find them too.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bench.core.cache import keep, recall
from bench.core.environment import package_versions
from bench.core.hashing import hash_array, hash_settings
from bench.separators.base import Separator

__all__ = ["EmbeddingCache", "join_speakers"]

_MOST_IN_MEMORY = 512


class EmbeddingCache:
    """Remembers what `encode_mouths` returned for each utterance.

    Args:
        separator: The separator that encodes.
        device: Where it lives.

    Attributes:
        stream: Which pictures the separator looks at: "mouth" or "face_track".
    """

    def __init__(self, separator: Separator, device: str) -> None:
        self._separator = separator
        self._device = device
        self.stream = separator.mouth_input.stream if separator.mouth_input else "mouth"
        self._memory: OrderedDict[tuple[str, int], Any] = OrderedDict()

    def embed(self, utterance: str, read: Callable[[], NDArray[np.uint8]], samples: int) -> Any:
        """Return the embedding of one mouth, computed at most once.

        Args:
            utterance: Id of the utterance; equal ids mean equal frames.
            read: Gives the frames, `(frames, ...)`; called only if they are needed.
            samples: Length of the mixture.
        """
        key = (utterance, samples)
        if key not in self._memory:
            self._memory[key] = self._find(read(), samples)
            if len(self._memory) > _MOST_IN_MEMORY:
                self._memory.popitem(last=False)
        self._memory.move_to_end(key)
        return self._memory[key]

    def _compute(self, crops: NDArray[np.uint8], samples: int) -> Any:
        mouths = self._separator.prepare_mouths(crops)[None, None].to(self._device)
        return self._separator.encode_mouths(mouths, samples=samples)

    def _find(self, crops: NDArray[np.uint8], samples: int) -> Any:
        """Recall the embedding from disk, or compute and keep it there."""
        if self._separator.identity.weights != "checkpoint":
            return self._compute(crops, samples)
        address = hash_settings(
            {
                "identity": asdict(self._separator.identity),
                "mouths": hash_array(crops),
                "samples": samples,
                "device": self._device,
                "threads": torch.get_num_threads(),
                "packages": package_versions(("avss-bench", "torch")),
            }
        )
        if kept := recall("embeddings", address):
            return torch.from_numpy(np.load(io.BytesIO(kept))).to(self._device)
        embedding = self._compute(crops, samples)
        if isinstance(embedding, torch.Tensor):
            buffer = io.BytesIO()
            np.save(buffer, embedding.cpu().numpy())
            keep("embeddings", address, buffer.getvalue())
        return embedding


def join_speakers(embeddings: list[Any]) -> Any:
    """Put embeddings of single mouths, `(1, 1, ...)` each, side by side along the speaker axis."""
    first = embeddings[0]
    if isinstance(first, torch.Tensor):
        return torch.cat(embeddings, 1)
    if isinstance(first, dict):
        return {name: join_speakers([item[name] for item in embeddings]) for name in first}
    if isinstance(first, tuple | list):
        return type(first)(join_speakers(list(items)) for items in zip(*embeddings, strict=True))
    return first
