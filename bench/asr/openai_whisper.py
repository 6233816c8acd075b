"""OpenAI's Whisper: greedy, no memory of earlier text, every 30-s window by itself.

Windows are decoded in batches of one fixed shape: the last batch is filled up, so that a text never
depends on what else was asked. A window is taken for silence by Whisper's own rule (probability of
no speech above 0.6 and mean log probability of the text below -1).
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.asr.recogniser import WINDOW, Hypothesis, Voice, windows
from bench.core.hashing import hash_file
from bench.errors import DataError, UsageError

__all__ = ["OpenaiWhisper"]

_NO_SPEECH = 0.6
_UNSURE = -1.0


class OpenaiWhisper:
    """A model file of `openai-whisper`.

    Args:
        file: Holds `dims` and `model_state_dict`.
        device: Where it runs.
        batch: Windows that are decoded together.

    Raises:
        DataError: No such file, or it holds no Whisper model.
    """

    def __init__(self, file: Path, *, device: str = "cpu", batch: int = 16) -> None:
        if batch < 1:
            raise UsageError(f"--batch {batch} was given, expected at least 1.")
        self._model = _load(file, device)
        self._batch = batch
        self._sha256 = hash_file(file)

    @property
    def identity(self) -> Mapping[str, str]:
        """See `Recogniser`."""
        return {
            "engine": "openai-whisper",
            "version": version("openai-whisper"),
            "sha256": self._sha256,
            "decoding": "greedy, windows of 30 s without memory, float32",
            "batch": str(self._batch),
            "device": self._model.device.type,
        }

    def recognise(self, voices: Sequence[Voice], language: str | None) -> list[Hypothesis]:
        """See `Recogniser`. Later windows of a voice are heard in the language of its first."""
        pieces = [windows(voice) for voice in voices]
        firsts = self._decode([cut[0] for cut in pieces], language)
        texts = [[first.text] for first in firsts]
        for position, cut in enumerate(pieces):
            if cut[1:]:
                more = self._decode(cut[1:], firsts[position].language)
                texts[position] += [hypothesis.text for hypothesis in more]
        return [
            Hypothesis(" ".join(filter(None, text)), first.language)
            for text, first in zip(texts, firsts, strict=True)
        ]

    def _decode(self, pieces: Sequence[Voice], language: str | None) -> list[Hypothesis]:
        found: list[Hypothesis] = []
        for start in range(0, len(pieces), self._batch):
            some = pieces[start : start + self._batch]
            filled = [*some, *[some[-1]] * (self._batch - len(some))]
            found += self._decode_batch(filled, language)[: len(some)]
        return found

    def _decode_batch(self, pieces: Sequence[Voice], language: str | None) -> list[Hypothesis]:
        import whisper

        mels = [
            whisper.log_mel_spectrogram(
                torch.from_numpy(np.pad(piece, (0, WINDOW - len(piece)))),
                n_mels=self._model.dims.n_mels,
            )
            for piece in pieces
        ]
        options = whisper.DecodingOptions(
            language=language if self._model.is_multilingual else "en",
            temperature=0.0,
            without_timestamps=True,
            fp16=False,
        )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)  # it leaves its tokeniser open
                results = whisper.decode(
                    self._model, torch.stack(mels).to(self._model.device), options
                )
        except ValueError as error:  # its tokenizer does not know the language
            raise UsageError(f"Whisper cannot listen in the language '{language}'.") from error
        return [
            Hypothesis("" if _is_silence(result) else result.text, result.language)
            for result in results
        ]


def _is_silence(result: Any) -> bool:
    return bool(result.no_speech_prob > _NO_SPEECH and result.avg_logprob < _UNSURE)


def _load(file: Path, device: str) -> Any:
    import whisper

    if not file.is_file():
        raise DataError(f"there is no model file {file}: give one of openai-whisper (small.pt).")
    try:
        return whisper.load_model(str(file), device=device).eval()
    except (pickle.UnpicklingError, RuntimeError, LookupError, TypeError, EOFError) as error:
        reason = str(error).split("\n", 1)[0]
        raise DataError(
            f"{file} is no model of openai-whisper ({reason}): expected one .pt file that holds "
            "its dims and model_state_dict."
        ) from error
