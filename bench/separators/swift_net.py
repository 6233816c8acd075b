"""Swift-Net: Sang, Li, Yang, Huang and Hu, "A fast and lightweight model for causal audio-visual
speech separation" (ECAI 2025, arXiv 2506.06689), a lighter descendant of RTFS-Net.

    mixture -> STFT -> convolution -> E -> norm, ReLU, 1x1 convolution -> a0
    mouths  -> lip encoder (`lip_resnet18`) -> video branch -> v
    a = scale(v) * A(a0) + shift(v)      A: the audio block (`swift_net_blocks`)
    repeats - 1 times: a = A(a + a0)     always with the same weights
    mask = ReLU(1x1 convolution of PReLU(a));  E * mask, as complex numbers -> convolution -> iSTFT

What is the same as in RTFS-Net is in `rtfsnet`. Both convolutions look back only: the encoder sees
two frames more, the decoder makes a frame from the three before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import fold, pad

from bench.separators.card import Setting
from bench.separators.lip_resnet18 import LipResNet18
from bench.separators.rtfsnet import RTFSNet, RTFSNetwork
from bench.separators.rtfsnet_deferred import Deferred
from bench.separators.rtfsnet_fusion import as_map
from bench.separators.swift_net_blocks import AudioBlock, CumulativeNorm, VideoBranch

__all__ = ["SwiftNet", "build"]

_CHANNELS, _VIDEO_CHANNELS, _INNER_CHANNELS = 256, 512, 64


class SwiftNet(RTFSNet):
    """Swift-Net with its lip encoder."""

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Read the width of the video branch, of which two are known."""
        projection = shapes.get("separator.video_net.projection.conv.weight")
        return {"video_hid_chan": projection[0]} if projection else {}


class SwiftNetwork(RTFSNetwork):
    """The separation network: mixtures and lip embeddings to waveforms."""

    def _encoded(self, spectrum: Tensor) -> Tensor:
        """Encode real part, imaginary part and magnitude, seeing two frames more of the past."""
        power = spectrum.real.square() + spectrum.imag.square()
        magnitude = (power + torch.finfo(power.dtype).eps).sqrt()
        parts = torch.stack([spectrum.real, spectrum.imag, magnitude], 1)
        parts = parts.contiguous(memory_format=torch.channels_last)
        encoded: Tensor = self.encoder(pad(parts, (1, 1, 2, 0)))
        return encoded

    def _decoded(self, shares: Deferred, like: Tensor) -> Tensor:
        """Add up what the points add to their neighbours, two frames late; one frame longer."""
        batch, _, frames, frequencies = like.shape
        added = like.new_zeros(batch, frames + 2, frequencies, self.decoder.weight[0].numel())
        added = added.permute(0, 3, 1, 2)
        shares.into(added[:, :, 2:])
        late = fold(added.flatten(2), (frames + 2, frequencies), 3, padding=1)
        return late[:, :, :-1]


class Modulation(nn.Module):
    """Where the video enters (the paper's SAF): it scales and shifts each channel of each frame.

    Args:
        audio: Channels of the map.
        video: Channels of the video features, two for each of the map's.
    """

    def __init__(self, audio: int, video: int) -> None:
        super().__init__()
        self.scale_and_shift = nn.Conv1d(video, 2 * audio, 1, groups=video)

    def weights(self, seen: Tensor, frames: int) -> tuple[Tensor, Tensor]:
        """Return scale and shift, `(batch, audio channels, frames, 1)` each."""
        scale, shift = self.scale_and_shift(seen).chunk(2, 1)
        return as_map(scale, frames), as_map(shift, frames)

    def forward(self, heard: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """Change a map, every point by itself."""
        return torch.addcmul(shift, heard, scale)


def build(settings: Mapping[str, Setting]) -> SwiftNet:
    """Make the network that a card describes."""
    network = SwiftNetwork(
        channels=_CHANNELS,
        repeats=int(settings["repeats"]),
        encoder=nn.Conv2d(3, _CHANNELS, 3, bias=False),
        entry_norm=CumulativeNorm(_CHANNELS),
        audio_block=AudioBlock(_CHANNELS, _INNER_CHANNELS),
        video_block=VideoBranch(_VIDEO_CHANNELS, int(settings["video_hid_chan"])),
        fusion=Modulation(_CHANNELS, _VIDEO_CHANNELS),
    )
    # The ends of a mixture are mirrored over a hop.
    return SwiftNet(network, LipResNet18(), fewest_samples=129)
