"""Make the audio and the index of a corpus: sentences spoken, timed, levelled and packed."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
from espeak import Espeak, Speech
from numpy.typing import NDArray
from scipy.signal import resample_poly
from talking_heads_voices import Speaker

from bench.core.files import write_bytes, write_text
from bench.core.hashing import hash_bytes
from bench.datasets.levels import active_level_db, halve_rate
from bench.datasets.synthetic.utterances import Phoneme, Utterance, Word, format_index
from bench.datasets.talking_heads import INDEX_NAME, audio_path

__all__ = ["RATE_HZ", "speak_corpus"]

RATE_HZ = 16000
_LEVEL_DB = -26.0  # active level of every utterance
_TAIL_MS = 140


def speak_corpus(
    folder: Path,
    speakers: Sequence[Speaker],
    sentences: Sequence[str],
    lengths_s: tuple[float, float],
) -> None:
    """Let the speakers say the sentences in turn; write audio and index.

    Args:
        folder: Of the corpus.
        speakers: In turn.
        sentences: One utterance each.
        lengths_s: The shortest and the longest that an utterance may last.
    """
    spoken: list[tuple[Utterance, bytes]] = []
    with Espeak({speaker.id: speaker.variant for speaker in speakers}) as espeak:
        for number, sentence in enumerate(sentences):
            speaker = speakers[number % len(speakers)]
            id = f"{speaker.id}_{1 + number // len(speakers):05d}"
            speech = espeak.say(
                sentence, voice=f"{speaker.accent}+{speaker.id}", words_per_minute=speaker.rate
            )
            spoken.append(_finish(id, speaker, sentence, speech, espeak.rate_hz))
    for utterance, content in spoken:
        seconds = utterance.samples / RATE_HZ
        if not lengths_s[0] <= seconds <= lengths_s[1]:
            raise SystemExit(f"{utterance.id} lasts {seconds:.2f} s: {utterance.transcript}")
        write_bytes(folder / audio_path(utterance.id), content)
    index = sorted((utterance for utterance, _ in spoken), key=lambda utterance: utterance.id)
    write_text(folder / INDEX_NAME, format_index(index))


def _finish(
    id: str, speaker: Speaker, sentence: str, speech: Speech, rate_hz: int
) -> tuple[Utterance, bytes]:
    """Resample, level and place one spoken sentence; return its index line and its FLAC bytes."""
    lead_ms = 40 + 20 * random.Random(id).randrange(8)

    def to_ms(sample: int) -> int:
        return lead_ms + round(1000 * sample / rate_hz)

    voiced = [number for number, (name, _) in enumerate(speech.phonemes) if name[0] != "_"]
    end_ms = to_ms(speech.phonemes[voiced[-1] + 1][1])
    phonemes = [Phoneme("_", 0)]
    phonemes += [Phoneme(name, to_ms(start)) for name, start in speech.phonemes[: voiced[-1] + 1]]
    phonemes.append(Phoneme("_", end_ms))
    samples = _place(speech.samples, rate_hz, lead_ms, end_ms + _TAIL_MS)
    content = _encode(samples)
    words = _word_times(sentence, speech, to_ms)
    utterance = Utterance(
        id, speaker.id, speaker.accent, len(samples), hash_bytes(content), words, tuple(phonemes)
    )
    return utterance, content


def _place(
    speech: NDArray[np.int16], rate_hz: int, lead_ms: int, length_ms: int
) -> NDArray[np.int16]:
    """Bring speech to 16 kHz and a common level, after a lead of silence, at a fixed length."""
    resampled = resample_poly(speech / 32768, RATE_HZ, rate_hz, window=("kaiser", 8.0))
    level_db = active_level_db(halve_rate(resampled))
    levelled = resampled * 10 ** ((_LEVEL_DB - level_db) / 20)
    placed = np.zeros(length_ms * RATE_HZ // 1000)
    start = lead_ms * RATE_HZ // 1000
    kept = levelled[: len(placed) - start]
    placed[start : start + len(kept)] = kept
    if np.abs(placed).max() >= 1:
        raise SystemExit("a voice clips at the common level; lower _LEVEL_DB.")
    return np.round(placed * 32767).astype(np.int16)


def _encode(samples: NDArray[np.int16]) -> bytes:
    """Compress to FLAC."""
    buffer = io.BytesIO()
    soundfile.write(
        buffer, samples, RATE_HZ, format="FLAC", subtype="PCM_16", compression_level=1.0
    )
    return buffer.getvalue()


def _word_times(sentence: str, speech: Speech, to_ms: Callable[[int], int]) -> tuple[Word, ...]:
    """Give every written word the time of the spoken group that it belongs to."""
    starts = dict(speech.words)
    groups: list[tuple[int, list[str]]] = []
    position = 0
    for text in sentence.split():
        position = sentence.index(text, position)
        if position in starts:
            groups.append((starts[position], []))
        groups[-1][1].append(text)
        position += len(text)
    if len(groups) != len(starts):
        raise SystemExit(f"eSpeak NG counts other words than are written: {sentence}")
    ends = [_last_sound_end(speech, stop) for stop, _ in groups[1:]]
    ends.append(_last_sound_end(speech, len(speech.samples)))
    return tuple(
        Word(text, to_ms(start), to_ms(end))
        for (start, texts), end in zip(groups, ends, strict=True)
        for text in texts
    )


def _last_sound_end(speech: Speech, before: int) -> int:
    """Return where the last sound that starts earlier than `before` ends."""
    starts = [start for _, start in speech.phonemes] + [len(speech.samples)]
    sounding = [
        number
        for number, (name, start) in enumerate(speech.phonemes)
        if start < before and name[0] != "_"
    ]
    return min(starts[sounding[-1] + 1], before)
