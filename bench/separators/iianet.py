"""IIANet: Li et al., "IIANet: An intra- and inter-modality attention network for audio-visual
speech separation" (ICML 2024, arXiv 2308.08143).

    mixture -> 9 linear filters of 16 samples, hop 4 -> E -> gLN, 1x1 convolution -> a0
    mouths  -> lip encoder (`lip_resnet18`)           -> convolution of 3 frames  -> v0
    4 audio-visual cycles, then audio cycles; all share one set of weights:
        a, v -> bottom-up over 5 time scales                       (`iianet_blocks`)
        their tops attend to each other: InterA-T                  (`iianet_fusion`)
        every scale attends to the top: IntraA; video gates each audio scale: InterA-M
        top-down: IntraA; the result and a0 (v0) enter the next cycle: InterA-B
    mask = ReLU(1x1 convolution of PReLU(a));  waveform = transposed convolution of mask * E

It extracts the voice of one mouth. Bottom-up, the first audio cycle sees the mixture alone and runs
once for all speakers; the last video cycle stops where nothing reads on. IIANet-fast is the same
network with fewer cycles. Features are rows `(frames, channels)`, one mixture at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.nn.functional import pad

from bench.errors import UsageError
from bench.separators.base import Separator
from bench.separators.card import Setting
from bench.separators.extractor import Extractor
from bench.separators.iianet_blocks import Feedback, MultiScaleBlock, Scales
from bench.separators.iianet_fusion import FeedForward, InterTop, Refinement
from bench.separators.iianet_rows import Moments, NormedConv, convolve, repeats
from bench.separators.lip_resnet18 import LipResNet18

__all__ = ["IIANet", "build"]

# Video takes part in so many cycles; the published code fixes it.
_AUDIO_VISUAL_CYCLES = 4


class MixtureFeatures(NamedTuple):
    """What depends on the mixture alone."""

    encoded: Tensor  # E: (frames, filters)
    entry: Tensor  # a0: (frames, channels)
    scales: Scales  # of the first cycle


class IIANetwork(nn.Module):
    """The separation network: one mixture and one speaker's lip embedding to one waveform.

    Args:
        kernel: Of the encoder, in samples; a multiple of 4.
        channels: Of audio between cycles.
        inside: Of audio inside a cycle.
        video_channels: Of video between cycles.
        video_inside: Of video inside a cycle.
        depth: Number of time scales.
        cycles: Audio-visual and audio cycles together.
    """

    def __init__(
        self,
        *,
        kernel: int,
        channels: int,
        inside: int,
        video_channels: int,
        video_inside: int,
        depth: int,
        cycles: int,
    ) -> None:
        super().__init__()
        self.audio_visual_cycles = min(cycles, _AUDIO_VISUAL_CYCLES)
        self.audio_cycles = cycles - self.audio_visual_cycles
        filters, stride, edge = kernel // 2 + 1, kernel // 4, kernel // 2
        self.encoder = nn.Conv1d(1, filters, kernel, stride, edge, bias=False)
        self.decoder = nn.ConvTranspose1d(filters, 1, kernel, stride, edge, bias=False)
        self.audio_norm = nn.GroupNorm(1, filters, eps=1e-8)
        self.audio_entry = nn.Conv1d(filters, channels, 1)
        self.video_entry = nn.Conv1d(512, video_channels, 3, padding=1)
        self.audio = MultiScaleBlock(
            outside=channels,
            inside=inside,
            kernel=5,
            depth=depth,
            activation=nn.PReLU,
            stretch_first=True,
        )
        self.video = MultiScaleBlock(
            outside=video_channels,
            inside=video_inside,
            kernel=3,
            depth=depth,
            activation=nn.GELU,
            stretch_first=False,
        )
        self.inter_top = InterTop(inside, video_inside)
        self.audio_top = Refinement(inside, FeedForward(inside))
        self.video_top = Refinement(video_inside, NormedConv(video_inside, video_inside, 3))
        self.inter_middle = nn.ModuleList(NormedConv(video_inside, inside, 3) for _ in range(depth))
        self.inter_bottom_audio = Feedback(channels, nn.PReLU())
        self.inter_bottom_video = Feedback(video_channels, nn.ReLU())
        self.mask_act = nn.PReLU()
        self.mask = nn.Conv1d(channels, filters, 1)

    def analyse(self, mixture: Tensor) -> MixtureFeatures:
        """Compute what all speakers share, from one mixture `(samples,)`."""
        encoded = self.encoder(self._padded(mixture)[None]).t().contiguous()
        norm = Moments.of_all(encoded).normaliser(self.audio_norm)
        entry = convolve(norm(encoded), self.audio_entry)
        return MixtureFeatures(encoded, entry, self.audio.analyse(entry))

    def extract(self, features: MixtureFeatures, embedding: Tensor, samples: int) -> Tensor:
        """Extract one voice `(samples,)`, given its lip embedding `(512, video frames)`."""
        audio = self._fused_with_video(features, embedding)
        for _ in range(self.audio_cycles):
            audio = self.inter_bottom_audio(audio, features.entry)
            scales = self.audio.analyse(audio)
            audio = self.audio.merge(self.audio.attend(scales, self.audio_top(scales.top)), audio)
        mask = convolve(self.mask_act(audio), self.mask).relu_()
        return self._decoded(mask.mul_(features.encoded))[:samples]

    def _fused_with_video(self, features: MixtureFeatures, embedding: Tensor) -> Tensor:
        """Run the audio-visual cycles."""
        video_entry = convolve(embedding.t().contiguous(), self.video_entry)
        audio, video, scales = features.entry, video_entry, features.scales.copy()
        for cycle in range(self.audio_visual_cycles):
            if cycle > 0:
                audio = self.inter_bottom_audio(audio, features.entry)
                video = self.inter_bottom_video(video, video_entry)
                scales = self.audio.analyse(audio)
            video_scales = self.video.analyse(video)
            audio_top, video_top = self.inter_top(scales.top, video_scales.top)
            attended = self.audio.attend(scales, self.audio_top(audio_top))
            video_attended = self.video.attend(video_scales, self.video_top(video_top))
            for rows, seen, layer in zip(attended, video_attended, self.inter_middle, strict=True):
                _gate_(rows, layer(seen).sigmoid_())
            if cycle + 1 < self.audio_visual_cycles:
                video = self.video.merge(video_attended, video)
            audio = self.audio.merge(attended, audio)
        return audio

    def _padded(self, mixture: Tensor) -> Tensor:
        """Surround a mixture `(samples,)` with zeros as published: at least one more behind."""
        kernel, stride = self.encoder.kernel_size[0], self.encoder.stride[0]
        rest = kernel - (stride + len(mixture) % kernel) % kernel
        return pad(mixture, (kernel - stride, rest + kernel - stride))

    def _decoded(self, masked: Tensor) -> Tensor:
        """Turn `(frames, filters)` into a waveform that begins where the mixture did."""
        kernel, stride = self.encoder.kernel_size[0], self.encoder.stride[0]
        waveform: Tensor = self.decoder(masked.t())
        return waveform[0, kernel - stride :]


def _gate_(rows: Tensor, gate: Tensor) -> None:
    """InterA-M: add to audio rows, in place, what a stretched video gate lets through of them."""
    gain = gate.add_(1)
    for chosen, covered in repeats(rows, len(gain)):
        covered.mul_(gain[chosen, None])


class IIANet(Extractor):
    """IIANet with its frozen lip encoder."""

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Read the widths, the depth and the encoder's kernel; the cycles leave no trace."""
        names = {
            "out_channels": ("bottleneck.weight", 0),
            "in_channels": ("sm.audio_blocks.0.proj_1x1.conv.weight", 0),
            "vin_channels": ("pre_v.weight", 0),
            "vout_channels": ("sm.video_blocks.0.proj_1x1.conv.weight", 0),
        }
        read = {
            setting: shapes[name][axis] for setting, (name, axis) in names.items() if name in shapes
        }
        if "encoder.weight" in shapes:
            read["enc_kernel_size"] = shapes["encoder.weight"][-1] * 1000 // cls.sample_rate
        scales = "sm.audio_blocks.0.spp_dw."
        read["upsampling_depth"] = sum(
            name.startswith(scales) and name.endswith(".conv.weight") for name in shapes
        )
        return {setting: value for setting, value in read.items() if value}


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make IIANet with the hyper-parameters of its published configuration files."""
    number = {name: int(value) for name, value in settings.items()}
    for name, value in number.items():
        if value < 1:
            raise UsageError(f"{name}={value} was given, but IIANet needs at least 1.")
    network = IIANetwork(
        kernel=number["enc_kernel_size"] * Separator.sample_rate // 1000,
        channels=number["out_channels"],
        inside=number["in_channels"],
        video_channels=number["vin_channels"],
        video_inside=number["vout_channels"],
        depth=number["upsampling_depth"],
        cycles=number["num_blocks"],
    )
    return IIANet(network, LipResNet18())
