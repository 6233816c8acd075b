"""Mix two voices exactly as the official two-speaker sets were mixed.

Each voice is brought to an active speech level of 0 dB (measured on an 8 kHz copy), then to its own
gain; the sum and both voices share one factor that puts the largest magnitude among them at 0.9 of
full scale; all three are rounded to int16, half away from zero. A pure function of voices and
gains: no files, no randomness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.datasets.levels import active_power, halve_rate

__all__ = ["FULL_SCALE", "Mixed", "level_rms", "level_voice", "mix_levelled", "mix_voices"]

FULL_SCALE = 32768
_PEAK = 0.9

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Mixed:
    """A finished mixture.

    Attributes:
        mixture: int16 `(samples,)`.
        references: int16 `(2, samples)`; their sum is the mixture within one step.
    """

    mixture: Samples
    references: Samples


def mix_voices(
    voices: tuple[Samples, Samples], gains_db: tuple[float, float], samples: int | None = None
) -> Mixed:
    """Mix two voices.

    Args:
        voices: int16 at 16 kHz; each level is measured on all that is given.
        gains_db: Gain of each voice in dB.
        samples: Length of the mixture, voices cut or padded with zeros at their end; the shorter
            of the two when not given, as the official sets do.
    """
    first, second = voices
    return mix_levelled((level_voice(first), level_voice(second)), gains_db, samples)


def level_voice(voice: Samples) -> NDArray[np.float64]:
    """Scale a voice to an active level of 0 dB; digital silence stays as it is."""
    signal = voice / FULL_SCALE
    power = active_power(halve_rate(signal))
    return np.asarray(signal / np.sqrt(power) if power > 0 else signal, np.float64)


def level_rms(voice: Samples) -> NDArray[np.float64]:
    """Scale a voice to a root mean square of 1; digital silence stays as it is."""
    signal = voice / FULL_SCALE
    power = float(np.sum(voice.astype(np.int64) ** 2)) / max(len(voice), 1) / FULL_SCALE**2
    return np.asarray(signal / np.sqrt(power) if power > 0 else signal, np.float64)


def mix_levelled(
    levelled: tuple[NDArray[np.float64], NDArray[np.float64]],
    gains_db: tuple[float, float],
    samples: int | None = None,
) -> Mixed:
    """Mix two voices that `level_voice` has made; the other arguments as in `mix_voices`."""
    length = min(len(voice) for voice in levelled) if samples is None else samples
    voices = np.zeros((2, length))
    for row, voice, gain_db in zip(voices, levelled, gains_db, strict=True):
        kept = voice[:length]
        row[: len(kept)] = 10 ** (gain_db / 20) * kept
    mixture = voices[0] + voices[1]
    largest = max(np.abs(mixture).max(initial=0), np.abs(voices).max(initial=0))
    factor = _PEAK / largest if largest > 0 else 1.0
    return Mixed(_to_int16(factor * mixture), _to_int16(factor * voices))


def _to_int16(signal: NDArray[np.float64]) -> Samples:
    """Round half away from zero; `np.round` would round half to even."""
    steps = signal * FULL_SCALE
    return np.trunc(steps + np.copysign(0.5, steps)).astype(np.int16)
