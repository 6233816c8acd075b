"""AV-TFGridNet: Pan et al., "Scenario-aware audio-visual TF-GridNet for target speech extraction"
(ASRU 2023, arXiv 2310.19644), as released in ClearerVoice-Studio.

    mixture -> STFT of 256 samples, hop 128 -> 3x3 convolution, group norm -> h
    mouths  -> lip encoder (`lip_face_track`)                              -> v
    6 times: h <- block(projection of [v stretched to the audio's frames; h])
    3x3 transposed convolution of h = the voice's spectrum (no mask) -> inverse STFT

A block runs an LSTM along frequency, one along time, and attention over whole frames
(`av_tfgridnet_blocks`). Maps are `(frames, bins, channels)`. Each item and each speaker runs by
itself; speakers share the first line, the rest depends on the video. The output level is
arbitrary: training used a scale-invariant loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from bench.separators.av_tfgridnet_blocks import GridBlock
from bench.separators.base import Separator
from bench.separators.card import Setting
from bench.separators.extractor import Extractor
from bench.separators.lip_face_track import FaceTrackLipEncoder
from bench.separators.pointwise import linear

__all__ = ["AVTFGridNet", "build"]

_VIDEO_CHANNELS = 256


class TFGridNetwork(nn.Module):
    """The separation network: one mixture and one speaker's lip embedding to one waveform."""

    def __init__(
        self,
        *,
        window: int,
        hop: int,
        channels: int,
        blocks: int,
        taps: int,
        hidden: int,
        heads: int,
        key_channels: int,
    ) -> None:
        super().__init__()
        self.window, self.hop = window, hop
        self.encoder = nn.Conv2d(2, channels, 3, padding=1)
        self.encoder_norm = nn.GroupNorm(1, channels)
        self.fusions = nn.ModuleList(
            nn.Linear(_VIDEO_CHANNELS + channels, channels) for _ in range(blocks)
        )
        self.blocks = nn.ModuleList(
            GridBlock(channels, taps=taps, hidden=hidden, heads=heads, key_channels=key_channels)
            for _ in range(blocks)
        )
        self.decoder = nn.ConvTranspose2d(channels, 2, 3, padding=1)

    def analyse(self, mixture: Tensor) -> Tensor:
        """Compute what all speakers share, from one mixture `(samples,)`: a map."""
        spectrum = torch.stft(
            mixture, self.window, self.hop, window=self._hann(mixture), return_complex=True
        )
        parts = torch.view_as_real(spectrum).permute(2, 1, 0)  # (parts, frames, bins)
        encoded: Tensor = self.encoder_norm(self.encoder(parts[None]))
        return encoded[0].permute(1, 2, 0).contiguous()

    def extract(self, features: Tensor, embedding: Tensor, samples: int) -> Tensor:
        """Extract one voice `(samples,)`, given its lip embedding `(256, frames)`."""
        for fusion, block in zip(self.fusions, self.blocks, strict=True):
            features = block(_fuse(fusion, features, embedding))
        parts = self.decoder(features.permute(2, 0, 1)[None])[0]  # (parts, frames, bins)
        spectrum = torch.view_as_complex(parts.permute(2, 1, 0).contiguous())
        return torch.istft(
            spectrum, self.window, self.hop, window=self._hann(features), length=samples
        )

    def _hann(self, like: Tensor) -> Tensor:
        return torch.hann_window(self.window, dtype=like.dtype, device=like.device)


def _fuse(projection: nn.Module, features: Tensor, embedding: Tensor) -> Tensor:
    """Project [video; audio] at every time and frequency.

    The video is projected before it is stretched to the audio's frames and repeated over the bins:
    the same sum, with far fewer products.
    """
    weight, bias = cast(Tensor, projection.weight), cast(Tensor, projection.bias)
    of_video, of_audio = weight[:, :_VIDEO_CHANNELS], weight[:, _VIDEO_CHANNELS:]
    seen = (of_video @ embedding + bias[:, None])[None]
    stretched = interpolate(seen, len(features), mode="linear")[0].t()  # (frames, channels)
    return linear(features, of_audio).add_(stretched[:, None])


class AVTFGridNet(Extractor):
    """AV-TFGridNet with its lip encoder."""

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Read the widths and the number of blocks."""
        block = "sep_network.blocks.0."
        if f"{block}attn_norm_Q.gamma" not in shapes:
            return {}
        _, heads, key_channels, *_ = shapes[f"{block}attn_norm_Q.gamma"]
        channels, taps = shapes[f"{block}intra_linear.weight"][1:]
        return {
            "n_layers": sum(name.endswith(".intra_linear.weight") for name in shapes),
            "lstm_hidden_units": shapes[f"{block}intra_rnn.weight_hh_l0"][1],
            "attn_n_head": heads,
            "attn_qk_output_channel": key_channels,
            "emb_dim": channels,
            "emb_ks": taps,
        }


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make the network that a card describes."""
    number = {name: int(value) for name, value in settings.items()}
    network = TFGridNetwork(
        window=number["n_fft"],
        hop=number["stride"],
        channels=number["emb_dim"],
        blocks=number["n_layers"],
        taps=number["emb_ks"],
        hidden=number["lstm_hidden_units"],
        heads=number["attn_n_head"],
        key_channels=number["attn_qk_output_channel"],
    )
    # The first frame is mirrored at the start, half a window deep.
    fewest_samples = network.window // 2 + 1
    lip_encoder = FaceTrackLipEncoder(_VIDEO_CHANNELS)
    return AVTFGridNet(network, lip_encoder, fewest_samples=fewest_samples)
