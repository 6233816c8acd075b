"""AV-ConvTasNet: Wu et al., "Time domain audio visual speech separation" (ASRU 2019, arXiv
1904.03760), in the public re-implementation that later tables of the field call by this name.

    mixture -> N linear filters of L samples, hop L/2, ReLU -> w -> norm, 1x1 convolution -> a
    a <- audio trunk: audio_index stacks of X dilated blocks     (all this depends on the mixture
    mouths -> lip encoder -> video trunk of D blocks -> v         alone and runs once)
    a <- 1x1 convolution of [a, v], v stretched to the audio frames
    a <- fused trunk: the other R - audio_index stacks
    mask = ReLU(1x1 convolution of a);  waveform = transposed convolution of mask * w

It extracts the voice of one mouth. Audio features are `(1, channels, 1, time)`, channels last in
memory. Without padding the last samples of a mixture that the hop does not divide are lost; they
are given as zeros.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose1d, interpolate, layer_norm, pad, relu

from bench.errors import UsageError
from bench.separators.av_convtasnet_lips import LipEncoder
from bench.separators.base import Separator
from bench.separators.card import Setting
from bench.separators.extractor import Extractor
from bench.separators.norms import global_norm
from bench.separators.pointwise import pointwise

__all__ = ["AVConvTasNet", "build"]


class MixtureFeatures(NamedTuple):
    """What depends on the mixture alone."""

    encoded: Tensor  # w: (1, filters, 1, time)
    entry: Tensor  # the audio's share of the fusion: (1, channels, 1, time)


class Network(nn.Module):
    """The separation network: one mixture and one speaker's lip embedding to one waveform.

    Args:
        filters: N, of the encoder.
        kernel: L, length of a filter in samples; the hop is half of it.
        channels: B, between the blocks of the audio trunk.
        inside: H, inside all blocks.
        taps: P, of a block's dilated convolution.
        stack: X, blocks until the dilation starts again from 1.
        audio_blocks: Before the fusion.
        fused_blocks: After it.
        embedding: E, width of the lip embedding.
        video_channels: V.
        video_taps: K.
        video_blocks: D.
        fused_channels: F.
    """

    def __init__(
        self,
        *,
        filters: int,
        kernel: int,
        channels: int,
        inside: int,
        taps: int,
        stack: int,
        audio_blocks: int,
        fused_blocks: int,
        embedding: int,
        video_channels: int,
        video_taps: int,
        video_blocks: int,
        fused_channels: int,
    ) -> None:
        super().__init__()
        self.kernel, self.stride, self.channels = kernel, kernel // 2, channels
        self.encoder = nn.Conv1d(1, filters, kernel, self.stride)
        self.audio_norm = nn.LayerNorm(filters)
        self.audio_entry = nn.Conv1d(filters, channels, 1)
        self.audio_blocks = _trunk(channels, inside, taps, stack, audio_blocks)
        self.video_blocks = nn.Sequential(
            VideoBlock(embedding, video_channels, video_taps, first=True),
            *(
                VideoBlock(video_channels, video_channels, video_taps, first=False)
                for _ in range(video_blocks - 1)
            ),
        )
        self.fusion = nn.Conv1d(channels + video_channels, fused_channels, 1)
        self.feats_blocks = _trunk(fused_channels, inside, taps, stack, fused_blocks)
        self.mask = nn.Conv1d(fused_channels, filters, 1)
        self.decoder = nn.ConvTranspose1d(filters, 1, kernel, self.stride)

    def analyse(self, mixture: Tensor) -> MixtureFeatures:
        """Compute what all speakers share, from one mixture `(samples,)`."""
        encoded = relu(self.encoder(mixture[None, None]))[:, :, None]
        encoded = encoded.contiguous(memory_format=torch.channels_last)
        norm = self.audio_norm
        frames = encoded.permute(0, 2, 3, 1)  # (1, 1, time, filters)
        normed = layer_norm(frames, norm.normalized_shape, norm.weight, norm.bias, norm.eps)
        audio = pointwise(
            normed.permute(0, 3, 1, 2), self.audio_entry.weight, self.audio_entry.bias
        )
        share = self.fusion.weight[:, : self.channels]
        return MixtureFeatures(
            encoded, pointwise(self.audio_blocks(audio), share, self.fusion.bias)
        )

    def extract(self, features: MixtureFeatures, embedding: Tensor, samples: int) -> Tensor:
        """Extract one voice `(samples,)`, given its lip embedding `(256, frames)`."""
        # A 1x1 convolution commutes with stretching: it runs on the few video frames.
        video = self.video_blocks(embedding[None])[:, :, None]
        seen = conv2d(video, self.fusion.weight[:, self.channels :, None])
        frames = features.entry.shape[-1]
        fused = features.entry + interpolate(seen, size=(1, frames))
        refined = self.feats_blocks(fused.contiguous(memory_format=torch.channels_last))
        mask = relu(pointwise(refined, self.mask.weight, self.mask.bias))
        masked = (mask * features.encoded).squeeze(2)
        weight, bias = self.decoder.weight, self.decoder.bias
        voice = conv_transpose1d(masked, weight, bias, self.stride)[0, 0]
        return pad(voice, (0, samples - len(voice)))


def _trunk(channels: int, inside: int, taps: int, stack: int, blocks: int) -> nn.Sequential:
    dilations = [2 ** (number % stack) for number in range(blocks)]
    return nn.Sequential(*(AudioBlock(channels, inside, taps, dilation) for dilation in dilations))


class AudioBlock(nn.Module):
    """Widen, look along time with a dilated filter per channel, narrow; added to the input.

    The activation comes before the norm the first time and after it the second time. `skip` has
    weights in every published file and is never used.
    """

    def __init__(self, channels: int, inside: int, taps: int, dilation: int) -> None:
        super().__init__()
        self.widen = nn.Conv1d(channels, inside, 1)
        self.act_in = nn.PReLU()
        self.norm_in = GlobalNorm(inside)
        self.filter = nn.Conv1d(inside, inside, taps, dilation=dilation, groups=inside)
        self.norm_out = GlobalNorm(inside)
        self.act_out = nn.PReLU()
        self.narrow = nn.Conv1d(inside, channels, 1)
        self.skip = nn.Conv1d(inside, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        inside = self.norm_in(self.act_in(pointwise(features, self.widen.weight, self.widen.bias)))
        inside = self.act_out(self.norm_out(self._filtered(inside)))
        return pointwise(inside, self.narrow.weight, self.narrow.bias).add_(features)

    def _filtered(self, inside: Tensor) -> Tensor:
        """Run the dilated convolution as an ordinary one: CPU kernels for dilations are slow.

        Frames that the filter sees together lie one below the other where time is written in
        lines as long as the dilation.
        """
        (dilation,), (taps,) = self.filter.dilation, self.filter.kernel_size
        batch, channels, _, frames = inside.shape
        lines = pad(inside, (0, -frames % dilation)).view(batch, channels, -1, dilation)
        weight, bias = self.filter.weight[..., None], self.filter.bias
        filtered = conv2d(lines, weight, bias, padding=(taps // 2, 0), groups=channels)
        return filtered.reshape(batch, channels, 1, -1)[..., :frames]


class GlobalNorm(nn.Module):
    """Global layer norm (gLN) with the names and the constant that this system publishes."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1))

    def forward(self, features: Tensor) -> Tensor:
        return global_norm(features, self.weight, self.bias, eps=1e-5)


class VideoBlock(nn.Module):
    """A depthwise and a 1x1 convolution over video frames `(1, channels, frames)`.

    All but the first begin with ReLU and batch norm, and are added to their input. `skip` has
    weights in every published file and is never used.
    """

    def __init__(self, inputs: int, channels: int, taps: int, *, first: bool) -> None:
        super().__init__()
        self.norm = None if first else nn.BatchNorm1d(inputs)
        self.filter = nn.Conv1d(inputs, inputs, taps, padding=(taps - 1) // 2, groups=inputs)
        self.mix = nn.Conv1d(inputs, channels, 1)
        self.skip = nn.Conv1d(inputs, channels, 1)

    def forward(self, video: Tensor) -> Tensor:
        if self.norm is None:
            first: Tensor = self.mix(self.filter(video))
            return first
        following: Tensor = self.mix(self.filter(self.norm(relu(video)))) + video
        return following


class AVConvTasNet(Extractor):
    """AV-ConvTasNet with its lip encoder."""

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Tell how many stacks of eight blocks lie before the fusion: 1 and 2 are published."""
        names = (re.match(r"audio_conv\.lists\.(\d+)\.", name) for name in shapes)
        blocks = len({name[1] for name in names if name})
        return {"audio_index": blocks // 8} if blocks else {}


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make the network that a card describes.

    Raises:
        UsageError: More stacks before the fusion than there are.
    """
    number = {name: int(value) for name, value in settings.items()}
    before = number["audio_index"]
    if not 0 <= before <= number["R"]:
        raise UsageError(
            f"the fusion was set after {before} stacks, but there are {number['R']}; "
            "change audio_index or R."
        )
    network = Network(
        filters=number["N"],
        kernel=number["L"],
        channels=number["B"],
        inside=number["H"],
        taps=number["P"],
        stack=number["X"],
        audio_blocks=before * number["X"],
        fused_blocks=(number["R"] - before) * number["X"],
        embedding=number["E"],
        video_channels=number["V"],
        video_taps=number["K"],
        video_blocks=number["D"],
        fused_channels=number["F"],
    )
    return AVConvTasNet(network, LipEncoder(number["E"]), fewest_samples=number["L"])
