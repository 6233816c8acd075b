"""faster-whisper (CTranslate2), an extra: the same models, other arithmetic, another metric id."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.asr.recogniser import Hypothesis, Voice, windows
from bench.core.hashing import hash_file
from bench.errors import DataError, UsageError

__all__ = ["FasterWhisper"]


class FasterWhisper:
    """A converted model: a folder with `model.bin`.

    Args:
        folder: Made by `ct2-transformers-converter`, or fetched.
        device: Where it runs.

    Raises:
        DataError: The folder holds no such model.
        UsageError: The extra is not installed.
    """

    def __init__(self, folder: Path, *, device: str = "cpu") -> None:
        weights = folder / "model.bin"
        if not weights.is_file():
            raise DataError(
                f"{folder} holds no model.bin: give the folder of a model of faster-whisper."
            )
        self._model = _load(folder, device)
        self._sha256 = hash_file(weights)
        self._device = device

    @property
    def identity(self) -> Mapping[str, str]:
        """See `Recogniser`."""
        return {
            "engine": "faster-whisper",
            "version": _version(),
            "sha256": self._sha256,
            "decoding": "greedy, windows of 30 s without memory, float32",
            "device": self._device,
        }

    def recognise(self, voices: Sequence[Voice], language: str | None) -> list[Hypothesis]:
        """See `Recogniser`."""
        return [self._one(voice, language) for voice in voices]

    def _one(self, voice: Voice, language: str | None) -> Hypothesis:
        texts = []
        for piece in windows(voice):
            segments, about = self._model.transcribe(
                piece,
                language=language,
                beam_size=1,
                temperature=0.0,
                condition_on_previous_text=False,
                without_timestamps=True,
            )
            language = about.language
            texts += [segment.text.strip() for segment in segments]
        return Hypothesis(" ".join(filter(None, texts)), str(language))


def _load(folder: Path, device: str) -> Any:
    try:
        package: Any = importlib.import_module("faster_whisper")
    except ImportError as error:
        raise UsageError(
            "faster-whisper is not installed: run `pip install 'avss-bench[faster-whisper]'`, or "
            "use --engine openai-whisper."
        ) from error
    try:
        return package.WhisperModel(str(folder), device=device, compute_type="float32")
    except (RuntimeError, ValueError, OSError) as error:
        raise DataError(f"{folder} is no model of faster-whisper: {error}") from error


def _version() -> str:
    try:
        return version("faster-whisper")
    except PackageNotFoundError:
        return "unknown"
