"""RTFS-Net: Pegg, Li and Hu, "RTFS-Net: Recurrent time-frequency modelling for efficient
audio-visual speech separation" (ICLR 2024, arXiv 2309.17189).

    mixture -> STFT -> convolution -> E -> gLN, ReLU, 1x1 convolution -> a0
    mouths  -> lip encoder (`lip_resnet18`) -> its own multi-scale block -> v
    a = fusion(A(a0), v)                 A: the audio block (`rtfsnet_blocks`, `rtfsnet_attention`)
    repeats - 1 times: a = A(a + a0)     always with the same weights
    mask = ReLU(1x1 convolution of PReLU(a));  E * mask, as complex numbers -> convolution -> iSTFT

It extracts the voice of one mouth. The first use of the audio block sees the mixture alone, so it
runs once for all speakers. Maps are `(batch, channels, time, frequency)`, channels last in memory,
with 129 frequencies and a frame every 128 samples (8 ms).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import fold

from bench.errors import UsageError
from bench.separators.base import Separator
from bench.separators.card import Setting
from bench.separators.extractor import Extractor
from bench.separators.lip_resnet18 import LipResNet18
from bench.separators.pointwise import pointwise
from bench.separators.rtfsnet_attention import FrameAttention, MapAttention, VideoAttention
from bench.separators.rtfsnet_blocks import (
    Gateway,
    MapFilter,
    MapNorm,
    MapProjection,
    MultiScaleBlock,
    VideoFilter,
)
from bench.separators.rtfsnet_deferred import Deferred
from bench.separators.rtfsnet_fusion import Fusion, MapFusion
from bench.separators.rtfsnet_spectrum import complex_product, spectrum_of, waveform_of
from bench.separators.rtfsnet_sru import RecurrentPath

__all__ = ["RTFSNet", "RTFSNetwork", "build"]

_CHANNELS, _VIDEO_CHANNELS, _INNER_CHANNELS = 256, 512, 64

# The recurrence along time sees 8 frames at once, on a scale with half of the frames.
_FEWEST_SAMPLES = 15 * 128


class RTFSNet(Extractor):
    """RTFS-Net with its lip encoder; its network takes several mixtures at once."""

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Tell the two published revisions apart."""
        slope = "refinement_module.audio_net.blocks.projection.full_layer.4.weight"
        return {"bare_projection": slope not in shapes}

    def _separate(self, mixture: Tensor, embeddings: Any, faces: Tensor | None) -> Tensor:
        # One by one: a batch takes longer on a CPU.
        together = 1 if mixture.device.type == "cpu" else len(mixture)
        items = zip(*(torch.split(part, together) for part in (mixture, embeddings)), strict=True)
        return torch.cat([self.network(*item) for item in items])


class MixtureFeatures(NamedTuple):
    """What depends on the mixture alone; maps of 256 channels."""

    encoded: Tensor
    scaled_entry: Tensor  # a0, as the gateway of every later use of the audio block adds it
    first: Tensor  # what the first use of the audio block returned


class RTFSNetwork(nn.Module):
    """The separation network: mixtures and lip embeddings to waveforms.

    Args:
        channels: Of the maps.
        repeats: How often the audio block is used; 4, 6 and 12 are published.
        encoder: From the parts of a spectrum to a map.
        entry_norm: Of the encoded mixture.
        audio_block: Refines maps.
        video_block: Refines lip embeddings.
        fusion: Where the video enters.
    """

    def __init__(
        self,
        *,
        channels: int,
        repeats: int,
        encoder: nn.Module,
        entry_norm: nn.Module,
        audio_block: MultiScaleBlock,
        video_block: nn.Module,
        fusion: MapFusion,
    ) -> None:
        super().__init__()
        if repeats < 1:
            raise UsageError(f"repeats={repeats} was given; the audio block is used at least once.")
        self.repeats = repeats
        self.encoder = encoder
        self.entry_norm = entry_norm
        self.entry = MapProjection(channels, channels)
        self.audio_block = audio_block
        self.video_block = video_block
        self.fusion = fusion
        self.mask_act = nn.PReLU()
        self.mask = MapProjection(channels, channels)
        self.decoder = nn.ConvTranspose2d(channels, 2, 3, padding=1, bias=False)

    def forward(self, mixture: Tensor, embeddings: Tensor) -> Tensor:
        """Separate `(batch, samples)`, given embeddings `(batch, speakers, 512, video frames)`."""
        features = self.analyse(mixture)
        voices = [
            waveform_of(self.extract(features, embedding), mixture.shape[-1])
            for embedding in embeddings.unbind(1)
        ]
        return torch.stack(voices, 1)

    def analyse(self, mixture: Tensor) -> MixtureFeatures:
        """Compute what all speakers share, from mixtures `(batch, samples)`."""
        block = self.audio_block
        encoded = self._encoded(spectrum_of(mixture))
        entry = self.entry_norm(encoded)
        scaled_entry = Deferred(self._enter, (entry,)).into(entry)
        gated = block.gateway.act(scaled_entry)
        first = Deferred(block.expand, (block.refine(gated), gated)).into(gated)
        return MixtureFeatures(encoded, scaled_entry, first)

    def extract(self, features: MixtureFeatures, embedding: Tensor) -> Tensor:
        """Extract one voice of each mixture, given its embedding `(batch, 512, video frames)`.

        Returns:
            `(batch, real and imaginary, time, frequency)`.
        """
        block = self.audio_block
        weights = self.fusion.weights(self.video_block(embedding), features.first.shape[2])
        refined = Deferred(self.fusion, (features.first, *weights))
        gated = torch.empty_like(features.first)
        for _ in range(self.repeats - 1):
            gated = refined.then(block.gateway.of_sum, features.scaled_entry).into(gated)
            refined = Deferred(block.expand, (block.refine(gated), gated))
        return self._decoded(refined.then(self._masked, features.encoded), features.encoded)

    def _encoded(self, spectrum: Tensor) -> Tensor:
        parts = torch.view_as_real(spectrum)  # (batch, time, frequency, 2)
        encoded: Tensor = self.encoder(parts.contiguous().permute(0, 3, 1, 2))
        return encoded

    def _enter(self, normalised: Tensor) -> Tensor:
        return self.audio_block.gateway.scaled(self.entry(normalised.relu()))

    def _masked(self, refined: Tensor, encoded: Tensor) -> Tensor:
        """Mask the encoded mixture and compute what each point adds to its 9 neighbours."""
        mask = self.mask(self.mask_act(refined)).relu_()
        weight = self.decoder.weight.flatten(1)  # (channels, (real and imaginary) * 9)
        return pointwise(complex_product(encoded, mask), weight.t())

    def _decoded(self, shares: Deferred, like: Tensor) -> Tensor:
        """Add up what the points add to their neighbours: a transposed convolution."""
        batch, _, frames, frequencies = like.shape
        added = like.new_empty(batch, frames, frequencies, self.decoder.weight[0].numel())
        added = shares.into(added.permute(0, 3, 1, 2))
        return fold(added.flatten(2), (frames, frequencies), 3, padding=1)


def _audio_block(bare_projection: bool) -> MultiScaleBlock:
    inner = _INNER_CHANNELS
    projection = nn.Sequential(MapProjection(_CHANNELS, inner))
    if not bare_projection:
        projection.extend([MapNorm(inner), nn.PReLU()])
    return MultiScaleBlock(
        gateway=Gateway(_CHANNELS, axes=2),
        projection=projection,
        scales=[MapFilter(inner, stride=stride, bias=True) for stride in (1, 2)],
        attention=MapAttention(
            along_frequency=RecurrentPath(inner),
            along_time=RecurrentPath(inner),
            between_frames=FrameAttention(inner),
        ),
        new_filter=lambda: MapFilter(inner),
        expansion=MapProjection(inner, _CHANNELS),
    )


def _video_block(bare_projection: bool) -> MultiScaleBlock:
    inner = _INNER_CHANNELS
    projection = nn.Sequential(nn.Conv1d(_VIDEO_CHANNELS, inner, 1))
    if not bare_projection:
        projection.extend([nn.BatchNorm1d(inner), nn.PReLU()])
    return MultiScaleBlock(
        gateway=Gateway(_VIDEO_CHANNELS, axes=1),
        projection=projection,
        scales=[VideoFilter(inner, stride=stride, bias=True) for stride in (1, 2, 2, 2)],
        attention=VideoAttention(inner),
        new_filter=lambda: VideoFilter(inner),
        expansion=nn.Conv1d(inner, _VIDEO_CHANNELS, 1),
    )


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make the network that a card describes."""
    bare_projection = bool(settings["bare_projection"])
    network = RTFSNetwork(
        channels=_CHANNELS,
        repeats=int(settings["repeats"]),
        encoder=nn.Conv2d(2, _CHANNELS, 3, padding=1, bias=False),
        entry_norm=MapNorm(_CHANNELS),
        audio_block=_audio_block(bare_projection),
        video_block=_video_block(bare_projection),
        fusion=Fusion(_CHANNELS, _VIDEO_CHANNELS),
    )
    return RTFSNet(network, LipResNet18(), fewest_samples=_FEWEST_SAMPLES)
