"""AV-MossFormer2: Zhao, Pan et al., "ClearerVoice-Studio: Bridging advanced speech processing
research and practical deployment" (2025, arXiv 2506.19398).

    mixture -> 512 filters of 16 samples, hop 8, ReLU -> E -> norm, 1x1 convolution -> h
    mouths  -> lip encoder (`lip_face_track`)                                       -> v
    b = 1x1 convolution of [h; v stretched to the audio's frames] + sines and cosines of time
    24 times: y <- gated attention(y), y <- gated memory(y)      (`av_mossformer2_blocks`)
    mask = ReLU(1x1 convolution of a gate of (norms(y) + b));  voice = overlap-added mask * E

Features are rows, `(frames, channels)`, one item and one speaker at a time; speakers share the
first line. The output level is arbitrary: training used a scale-invariant loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d, conv_transpose1d, interpolate, pad, relu

from bench.separators.av_mossformer2_blocks import GatedAttention, GatedMemory, rotation
from bench.separators.base import Separator
from bench.separators.card import Setting
from bench.separators.extractor import Extractor
from bench.separators.lip_face_track import FaceTrackLipEncoder
from bench.separators.pointwise import linear
from bench.separators.rows import Pointwise

__all__ = ["AVMossFormer2", "build"]

_VIDEO_CHANNELS = 256
_ROTATED_CHANNELS = 32


class MixtureFeatures(NamedTuple):
    """What depends on the mixture alone, `(frames, channels)`."""

    encoded: Tensor
    projected: Tensor  # the audio's part of the fusion


class MossFormerNetwork(nn.Module):
    """The separation network: one mixture and one speaker's lip embedding to one waveform."""

    def __init__(self, *, channels: int, kernel: int, layers: int, skip: bool) -> None:
        super().__init__()
        self.hop, self.skip = kernel // 2, skip
        self.encoder = nn.Conv1d(1, channels, kernel, self.hop, bias=False)
        self.decoder = nn.Linear(channels, kernel, bias=False)
        self.norm = nn.GroupNorm(1, channels, eps=1e-8)
        self.bottleneck = Pointwise(channels, channels, bias=False)
        self.fusion = Pointwise(channels + _VIDEO_CHANNELS, channels)
        self.position_scale = nn.Parameter(torch.ones(1))
        # A constant that the authors count as a parameter.
        self.rotary_frequencies = nn.Parameter(
            _falling_frequencies(_ROTATED_CHANNELS), requires_grad=False
        )
        self.attentions = nn.ModuleList(GatedAttention(channels) for _ in range(layers))
        self.memories = nn.ModuleList(GatedMemory(channels) for _ in range(layers))
        self.last_norm = nn.LayerNorm(channels, eps=1e-6)
        self.global_norm = nn.GroupNorm(1, channels, eps=1e-8)
        self.act = nn.PReLU()
        self.spread = Pointwise(channels, channels)
        self.output = Pointwise(channels, channels)
        self.output_gate = Pointwise(channels, channels)
        self.mask = Pointwise(channels, channels, bias=False)

    def analyse(self, mixture: Tensor) -> MixtureFeatures:
        """Compute what all speakers share, from one mixture `(samples,)`."""
        encoded = relu(conv1d(mixture[None, None], self.encoder.weight, stride=self.hop))
        normal = self.bottleneck(self.norm(encoded)[0].t())
        of_audio = self.fusion.weight[:, :-_VIDEO_CHANNELS, 0]
        return MixtureFeatures(encoded[0].t(), linear(normal, of_audio))

    def extract(self, features: MixtureFeatures, embedding: Tensor, samples: int) -> Tensor:
        """Extract one voice `(samples,)`, given its lip embedding `(256, frames)`."""
        fused = features.projected + self._seen(embedding, len(features.projected))
        fused += self.position_scale * _positions(fused)
        masked = relu(self._mask(fused)) * features.encoded
        weight = self.decoder.weight.t()[:, None]  # (channels, 1, kernel)
        voice = conv_transpose1d(masked.t()[None], weight, stride=self.hop)[0, 0]
        return pad(voice, (0, samples - len(voice)))

    def _seen(self, embedding: Tensor, frames: int) -> Tensor:
        """Project the video before it is stretched: the same sum, with fewer products."""
        of_video = self.fusion.weight[:, -_VIDEO_CHANNELS:, 0]
        projected = interpolate((of_video @ embedding)[None], frames, mode="linear")
        return projected[0].t() + cast(Tensor, self.fusion.bias)

    def _mask(self, fused: Tensor) -> Tensor:
        """Compute the mask before its ReLU."""
        turn = rotation(self.rotary_frequencies, len(fused))
        rows = fused
        for attention, memory in zip(self.attentions, self.memories, strict=True):
            rows = memory(attention(rows, turn))
        rows = self.global_norm(self.last_norm(rows).t()[None])[0].t()
        rows = self.spread(self.act(rows + fused if self.skip else rows))
        gated = self.output(rows).tanh_().mul_(self.output_gate(rows).sigmoid_())
        mask: Tensor = self.mask(gated)
        return mask


def _falling_frequencies(channels: int) -> Tensor:
    """Return 10000^(-2i / channels) for every pair of channels."""
    return 1 / 10000 ** (torch.arange(0, channels, 2).float() / channels)


def _positions(rows: Tensor) -> Tensor:
    """Return sines, then cosines, of frame number times frequency, of the shape of `rows`."""
    frames, channels = rows.shape
    turn = rotation(_falling_frequencies(channels).to(rows), frames)
    return torch.cat([turn.sine, turn.cosine], 1)


class AVMossFormer2(Extractor):
    """AV-MossFormer2 with its lip encoder."""

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Read the filters and the number of layers."""
        if "sep_network.decoder.basis_signals.weight" not in shapes:
            return {}
        kernel, channels = shapes["sep_network.decoder.basis_signals.weight"]
        return {
            "encoder_kernel_size": kernel,
            "encoder_out_nchannels": channels,
            "intra_numlayers": sum(name.endswith("qk_offset_scale.gamma") for name in shapes),
        }

    def adapt_tensors(self, part: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Add the constant that files hold once per layer, or not at all, by their version."""
        return {"network.rotary_frequencies": self.network.rotary_frequencies, **tensors}


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make the network that a card describes."""
    network = MossFormerNetwork(
        channels=int(settings["encoder_out_nchannels"]),
        kernel=int(settings["encoder_kernel_size"]),
        layers=int(settings["intra_numlayers"]),
        skip=bool(settings["masknet_extraskipconnection"]),
    )
    lip_encoder = FaceTrackLipEncoder(_VIDEO_CHANNELS)
    return AVMossFormer2(network, lip_encoder, fewest_samples=2 * network.hop)
