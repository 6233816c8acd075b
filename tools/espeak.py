"""Speak through eSpeak NG: samples, word times and phoneme times of one sentence.

The library and its data come with the PyPI package `espeakng-loader`; nothing is downloaded.
Voices are eSpeak voice variants that this project writes itself into a copy of the data folder.
"""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

__all__ = ["Espeak", "Speech"]

_SYNCHRONOUS, _PHONEME_EVENTS = 2, 1
_UTF8 = 1
_SEED = 1
_RATE, _VOLUME = 1, 2
_SAFE_VOLUME = 50  # percent of the default, at which no voice clips
_END_OF_LIST, _WORD, _PHONEME = 0, 1, 7


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass
class Speech:
    """One spoken sentence at the library's own rate.

    Attributes:
        samples: int16 `(samples,)`.
        words: (position in the text, first sample) of every word.
        phonemes: (eSpeak mnemonic with stress mark, first sample) of every phoneme.
    """

    samples: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    words: list[tuple[int, int]] = field(default_factory=list)
    phonemes: list[tuple[str, int]] = field(default_factory=list)


class Espeak:
    """The library, opened once per process (it keeps global state)."""

    def __init__(self, variants: Mapping[str, str]) -> None:
        """Open the library with `variants`: voice variant files by name."""
        self._folder = tempfile.TemporaryDirectory()
        data = Path(self._folder.name)
        _link_data(Path(espeakng_loader.get_data_path()), data)
        for name, text in variants.items():
            (data / "voices" / "!v" / name).write_text(text)
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self.rate_hz: int = self._library.espeak_Initialize(
            _SYNCHRONOUS, 0, str(data).encode(), _PHONEME_EVENTS
        )
        if self.rate_hz <= 0:
            raise RuntimeError("eSpeak NG did not start; reinstall the package espeakng-loader.")
        self._blocks: list[bytes] = []
        self._speech = Speech()
        # Kept, or the library would call a function that is gone.
        self._receiver = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._receiver)

    def __enter__(self) -> Espeak:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._library.espeak_Terminate()
        self._folder.cleanup()

    def say(self, text: str, *, voice: str, words_per_minute: int) -> Speech:
        """Speak `text` with `voice` ("en-us+variant")."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise RuntimeError(f"eSpeak NG has no voice '{voice}'.")
        self._library.espeak_SetParameter(_RATE, words_per_minute, 0)
        self._library.espeak_SetParameter(_VOLUME, _SAFE_VOLUME, 0)
        # Breath and roughness are random; the library would seed them with the time of day.
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))
        self._blocks, self._speech = [], Speech()
        encoded = text.encode()
        status = self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
        if status != 0:
            raise RuntimeError(f"eSpeak NG refused to speak '{text}' (status {status}).")
        self._speech.samples = np.frombuffer(b"".join(self._blocks), np.int16)
        return self._speech

    def _receive(self, samples: object, count: int, events: object) -> int:
        if count > 0 and samples:
            self._blocks.append(ctypes.string_at(samples, 2 * count))  # type: ignore[arg-type]
        index = 0
        while (event := events[index]).type != _END_OF_LIST:  # type: ignore[index]
            if event.type == _WORD:
                self._speech.words.append((event.text_position - 1, event.sample))
            elif event.type == _PHONEME:
                self._speech.phonemes.append((bytes(event.id.string).decode(), event.sample))
            index += 1
        return 0


def _link_data(original: Path, copy: Path) -> None:
    """Mirror the data folder with links, all but its folder of voice variants."""
    for entry in original.iterdir():
        if entry.name != "voices":
            (copy / entry.name).symlink_to(entry)
    (copy / "voices" / "!v").mkdir(parents=True)
