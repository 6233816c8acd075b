"""Complex spectra as maps, as RTFS-Net and its descendants have them.

A spectrum has 129 frequencies (a Hann window of 256 samples) and a frame every 128 samples; the
first frame is centred on the first sample.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["complex_product", "spectrum_of", "waveform_of"]

_WINDOW, _HOP = 256, 128


def spectrum_of(waveform: Tensor) -> Tensor:
    """Turn `(batch, samples)` into a complex `(batch, time, frequency)`.

    There must be more samples than a hop, for the ends are mirrored.
    """
    window = torch.hann_window(_WINDOW, device=waveform.device)
    spectrum = torch.stft(waveform, _WINDOW, _HOP, window=window, return_complex=True)
    return spectrum.transpose(1, 2)


def waveform_of(parts: Tensor, samples: int) -> Tensor:
    """Turn `(batch, real and imaginary, time, frequency)` into `(batch, samples)`."""
    window = torch.hann_window(_WINDOW, device=parts.device)
    spectrum = torch.view_as_complex(parts.permute(0, 3, 2, 1).contiguous())
    return torch.istft(spectrum, _WINDOW, _HOP, window=window, length=samples)


def complex_product(left: Tensor, right: Tensor) -> Tensor:
    """Multiply maps whose first half of channels is real and whose second half is imaginary."""
    left_real, left_imaginary = left.chunk(2, 1)
    real, imaginary = right.chunk(2, 1)
    product = torch.cat([left_real * real, left_real * imaginary], 1)
    product_real, product_imaginary = product.chunk(2, 1)
    product_real.addcmul_(left_imaginary, imaginary, value=-1)
    product_imaginary.addcmul_(left_imaginary, real)
    return product
