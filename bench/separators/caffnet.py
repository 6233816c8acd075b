"""CaffNet and CaffNet-C: Lee, Chung, Kim, Kang and Sohn, "Looking into your speech: learning
cross-modal affinity for audio-visual speech separation" (CVPR 2021, arXiv 2104.02775).

    mixture -> spectrogram X -> audio encoder -> S;  |S| -> non-local layers -> S'
    mouths  -> lip encoder -> visual encoder -> non-local layers             -> V'
    S', V'  -> cross-modal affinity -> V' on the time axis of the sound
            -> S' modulated by both, times the angle of S -> decoder -> mask;  estimate = mask * X

A re-implementation: there is no public code. What is stated or drawn by the authors is the flow
above; widths, kernels, the modulation and more are choices, marked in the notes of the card. In
CaffNet every tensor is real and the mixture's phase is kept; CaffNet-C has complex convolutions
before and after the affinity and a bounded complex mask, so it estimates the phase as well. It
extracts the voice of one mouth; the side of the sound is computed once for all speakers.

The mixture is brought to a root mean square of 1 and the estimate back, so that its level does not
matter. It is filled up with zeros to whole hops: without, the last samples would be divided by the
vanishing end of one window.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from bench.errors import unknown_name
from bench.separators.base import Separator
from bench.separators.caffnet_affinity import Affinity
from bench.separators.caffnet_blocks import (
    ComplexConvolution,
    ComplexResidualBlock,
    NonLocalBlock,
    ResidualBlock,
)
from bench.separators.card import Setting
from bench.separators.lip_resnet18 import LipResNet18

__all__ = ["CaffNet", "build"]

_FFT, _WINDOW, _HOP = 512, 320, 160
_BINS = _FFT // 2 + 1
_COLUMNS_PER_FRAME = 16000 // 25 // _HOP
_SILENCE = 1e-8


@dataclass(frozen=True)
class Sizes:
    """Hyper-parameters of both versions."""

    channels: int
    affinity_channels: int
    visual_blocks: int
    audio_blocks: int
    non_local_blocks: int
    decoder_blocks: int


class SoundFeatures(NamedTuple):
    """What depends on the mixture alone."""

    attended: Tensor  # S': (channels, columns)
    angle: Tensor  # of S, as points of the complex unit circle; 1 in CaffNet


class CaffNetwork(nn.Module):
    """CaffNet: the magnitudes of a mixture in, a mask between 0 and 1 out."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        channels = sizes.channels
        self.visual_encoder = _real_encoder(512, channels, sizes.visual_blocks)
        self.visual_non_local = _non_local(channels, sizes.non_local_blocks)
        self.audio_encoder = self._make_audio_encoder(sizes)
        self.audio_non_local = _non_local(channels, sizes.non_local_blocks)
        self.affinity = Affinity(channels, sizes.affinity_channels, _COLUMNS_PER_FRAME)
        self.gate = nn.Conv1d(2 * channels, channels, 1)
        self.decoder = self._make_decoder(sizes)

    def look(self, lips: Tensor) -> Tensor:
        """Turn lip embeddings `(batch, 512, frames)` into V' `(batch, channels, frames)`."""
        seen: Tensor = self.visual_non_local(self.visual_encoder(lips))
        return seen

    def listen(self, spectrum: Tensor) -> SoundFeatures:
        """Compute what all speakers share, from `(bins, columns)`, complex."""
        encoded = self.audio_encoder(spectrum.abs()[None])
        return SoundFeatures(self.audio_non_local(encoded)[0], spectrum.new_ones(()))

    def estimate_mask(self, sound: SoundFeatures, video: Tensor) -> Tensor:
        """Estimate the mask `(bins, columns)` of one speaker, whose V' is `(channels, frames)`."""
        mask: Tensor = self.decoder(self._modulate(sound, video)[None])[0].sigmoid()
        return mask

    def _modulate(self, sound: SoundFeatures, video: Tensor) -> Tensor:
        """Let the aligned video decide what passes: Psi `(channels, columns)`."""
        both = torch.cat((sound.attended, self.affinity(sound.attended, video)))
        passed: Tensor = self.gate(both[None])[0].sigmoid()
        return sound.attended * passed

    def _make_audio_encoder(self, sizes: Sizes) -> nn.Sequential:
        return _real_encoder(_BINS, sizes.channels, sizes.audio_blocks)

    def _make_decoder(self, sizes: Sizes) -> nn.Sequential:
        blocks = (ResidualBlock(sizes.channels) for _ in range(sizes.decoder_blocks))
        return nn.Sequential(*blocks, nn.Conv1d(sizes.channels, _BINS, 1))


class ComplexCaffNetwork(CaffNetwork):
    """CaffNet-C: the spectrogram of a mixture in, a complex mask of at most 1 out."""

    def listen(self, spectrum: Tensor) -> SoundFeatures:
        encoded = self.audio_encoder(torch.stack((spectrum.real, spectrum.imag)))
        magnitude = (encoded.square().sum(0) + 1e-12).sqrt()
        angle = torch.complex(*(encoded / magnitude))
        return SoundFeatures(self.audio_non_local(magnitude[None])[0], angle)

    def estimate_mask(self, sound: SoundFeatures, video: Tensor) -> Tensor:
        modulated = self._modulate(sound, video) * sound.angle
        decoded = torch.complex(*self.decoder(torch.stack((modulated.real, modulated.imag))))
        size = decoded.abs()
        return decoded * (size.tanh() / size.clamp_min(torch.finfo(size.dtype).tiny))

    def _make_audio_encoder(self, sizes: Sizes) -> nn.Sequential:
        blocks = (ComplexResidualBlock(sizes.channels) for _ in range(sizes.audio_blocks))
        return nn.Sequential(ComplexConvolution(_BINS, sizes.channels), *blocks)

    def _make_decoder(self, sizes: Sizes) -> nn.Sequential:
        blocks = (ComplexResidualBlock(sizes.channels) for _ in range(sizes.decoder_blocks))
        return nn.Sequential(*blocks, ComplexConvolution(sizes.channels, _BINS))


def _real_encoder(inputs: int, channels: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(inputs, channels, 1),
        nn.BatchNorm1d(channels),
        *(ResidualBlock(channels) for _ in range(blocks)),
    )


def _non_local(channels: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(NonLocalBlock(channels) for _ in range(blocks)))


class CaffNet(Separator):
    """CaffNet or CaffNet-C with its lip encoder.

    Args:
        network: Which of both.
        phase: What the estimate is given: "mixture" or "predicted", or "oracle" for that of the
            reference, which makes the separator an oracle.
    """

    def __init__(self, network: CaffNetwork, phase: str) -> None:
        super().__init__()
        self.network = network
        self.lip_encoder = LipResNet18()
        self.phase = phase
        self.uses_references = phase == "oracle"

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Read widths and numbers of blocks."""
        if "gate.weight" not in shapes or "affinity.sound.weight" not in shapes:
            return {}

        def count(part: str) -> int:
            block = re.compile(rf"{part}\.\d+\.(depthwise|depthwise\.real|query)\.weight")
            return sum(block.fullmatch(name) is not None for name in shapes)

        return {
            "channels": shapes["gate.weight"][0],
            "affinity_channels": shapes["affinity.sound.weight"][0],
            "visual_blocks": count("visual_encoder"),
            "audio_blocks": count("audio_encoder"),
            "non_local_blocks": count("audio_non_local"),
            "decoder_blocks": count("decoder"),
        }

    def _encode(self, mouths: Tensor, samples: int | None) -> Tensor:
        """Go as far as the mouths alone lead: V' `(batch, speakers, channels, frames)`."""
        lips = self.lip_encoder(mouths.flatten(0, 1))
        seen = torch.cat([self.network.look(clip[None]) for clip in lips])
        return seen.view(*mouths.shape[:2], *seen.shape[1:])

    def _separate(self, mixture: Tensor, embeddings: Any, faces: Tensor | None) -> Tensor:
        pairs = zip(mixture, embeddings, strict=True)
        return torch.stack([self._separate_item(item, videos) for item, videos in pairs])

    def _separate_with_references(
        self, mixture: Tensor, references: Tensor, embeddings: Any
    ) -> Tensor:
        items = zip(mixture, embeddings, references, strict=True)
        return torch.stack([self._separate_item(*item) for item in items])

    def _separate_item(
        self, mixture: Tensor, videos: Tensor, references: Tensor | None = None
    ) -> Tensor:
        """Separate one mixture `(samples,)` into `(speakers, samples)`."""
        level = mixture.square().mean().sqrt().clamp_min(_SILENCE)
        spectrum = _spectrum(mixture / level)
        sound = self.network.listen(spectrum)
        masks = torch.stack([self.network.estimate_mask(sound, video) for video in videos])
        if references is not None:
            masked = torch.polar((masks * spectrum).abs(), _spectrum(references).angle())
        elif self.phase == "mixture":
            masked = masks.abs() * spectrum
        else:
            masked = masks * spectrum
        return level * _waveform(masked, len(mixture))


def _spectrum(waveform: Tensor) -> Tensor:
    """Transform `(..., samples)` to `(..., bins, columns)`, complex."""
    samples = waveform.shape[-1]
    whole_hops = _HOP * max(2, -(-samples // _HOP))
    window = torch.hann_window(_WINDOW, device=waveform.device)
    padded = pad(waveform, (0, whole_hops - samples))
    return torch.stft(padded, _FFT, _HOP, _WINDOW, window, return_complex=True)


def _waveform(spectrum: Tensor, samples: int) -> Tensor:
    window = torch.hann_window(_WINDOW, device=spectrum.device)
    return torch.istft(spectrum, _FFT, _HOP, _WINDOW, window)[..., :samples]


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make the network that a card describes.

    Raises:
        UsageError: A phase that the network cannot give.
    """
    is_complex, phase = bool(settings["complex"]), str(settings["phase"])
    phases = ["mixture", *["predicted"] * is_complex, "oracle"]
    if phase not in phases:
        raise unknown_name("phase", phase, phases)
    sizes = Sizes(**{field.name: int(settings[field.name]) for field in fields(Sizes)})
    network = ComplexCaffNetwork(sizes) if is_complex else CaffNetwork(sizes)
    return CaffNet(network, phase)
