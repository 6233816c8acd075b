"""What a mixture is like, measured on the finished voices: facts that results are broken down by.

| name | meaning |
|---|---|
| `input_snr_db_1`, `_2` | plain SNR of each voice in the mixture |
| `overlap` | share of the time with any voice during which both are active, 0..1 |
| `length_s` | length |
| `pitch_hz_1`, `_2` | median pitch of each voice |
| `pitch_difference_st` | distance of the two in semitones: small = easily confused |
| `content_similarity` | words in common / words in all (Jaccard), where both texts are known |

A voice is active in a frame of 20 ms whose level is at most 15.9 dB below its active speech level
(the margin of ITU-T P.56). Pitch: autocorrelation of 40-ms Hann frames every 10 ms at 8 kHz,
divided by that of the window; frames are voiced above 0.5. Values that cannot be told are absent.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bench.datasets.levels import active_level_db, halve_rate
from bench.datasets.mixing import FULL_SCALE, Mixed

__all__ = ["content_similarity", "measure_conditions", "median_pitch"]

Float = NDArray[np.float64]

_RATE = 8000
_MARGIN_DB = 15.9
_ACTIVE_FRAME = 160
_WINDOW, _HOP, _FFT = 320, 80, 1024
_LOWEST_HZ, _HIGHEST_HZ = 60, 400
_VOICED = 0.5
# So much is taken off per octave of lag, or double periods would win by a rounding error.
_OCTAVE_COST = 0.03
_QUIET_DB = 30.0
_FEWEST_VOICED = 5


def measure_conditions(
    mixed: Mixed, transcripts: tuple[str | None, str | None], sample_rate: int
) -> dict[str, float | str]:
    """Measure everything in the table above.

    Args:
        mixed: The finished mixture, 16 kHz.
        transcripts: What is said in it, where known.
        sample_rate: In hertz.
    """
    voices = [halve_rate(voice / FULL_SCALE) for voice in mixed.references]
    found: dict[str, float | str] = {**_input_snrs(mixed)}
    found["length_s"] = round(len(mixed.mixture) / sample_rate, 4)
    first, second = (_activity(voice) for voice in voices)
    if (first | second).any():
        found["overlap"] = round(float((first & second).sum() / (first | second).sum()), 4)
    pitches = [median_pitch(voice) for voice in voices]
    for target, pitch in enumerate(pitches, start=1):
        if pitch is not None:
            found[f"pitch_hz_{target}"] = round(pitch, 1)
    if pitches[0] is not None and pitches[1] is not None:
        found["pitch_difference_st"] = round(abs(12 * math.log2(pitches[0] / pitches[1])), 2)
    similarity = content_similarity(*transcripts)
    if similarity is not None:
        found["content_similarity"] = round(similarity, 4)
    return found


def median_pitch(voice: Float) -> float | None:
    """Return the median pitch of a voice at 8 kHz in hertz; None if it is hardly ever voiced."""
    if len(voice) < _WINDOW:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(voice, _WINDOW)[::_HOP]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * np.hanning(_WINDOW)
    energies = (frames**2).sum(axis=1)
    frames = frames[energies > energies.max() * 10 ** (-_QUIET_DB / 10)]
    if not len(frames):
        return None
    lags = _periods(_periodicity(frames))
    return None if len(lags) < _FEWEST_VOICED else _RATE / float(np.median(lags))


def content_similarity(first: str | None, second: str | None) -> float | None:
    """Return the share of words in common, 0..1; None where a text is unknown or empty.

    >>> content_similarity("THE CAT SAT", "THE DOG SAT")
    0.5
    """
    words, others = (set((text or "").upper().split()) for text in (first, second))
    return len(words & others) / len(words | others) if words and others else None


def _input_snrs(mixed: Mixed) -> dict[str, float]:
    """Plain SNR of each voice in the mixture, to 0.0001 dB; absent for a silent voice."""
    mixture, voices = mixed.mixture.astype(np.int64), mixed.references.astype(np.int64)
    found: dict[str, float] = {}
    for target, voice in enumerate(voices, start=1):
        rest = mixture - voice
        # Integers: sums are exact, whatever order a machine adds them in.
        voice_power, rest_power = int(np.sum(voice * voice)), int(np.sum(rest * rest))
        if voice_power and rest_power:
            ratio_db = 10 * float(np.log10(voice_power / rest_power))
            found[f"input_snr_db_{target}"] = round(ratio_db, 4)
    return found


def _activity(voice: Float) -> NDArray[np.bool_]:
    """Say for every frame of 20 ms whether the voice is active."""
    frames = voice[: len(voice) // _ACTIVE_FRAME * _ACTIVE_FRAME].reshape(-1, _ACTIVE_FRAME)
    floor = 10 ** ((active_level_db(voice, _RATE) - _MARGIN_DB) / 10)
    powers = (frames**2).mean(axis=1)
    return np.asarray((powers > 0) & (powers >= floor))


def _periodicity(frames: Float) -> Float:
    """Normalised autocorrelation by lag, `(frames, lags)`, freed of the window's own decay."""
    longest = _RATE // _LOWEST_HZ + 2
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_WINDOW), _FFT)) ** 2, _FFT)[:longest]
    spectrum = np.abs(np.fft.rfft(frames, _FFT, axis=1)) ** 2
    correlation = np.fft.irfft(spectrum, _FFT, axis=1)[:, :longest]
    normalised = (correlation / correlation[:, :1]) / (window / window[0])
    return np.asarray(normalised)


def _periods(periodicity: Float) -> Float:
    """Return the lag of the best peak of every voiced frame, between samples."""
    shortest = _RATE // _HIGHEST_HZ
    lags = np.arange(shortest, periodicity.shape[1] - 1)
    left, here, right = (periodicity[:, lags + step] for step in (-1, 0, 1))
    peaks = (here > left) & (here >= right) & (here > _VOICED)
    # A parabola through three lags: short periods would lose to their doubles without it.
    curve = np.where(peaks, left - 2 * here + right, -1)
    offsets = 0.5 * (left - right) / curve
    heights = here - 0.25 * (left - right) * offsets
    worth = np.where(peaks, heights - _OCTAVE_COST * np.log2(lags / shortest), -np.inf)
    voiced = np.flatnonzero(peaks.any(axis=1))
    best = worth[voiced].argmax(axis=1)
    return np.asarray(lags[best] + offsets[voiced, best], np.float64)
