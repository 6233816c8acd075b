"""Waveforms and mouth crops as the bytes of files."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

__all__ = ["crops_bytes", "wav_bytes"]


def wav_bytes(samples: NDArray[np.int16] | NDArray[np.float32], sample_rate: int) -> bytes:
    """Encode one voice as wav without changing a sample.

    Args:
        samples: `(samples,)`; int16 becomes 16-bit PCM, float32 stays float.
        sample_rate: In hertz.
    """
    subtype = "PCM_16" if samples.dtype == np.int16 else "FLOAT"
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, sample_rate, format="WAV", subtype=subtype)
    return buffer.getvalue()


def crops_bytes(frames: NDArray[np.uint8]) -> bytes:
    """Encode mouth crops as the released trees keep them: npz, under the name `data`.

    Args:
        frames: uint8 `(frames, height, width)`.
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, data=frames)
    return buffer.getvalue()
