"""What every separator is measured against: the mixture itself, and masks that know the answer.

The masks are applied in a short-time Fourier transform of 512 samples (32 ms), hop 128 (8 ms), a
periodic Hann window, centred with zero padding; the phase is the mixture's. With the magnitudes
`S1`, `S2` of the two voices:

* ideal binary mask: 1 where the target is the louder one (`S1 > S2`), else 0
  (Wang, "On ideal binary mask as the computational goal of auditory scene analysis", 2005);
* ideal ratio mask: `sqrt(S1^2 / (S1^2 + S2^2))`
  (Wang, Narayanan and Wang, "On training targets for supervised speech separation", 2014).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from bench.separators.base import Separator
from bench.separators.card import Setting

__all__ = ["IdealMask", "UnprocessedMixture", "build"]


class UnprocessedMixture(Separator):
    """Return the mixture as the estimate of every speaker: what doing nothing is worth."""

    halves_batch = False  # it gives two voices, whatever it sees

    def _separate(self, mixture: Tensor, embeddings: Any, faces: Tensor | None) -> Tensor:
        return mixture[:, None].repeat(1, 2, 1)


class IdealMask(Separator):
    """Mask the mixture's spectrogram with a mask computed from the references."""

    uses_references = True

    def __init__(self, *, binary: bool, window: int, hop: int) -> None:
        super().__init__()
        self.binary = binary
        self.window, self.hop = window, hop

    def _separate_with_references(
        self, mixture: Tensor, references: Tensor, embeddings: Any
    ) -> Tensor:
        batch, speakers, samples = references.shape
        power = self._spectrogram(references.flatten(0, 1)).abs().square()
        power = power.reshape(batch, speakers, *power.shape[1:])  # (batch, speaker, bin, frame)
        others = power.sum(1, keepdim=True) - power
        if self.binary:
            mask = (power > others).to(power.dtype)
        else:
            mask = (power / (power + others).clamp_min(torch.finfo(power.dtype).tiny)).sqrt()
        masked = mask * self._spectrogram(mixture)[:, None]
        return self._waveform(masked.flatten(0, 1), samples).reshape(references.shape)

    def _spectrogram(self, waveform: Tensor) -> Tensor:
        return torch.stft(
            waveform,
            self.window,
            self.hop,
            window=torch.hann_window(self.window, device=waveform.device),
            pad_mode="constant",
            return_complex=True,
        )

    def _waveform(self, spectrogram: Tensor, samples: int) -> Tensor:
        window = torch.hann_window(self.window, device=spectrogram.device)
        return torch.istft(spectrogram, self.window, self.hop, window=window, length=samples)


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make the baseline that a card describes."""
    mask = settings.get("mask")
    if mask is None:
        return UnprocessedMixture()
    return IdealMask(
        binary=mask == "binary", window=int(settings["window"]), hop=int(settings["hop"])
    )
