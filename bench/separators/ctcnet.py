"""CTCNet: Li et al., "An audio-visual speech separation model inspired by cortico-thalamo-cortical
circuits" (TPAMI 2024, arXiv 2212.10744).

    mixture -> 512 linear filters of 21 samples, hop 10 -> E -> gLN, 1x1 convolution -> a0
    mouths  -> lip encoder (`lip_resnet18`)             -> convolution of 3 frames   -> v0
    3 rounds:  a, v <- their multi-scale blocks, then thalamic fusion of both
    13 rounds: a    <- the same audio block alone
    mask = ReLU(1x1 convolution of PReLU(a));  waveform = transposed convolution of mask * E

It extracts the voice of one mouth. From the second round on, a block receives its result added to
a0 (v0). The first audio block sees the mixture alone, so it runs once for all speakers, and the
last fusion's video side, which nothing reads, does not run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import fold, pad, relu_

from bench.separators.base import Separator
from bench.separators.card import Setting
from bench.separators.ctcnet_blocks import Feedback, MultiScaleBlock, Unit, split_mixes
from bench.separators.extractor import Extractor
from bench.separators.lip_resnet18 import LipResNet18
from bench.separators.norms import GlobalNorm
from bench.separators.pointwise import linear, pointwise

__all__ = ["CTCNet", "build"]


# Where the shapes of a published file show a setting: an axis of a tensor, or how many there are.
_SIZES = {
    "n_filters": ("encoder.filterbank._filters", 0),
    "kernel_size": ("encoder.filterbank._filters", 2),
    "bn_chan": ("masker.pre_a.1.bias", 0),
    "hid_chan": ("masker.audio_block.proj_1x1.conv.bias", 0),
    "video_chan": ("masker.pre_v.bias", 0),
}
_COUNTS = {
    "upsampling_depth": r"masker\.audio_block\.spp_dw\.(\d+)\.",
    "video_depth": r"masker\.video_block\.video\.0\.spp_dw\.(\d+)\.",
    "an_repeats": r"masker\.crossmodal_fusion\.(\d+)\.",
}


class MixtureFeatures(NamedTuple):
    """What depends on the mixture alone."""

    encoded: Tensor  # (1, filters, 1, time)
    scaled_entry: Tensor  # a0 as every later round adds it: (1, channels, 1, time)
    first: Tensor  # the first audio block's output


class CTCNetwork(nn.Module):
    """The separation network: one mixture and one speaker's lip embedding to one waveform."""

    def __init__(
        self,
        *,
        filters: int,
        kernel: int,
        stride: int,
        channels: int,
        inside: int,
        depth: int,
        video_channels: int,
        video_depth: int,
        audio_visual_rounds: int,
        audio_rounds: int,
    ) -> None:
        super().__init__()
        self.filters, self.stride, self.depth = filters, stride, depth
        self.audio_visual_rounds, self.audio_rounds = audio_visual_rounds, audio_rounds
        self.encoder = nn.Conv1d(1, filters, kernel, stride, kernel // 2, bias=False)
        self.decoder = nn.ConvTranspose1d(filters, 1, kernel, stride, kernel // 2, bias=False)
        self.audio_norm = GlobalNorm(filters)
        self.audio_entry = nn.Conv1d(filters, channels, 1)
        self.video_entry = nn.Conv1d(512, video_channels, 3, padding=1)
        self.audio_block = MultiScaleBlock(channels, inside, depth, 5, GlobalNorm)
        self.audio_feedback = Feedback(channels)
        rounds = range(audio_visual_rounds)
        self.video_blocks = nn.ModuleList(
            MultiScaleBlock(video_channels, video_channels, video_depth, 3, nn.BatchNorm2d)
            for _ in rounds
        )
        self.video_feedbacks = nn.ModuleDict({str(i): Feedback(video_channels) for i in rounds[1:]})
        both = (channels, video_channels)
        self.fuse_into_audio = nn.ModuleList(
            Unit(both, channels, GlobalNorm, act=False) for _ in rounds
        )
        self.fuse_into_video = nn.ModuleList(
            Unit(both, video_channels, GlobalNorm, act=False) for _ in rounds
        )
        self.mask_act = nn.PReLU()
        self.mask = nn.Conv1d(channels, filters, 1)

    def analyse(self, mixture: Tensor) -> MixtureFeatures:
        """Compute what all speakers share, from one mixture `(samples,)`."""
        encoded = self._encoded(mixture[None])
        normalised = self.audio_norm(encoded)
        entry = pointwise(normalised, self.audio_entry.weight, self.audio_entry.bias)
        return MixtureFeatures(encoded, self.audio_feedback.scaled(entry), self.audio_block(entry))

    def extract(self, features: MixtureFeatures, embedding: Tensor, samples: int) -> Tensor:
        """Extract one voice `(samples,)`, given its lip embedding `(512, frames)`."""
        audio = self._fused_with_video(features, embedding[None])
        for _ in range(self.audio_rounds):
            audio = self._next_audio(features, audio)
        mask = relu_(pointwise(self.mask_act(audio), self.mask.weight, self.mask.bias))
        return self._decoded(mask.mul_(features.encoded))[0, :samples]

    def _encoded(self, mixture: Tensor) -> Tensor:
        """Filter the mixture into `(1, filters, 1, time)`: a convolution over its hops."""
        weight, edge = self.encoder.weight, self.encoder.weight.shape[-1] // 2
        segments = pad(self._padded(mixture), (edge, edge)).unfold(1, weight.shape[-1], self.stride)
        return linear(segments, weight.squeeze(1)).transpose(1, 2).unsqueeze(2)

    def _decoded(self, masked: Tensor) -> Tensor:
        """Turn every frame into a segment and add them up: a transposed convolution."""
        weight = self.decoder.weight
        length, edge = weight.shape[-1], weight.shape[-1] // 2
        segments = pointwise(masked, weight.squeeze(1).t()).squeeze(2)  # (1, length, time)
        whole = (masked.shape[-1] - 1) * self.stride + length
        summed = fold(segments, (1, whole), (1, length), stride=(1, self.stride))
        return summed.flatten(1)[:, edge:]

    def _fused_with_video(self, features: MixtureFeatures, embedding: Tensor) -> Tensor:
        """Run the audio-visual rounds; both sides of a fusion see what entered it."""
        entry = self.video_entry(embedding)[:, :, None]
        entry = entry.contiguous(memory_format=torch.channels_last)
        audio, video = features.first, self.video_blocks[0](entry)
        for number in range(self.audio_visual_rounds):
            if number > 0:
                audio = self._next_audio(features, audio)
                feedback = cast(Feedback, self.video_feedbacks[str(number)])
                video = self.video_blocks[number](feedback(feedback.scaled(entry), video))
            fused = self.fuse_into_audio[number](audio, video, frames=audio.shape[-1])
            if number < self.audio_visual_rounds - 1:
                video = self.fuse_into_video[number](audio, video, frames=video.shape[-1])
            audio = fused
        return audio

    def _next_audio(self, features: MixtureFeatures, audio: Tensor) -> Tensor:
        updated: Tensor = self.audio_block(self.audio_feedback(features.scaled_entry, audio))
        return updated

    def _padded(self, mixture: Tensor) -> Tensor:
        """Pad with zeros, to what the published code pads to in two steps.

        Neither step is neutral: the norms see the padded frames.
        """
        finest = 2**self.depth
        for unit in (self.filters // 2, self.stride):
            multiple = unit * finest // math.gcd(self.stride, finest)
            mixture = pad(mixture, (0, -mixture.shape[-1] % multiple))
        return mixture


class CTCNet(Extractor):
    """CTCNet with its lip encoder."""

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Read the sizes of the networks, but not what leaves no trace in the shapes.

        Args:
            shapes: Shapes by published name.
        """
        found = {
            setting: shapes[name][axis]
            for setting, (name, axis) in _SIZES.items()
            if len(shapes.get(name, ())) > axis
        }
        for setting, pattern in _COUNTS.items():
            numbers = {hit[1] for hit in map(re.compile(pattern).match, shapes) if hit}
            if numbers:
                found[setting] = len(numbers)
        return found

    def adapt_tensors(self, part: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Split the weights of concatenated features by parts."""
        return split_mixes(self.get_submodule(part), tensors)


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make the network that a card describes."""
    number = {name: int(value) for name, value in settings.items()}
    network = CTCNetwork(
        filters=number["n_filters"],
        kernel=number["kernel_size"],
        stride=number["stride"],
        channels=number["bn_chan"],
        inside=number["hid_chan"],
        depth=number["upsampling_depth"],
        video_channels=number["video_chan"],
        video_depth=number["video_depth"],
        audio_visual_rounds=number["an_repeats"],
        audio_rounds=number["fn_repeats"],
    )
    return CTCNet(network, LipResNet18())
