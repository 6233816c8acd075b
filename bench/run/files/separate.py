"""One mixture through one separator: both voices, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from bench.core.mixture import Mixture, Video
from bench.errors import DataError, SeparatorError, UsageError
from bench.run.embeddings import EmbeddingCache, join_speakers
from bench.run.mouth_modes import MouthMode
from bench.run.own_code import line_of
from bench.separators.base import Separator
from bench.separators.own import own_mouths, takes_mouths

__all__ = ["MixtureSeparator", "VoiceSource", "numeric_settings", "refuse_missing_streams"]

Voices = NDArray[np.float32]


_OUT_OF_MEMORY = (torch.cuda.OutOfMemoryError, MemoryError)


class VoiceSource(Protocol):
    """Where the estimates of a mixture come from: a network, or files that were written before.

    Attributes:
        halved: Ids of the mixtures whose batch of two voices was halved, for want of memory.
    """

    @property
    def halved(self) -> Collection[str]: ...

    def voices(self, mixture: Mixture, *, exchanged: bool = False) -> Voices:
        """Return both voices, float32 `(2, samples)`; see `MixtureSeparator.voices`."""
        ...


@contextmanager
def numeric_settings(threads: int) -> Iterator[None]:
    """Fix what the last digits depend on, and put it back afterwards."""
    before = torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32
    cudnn_before = torch.backends.cudnn.allow_tf32
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_num_threads(before[0])
        torch.backends.cuda.matmul.allow_tf32 = before[1]
        torch.backends.cudnn.allow_tf32 = cudnn_before


class MixtureSeparator:
    """Feeds mixtures of a data set to a separator.

    Args:
        separator: A `Separator`, or any module with its call signature.
        mode: What is done to the mouths first.
        device: Where the separator lives.

    Attributes:
        halved: See `VoiceSource`.
    """

    def __init__(self, separator: torch.nn.Module, mode: MouthMode, device: str) -> None:
        self._separator = separator
        self._mode = mode
        self._device = device
        self.halved: set[str] = set()
        self._embeddings: EmbeddingCache | None = None
        if isinstance(separator, Separator) and separator.mouth_input is not None:
            self._embeddings = EmbeddingCache(separator, device)

    def voices(self, mixture: Mixture, *, exchanged: bool = False) -> Voices:
        """Separate both voices.

        Args:
            mixture: The item.
            exchanged: Show each speaker's mouth in the place of the other's.

        Returns:
            float32 `(2, samples)`.

        Raises:
            SeparatorError: The separator raised, or returned something that is not two waveforms
                of the mixture's length.
        """
        waveform = torch.from_numpy(mixture.mixture)[None].to(self._device)
        try:
            videos = mixture.videos[::-1] if exchanged != self._mode.swaps else mixture.videos
            returned = self._separate(waveform, mixture, videos)
        except DataError as error:  # a video or a crop that cannot be read
            raise SeparatorError(str(error)) from error
        except Exception as error:
            # Whatever a separator does wrong costs this item, not the run.
            reason = str(error).strip().splitlines() or ["no message"]
            line = f" ({place})" if (place := line_of(error)) else ""
            raise SeparatorError(
                f"the separator raised {type(error).__name__}: {reason[0][:300]}{line}"
            ) from error
        return _checked(returned, waveform.shape[-1])

    def _separate(self, waveform: torch.Tensor, mixture: Mixture, videos: Sequence[Video]) -> Any:
        """Separate both voices, in two halves of the batch where memory is short."""
        try:
            return self._separator(waveform, **self._arguments(mixture, videos))
        except _OUT_OF_MEMORY:
            if not self._can_halve():
                raise
        # Outside of the handler, whose traceback holds on to what the first try computed.
        torch.cuda.empty_cache()
        self.halved.add(mixture.id)
        halves = [
            self._separator(waveform, **self._arguments(mixture, [video])) for video in videos
        ]
        return torch.cat(halves, dim=1)

    def _can_halve(self) -> bool:
        """Whether a voice can be had alone; a module of the user's is tried."""
        joint = getattr(self._separator, "uses_references", False)
        return not joint and getattr(self._separator, "halves_batch", True)

    def _arguments(self, mixture: Mixture, videos: Sequence[Video]) -> dict[str, Any]:
        """Collect what the separator asks for beside the mixture to separate these speakers."""
        if not isinstance(self._separator, Separator):
            if not takes_mouths(self._separator):
                return {}
            crops = np.stack([self._frames(video, "mouth") for video in videos])
            return {"mouths": own_mouths(self._separator, crops)[None].to(self._device)}
        arguments: dict[str, Any] = {}
        if self._separator.uses_references:
            references = torch.from_numpy(mixture.references)[None]
            arguments["references"] = references.to(self._device)
        if self._embeddings is not None:
            embedded = [self._embedding(video, len(mixture.mixture)) for video in videos]
            arguments["embeddings"] = join_speakers(embedded)
        if self._separator.face_input is not None:
            faces = np.stack([_read(video, "face") for video in videos])
            arguments["faces"] = self._separator.prepare_faces(faces)[None].to(self._device)
        return arguments

    def _embedding(self, video: Video, samples: int) -> Any:
        assert self._embeddings is not None
        stream = self._embeddings.stream
        return self._embeddings.embed(video.utterance, lambda: self._frames(video, stream), samples)

    def _frames(self, video: Video, stream: str) -> NDArray[np.uint8]:
        """Read the frames of a stream and disturb them as the mode says."""
        return self._mode.disturb(_read(video, stream), video.utterance)


def refuse_missing_streams(separator: object, dataset: Sequence[Mixture]) -> None:
    """Refuse a separator that needs pictures which the data set does not have.

    Raises:
        UsageError: Says which stream is missing.
    """
    if not isinstance(separator, Separator) or not len(dataset):
        return
    streams: list[str] = [separator.mouth_input.stream] if separator.mouth_input is not None else []
    streams += ["face"] if separator.face_input is not None else []
    for stream in streams:
        if any(getattr(video, f"read_{stream}") is None for video in dataset[0].videos):
            raise UsageError(
                f"{separator.card.id} needs the {stream.replace('_', ' ')} of each speaker, and "
                "this data set has none; choose another data set, or another --mouth-input."
            )


def _read(video: Video, stream: str) -> NDArray[np.uint8]:
    reader = getattr(video, f"read_{stream}")
    frames: NDArray[np.uint8] = reader()
    return frames


def _checked(returned: object, samples: int) -> Voices:
    expected = f"(1, 2, {samples})"
    if not isinstance(returned, torch.Tensor):
        raise SeparatorError(
            f"the separator returned {type(returned).__name__}, but a tensor of the shape "
            f"{expected} is expected."
        )
    if returned.ndim == 3 and returned.shape[:2] == (1, 2) and returned.shape[2] != samples:
        raise SeparatorError(
            f"the separator returned {returned.shape[2]} samples for a mixture of {samples}; "
            "pad or cut to the length of the mixture."
        )
    if tuple(returned.shape) != (1, 2, samples):
        raise SeparatorError(
            f"the separator returned the shape {tuple(returned.shape)}, but {expected} is expected."
        )
    voices = returned[0].detach().float().cpu().numpy()
    if not np.isfinite(voices).all():
        raise SeparatorError("the separator returned NaN or infinite samples.")
    return voices
