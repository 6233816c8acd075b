"""VisualVoice: Gao and Grauman, "VisualVoice: Audio-visual speech separation with cross-modal
consistency" (CVPR 2021, arXiv 2101.03149); the main model, which extracts one voice at a time.

    mixture -> spectrogram (window 400 in 512, hop 160)                  -> way down of a U-Net
    mouths  -> lip encoder (512 per frame), face -> face encoder (128)   -> joined at its bottom
    mask = 5 tanh(way up), complex;  estimate = mask * spectrogram, the Nyquist row left as it is

The spectrogram must have four columns per video frame, which a window of 64 frames (2.55 s) has.
Conventions:

* Longer mixtures go through windows side by side and a last one that ends with the mixture, each
  scaled to one level and back, averaged where they overlap: the authors' script for real videos.
* Shorter ones are ours, for the authors' code does not run: zeros are added up to the next length
  that has four columns per frame, the last mouth is repeated (or mouths beyond are dropped), and
  the level is left alone. At 2.55 s sharp this is the authors' window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from bench.errors import UsageError
from bench.separators.base import Separator
from bench.separators.card import Setting
from bench.separators.visualvoice_encoders import FaceEncoder, LipEncoder
from bench.separators.visualvoice_unet import UNet

__all__ = ["VisualVoice", "build"]

_RATE = 16000
_FRAME = _RATE // 25  # samples per video frame: four hops
_FFT, _WINDOW, _HOP = 512, 400, 160
_LEVEL, _LEAST_LEVEL = 0.07, 1e-4  # root mean square


@dataclass(frozen=True)
class Span:
    """A stretch of the mixture that the network sees at once.

    Attributes:
        start: First sample.
        frames: Number of video frames; the spectrogram has four columns for each.
        first_frame: First of the mouths; None = those that end with the video.
    """

    start: int
    frames: int
    first_frame: int | None

    @property
    def samples(self) -> int:
        """Length whose centred spectrogram has four columns per video frame."""
        return self.frames * _FRAME - _HOP

    def cut_mixture(self, mixture: Tensor) -> Tensor:
        """Cut from `(samples,)`, with zeros for what lies beyond."""
        inside = mixture[self.start : self.start + self.samples]
        return pad(inside, (0, self.samples - len(inside)))

    def cut_mouths(self, mouths: Tensor) -> Tensor:
        """Cut from `(frames, height, width)`, with the last one for what lies beyond."""
        first = len(mouths) - self.frames if self.first_frame is None else self.first_frame
        wanted = torch.arange(self.frames, device=mouths.device) + max(0, first)
        return mouths[wanted.clamp_max(len(mouths) - 1)]


def spans(samples: int, longest: int) -> list[Span]:
    """Cover a mixture.

    Args:
        samples: Its length.
        longest: Video frames of the longest span.
    """
    window = longest * _FRAME - _HOP
    if samples <= window:
        return [Span(0, -(-(samples + _HOP) // _FRAME), 0)]
    starts = range(0, samples - window, window)
    regular = [Span(start, longest, round(start / _FRAME)) for start in starts]
    return [*regular, Span(samples - window, longest, None)]


class VisualVoice(Separator):
    """VisualVoice with its lip encoder and its face encoder.

    Args:
        base: Channels of the U-Net's first layer.
        identity: Size of the face embedding.
        largest: Bound of the mask.
        longest: Video frames of the longest span.
    """

    def __init__(self, *, base: int, identity: int, largest: float, longest: int) -> None:
        super().__init__()
        self.longest = longest
        self.network = UNet(base=base, visual=identity + 512, largest=largest)
        self.lip_encoder = LipEncoder()
        self.face_encoder = FaceEncoder(identity)

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Read the width of the U-Net and the size of the face embedding."""
        sources = {"unet_ngf": "audionet_convlayer1.0.weight", "identity_feature_dim": "fc.weight"}
        return {name: shapes[source][0] for name, source in sources.items() if source in shapes}

    def _encode(self, mouths: Tensor, samples: int | None) -> Tensor:
        """Encode every span: `(batch, speakers, spans, 512, frames)`."""
        cover = spans(samples or mouths.shape[2] * _FRAME, self.longest)
        clips = [span.cut_mouths(mouth) for mouth in mouths.flatten(0, 1) for span in cover]
        encoded: Tensor = self.lip_encoder(torch.stack(clips))
        return encoded.view(*mouths.shape[:2], len(cover), *encoded.shape[1:])

    def _separate(self, mixture: Tensor, embeddings: Any, faces: Tensor | None) -> Tensor:
        assert faces is not None
        cover = spans(mixture.shape[-1], self.longest)
        _check_fit(embeddings, faces, len(cover), cover[0].frames)
        identities = self.face_encoder(faces.flatten(0, 1)).view(*faces.shape[:2], -1)
        voices = [
            self._separate_item(item, cover, mouths, identity)
            for item, mouths, identity in zip(mixture, embeddings, identities, strict=True)
        ]
        return torch.stack(voices)

    def _separate_item(
        self, mixture: Tensor, cover: Sequence[Span], mouths: Tensor, identities: Tensor
    ) -> Tensor:
        """Separate one mixture `(samples,)` into `(speakers, samples)`."""
        voices = mixture.new_zeros(len(mouths), len(mixture))
        overlap = mixture.new_zeros(len(mixture))
        for number, span in enumerate(cover):
            heard = span.cut_mixture(mixture)
            gain = _gain(heard) if len(cover) > 1 else torch.ones_like(heard[0])
            found = self._separate_span(heard * gain, mouths[:, number], identities) / gain
            inside = slice(span.start, span.start + span.samples)
            voices[:, inside] += found[:, : len(mixture) - span.start]
            overlap[inside] += 1
        return (voices / overlap).clamp(-1, 1)

    def _separate_span(self, heard: Tensor, lips: Tensor, identities: Tensor) -> Tensor:
        """Separate `(samples,)`, given what is seen of each speaker, into `(speakers, samples)`."""
        window = torch.hann_window(_WINDOW, device=heard.device)
        spectrum = torch.stft(heard, _FFT, _HOP, _WINDOW, window, return_complex=True)
        parts = torch.view_as_real(spectrum[:-1]).movedim(-1, 0)  # (2, 256, columns)
        shares = self.network.analyse(parts[None])
        voices = []
        for lip, identity in zip(lips, identities, strict=True):
            repeated = identity[:, None].expand(-1, lip.shape[-1])
            visual = torch.cat((repeated, lip))[None, :, None]  # (1, channels, 1, frames)
            mask = self.network.estimate_mask(shares, visual)[0]
            masked = spectrum[:-1] * torch.complex(mask[0], mask[1])
            whole = torch.cat((masked, spectrum[-1:]))
            voices.append(torch.istft(whole, _FFT, _HOP, _WINDOW, window, length=len(heard)))
        return torch.stack(voices).clamp(-1, 1)


def _gain(heard: Tensor) -> Tensor:
    """Factor that brings a stretch to the level of the authors' windows."""
    return _LEVEL / heard.square().mean().sqrt().clamp_min(_LEAST_LEVEL)


def _check_fit(embeddings: Tensor, faces: Tensor, number: int, frames: int) -> None:
    expected = (*faces.shape[:2], number, 512, frames)
    if tuple(embeddings.shape) != expected:
        raise UsageError(
            f"lip embeddings of the shape {tuple(embeddings.shape)} do not fit the faces and the "
            f"length of the mixture, which ask for {expected}: give encode_mouths the length with "
            "samples=, and one face for each mouth."
        )


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make the network that a card describes."""
    return VisualVoice(
        base=int(settings["unet_ngf"]),
        identity=int(settings["identity_feature_dim"]),
        largest=float(settings["mask_clip_threshold"]),
        longest=int(settings["num_frames"]),
    )
