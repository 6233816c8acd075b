"""AVLIT: Martel et al., "Audio-visual speech separation in noisy environments with a lightweight
iterative model" (Interspeech 2023, arXiv 2306.00160). AVLIT-8 runs its audio block eight times.

    mixture -> linear filters of 40 samples, hop 20 -> E -> gLN, 1x1 convolution -> audio branch
    each frame of each mouth -> frame encoder -> all mouths stacked -> 1x1 convolution -> video
        branch -> v
    audio branch: one multi-scale block (A-FRCNN) again and again, its result added to its entry
        before each round; before one of the rounds v is added too
    masks = ReLU(1x1 convolution); waveforms = transposed convolution of each mask * E

It separates all voices at once, in the order of the given mouths; built for one source it extracts
one voice per mouth instead. Features are `(1, channels, 1, time)`, channels last in memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import conv_transpose1d, interpolate, pad, relu_

from bench.errors import UsageError
from bench.separators.avlit_frames import FrameEncoder
from bench.separators.base import Separator
from bench.separators.card import Setting
from bench.separators.ctcnet_blocks import Feedback, MultiScaleBlock, split_mixes
from bench.separators.norms import GlobalNorm
from bench.separators.pointwise import pointwise

__all__ = ["AVLIT", "build"]


class MixtureFeatures(NamedTuple):
    """What depends on the mixture alone."""

    encoded: Tensor  # E: (1, filters, 1, time)
    scaled_entry: Tensor  # the branch's input as every later round adds it
    refined: Tensor  # what the fusion finds


class Branch(nn.Module):
    """One block used in several rounds, audio's or video's.

    The video branch owns a `fusion` that nothing runs, as published.

    Args:
        channels: Between the rounds.
        inside: Inside the block.
        scales: Of the block.
        rounds: How often the block is used.
    """

    def __init__(self, *, channels: int, inside: int, scales: int, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds
        self.block = MultiScaleBlock(channels, inside, scales, 5, GlobalNorm)
        self.feedback = Feedback(channels)
        self.fusion = Feedback(channels)

    def forward(self, entry: Tensor) -> Tensor:
        """Run all rounds without a fusion."""
        return self.repeat(self.block(entry), self.feedback.scaled(entry), self.rounds - 1)

    def until_fusion(self, entry: Tensor, scaled_entry: Tensor, position: int) -> Tensor:
        """Run the rounds before that of the fusion, and enter this one."""
        if position == 0:
            return entry
        refined = self.repeat(self.block(entry), scaled_entry, position - 1)
        entered: Tensor = self.feedback(scaled_entry, refined)
        return entered

    def from_fusion(
        self, refined: Tensor, scaled_entry: Tensor, video: Tensor, position: int
    ) -> Tensor:
        """Add video features of as many frames, and run the round of the fusion and the rest."""
        fused = self.block(self.fusion(self.fusion.scaled(video), refined))
        return self.repeat(fused, scaled_entry, self.rounds - 1 - position)

    def repeat(self, refined: Tensor, scaled_entry: Tensor, rounds: int) -> Tensor:
        """Feed the block's result back into it."""
        for _ in range(rounds):
            refined = self.block(self.feedback(scaled_entry, refined))
        return refined


class Network(nn.Module):
    """The separation network: one mixture and the frames of all mouths to all waveforms.

    Args:
        sources: How many voices come out, one for each mouth that goes in.
        filters: Of the encoder, and inside the audio block.
        kernel: Length of a filter in samples; the hop is half of it.
        embedding: Nominal width of a frame's vector.
        audio: The branch for audio.
        video: The branch for video.
        audio_channels: Between the rounds of the audio branch.
        video_channels: Likewise for video.
        position: The round of the audio branch, from 0, that begins with the fusion.
    """

    def __init__(
        self,
        *,
        sources: int,
        filters: int,
        kernel: int,
        embedding: int,
        audio: Branch,
        video: Branch,
        audio_channels: int,
        video_channels: int,
        position: int,
    ) -> None:
        super().__init__()
        self.sources, self.filters, self.stride = sources, filters, kernel // 2
        self.rows, self.position = sources * embedding, position
        self.encoder = nn.Conv1d(1, filters, kernel, self.stride, kernel // 2, bias=False)
        self.audio_norm = GlobalNorm(filters)
        self.audio_entry = nn.Conv1d(filters, audio_channels, 1)
        self.video_entry = nn.Conv1d(self.rows, video_channels, 1)
        self.audio_branch = audio
        self.video_branch = video
        self.mask_act = nn.PReLU()
        self.mask = nn.Conv1d(audio_channels, sources * filters, 1)
        self.decoder = nn.ConvTranspose1d(filters, 1, kernel, self.stride, bias=False)

    def analyse(self, mixture: Tensor) -> MixtureFeatures:
        """Compute what depends on the mixture `(1, samples)` alone."""
        # Whole hops, and a multiple of the block's coarsest step.
        padded = pad(mixture, (0, -mixture.shape[-1] % math.lcm(self.stride, 32)))
        encoded = self.encoder(padded[:, None])[:, :, None]
        encoded = encoded.contiguous(memory_format=torch.channels_last)
        weight, bias = self.audio_entry.weight, self.audio_entry.bias
        entry = pointwise(self.audio_norm(encoded), weight, bias)
        scaled = self.audio_branch.feedback.scaled(entry)
        refined = self.audio_branch.until_fusion(entry, scaled, self.position)
        return MixtureFeatures(encoded, scaled, refined)

    def extract(self, features: MixtureFeatures, frames: Tensor, samples: int) -> Tensor:
        """Separate the voices `(sources, samples)` of mouths `(sources, frames, width)`."""
        video = self._stretched(self._watched(frames), features.refined.shape[-1])
        refined = self.audio_branch.from_fusion(
            features.refined, features.scaled_entry, video, self.position
        )
        masks = relu_(pointwise(self.mask_act(refined), self.mask.weight, self.mask.bias))
        masks = masks[0, :, 0].view(self.sources, self.filters, -1)  # (source, filter, time)
        weight, stride = self.decoder.weight, self.stride
        voices = conv_transpose1d(masks * features.encoded[:, :, 0], weight, None, stride, stride)
        return pad(voices[:, 0], (0, stride - 1))[:, :samples]

    def _watched(self, frames: Tensor) -> Tensor:
        """Run the video branch.

        The published code lays `(source, width, frame)` out as rows of the nominal width. As a
        frame has twice as many numbers, two of them share a row, one after the other in time.
        """
        rows = frames.transpose(1, 2).reshape(1, self.rows, 1, -1)
        rows = rows.contiguous(memory_format=torch.channels_last)
        entry = pointwise(rows, self.video_entry.weight, self.video_entry.bias)
        watched: Tensor = self.video_branch(entry)
        return watched

    def _stretched(self, video: Tensor, frames: int) -> Tensor:
        if video.shape[-1] > frames:
            raise UsageError(
                f"{video.shape[-1] // 2} mouth frames were given for a mixture of only about "
                f"{frames * self.stride} samples; 25 frames belong to 16000 samples."
            )
        return interpolate(video, size=(1, frames))


class AVLIT(Separator):
    """AVLIT with its frame encoder."""

    halves_batch = False  # it sees all mouths at once

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.lip_encoder = FrameEncoder()

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Read for how many sources the network was built."""
        masks, filters = shapes.get("mask_net.1.weight"), shapes.get("audio_encoder.weight")
        return {"num_sources": masks[0] // filters[0]} if masks and filters else {}

    def adapt_tensors(self, part: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Split the weights of concatenated features by parts."""
        return split_mixes(self.get_submodule(part), tensors)

    def _encode(self, mouths: Tensor, samples: int | None) -> Tensor:
        batch, speakers, frames = mouths.shape[:3]
        encoded: Tensor = self.lip_encoder(mouths.flatten(0, 2))
        return encoded.view(batch, speakers, frames, -1)

    def _separate(self, mixture: Tensor, embeddings: Any, faces: Tensor | None) -> Tensor:
        sources, samples = self.network.sources, mixture.shape[-1]
        if sources not in (1, embeddings.shape[1]):
            raise UsageError(
                f"{embeddings.shape[1]} mouths were given, but this AVLIT separates {sources} "
                "voices at once; give as many mouths, or set num_sources."
            )
        voices = []
        for item, mouths in zip(mixture, embeddings, strict=True):
            features = self.network.analyse(item[None])
            voices += [
                self.network.extract(features, together, samples)
                for together in torch.split(mouths, sources)
            ]
        return torch.cat(voices).view(len(mixture), -1, samples)


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make the network that a card describes.

    Raises:
        UsageError: The fusion would come after the last round.
    """
    number = {name: int(value) for name, value in settings.items()}
    rounds, position = number["audio_num_blocks"], number["fusion_position"]
    if not 0 <= position < rounds:
        raise UsageError(
            f"the fusion was set to round {position}, but the rounds are 0 to {rounds - 1}; "
            "change fusion_position or audio_num_blocks."
        )
    audio, video = (
        Branch(
            channels=number[f"{kind}_bottleneck_channels"],
            inside=number[f"{kind}_hidden_channels"],
            scales=number[f"{kind}_states"],
            rounds=number[f"{kind}_num_blocks"],
        )
        for kind in ("audio", "video")
    )
    network = Network(
        sources=number["num_sources"],
        filters=number["audio_hidden_channels"],
        kernel=number["kernel_size"],
        embedding=number["video_embedding_dim"],
        audio=audio,
        video=video,
        audio_channels=number["audio_bottleneck_channels"],
        video_channels=number["video_bottleneck_channels"],
        position=position,
    )
    return AVLIT(network)
