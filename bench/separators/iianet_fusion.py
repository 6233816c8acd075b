"""The top of IIANet: attention between the modalities (InterA-T), then refinement of each.

Features are rows `(frames, channels)` of the coarsest scale. Both modalities see what the other
was, not what it becomes.

    audio += norm(1x1(up(video) * sigmoid(norm(conv(audio)))))      and video in the same way
    audio += norm(conv(audio)), then += feed-forward(audio)
    video += norm(conv(video)), then += norm(conv(video))
"""

from __future__ import annotations

from torch import Tensor, nn

from bench.separators.iianet_rows import NormedConv, convolve, resize

__all__ = ["FeedForward", "InterTop", "Refinement"]


class InterTop(nn.Module):
    """InterA-T: each modality takes from the other what its own gate lets through."""

    def __init__(self, audio: int, video: int) -> None:
        super().__init__()
        self.audio_gate = NormedConv(audio, video, 3)
        self.audio_update = NormedConv(video, audio, 1, bias=True)
        self.video_gate = NormedConv(video, audio, 5)
        self.video_update = NormedConv(audio, video, 1, bias=True)

    def forward(self, audio: Tensor, video: Tensor) -> tuple[Tensor, Tensor]:
        """Exchange between tops `(audio frames, audio)` and `(video frames, video)`."""
        for_audio = self.audio_gate(audio).sigmoid_().mul_(resize(video, len(audio)))
        for_video = self.video_gate(video).sigmoid_().mul_(resize(audio, len(video)))
        return audio + self.audio_update(for_audio), video + self.video_update(for_video)


class Refinement(nn.Module):
    """A convolution over 3 frames and a second module, each added to what it got."""

    def __init__(self, channels: int, second: nn.Module) -> None:
        super().__init__()
        self.first = NormedConv(channels, channels, 3)
        self.second = second

    def forward(self, top: Tensor) -> Tensor:
        """Refine `(frames, channels)`."""
        refined = self.first(top).add_(top)
        total: Tensor = self.second(refined).add_(refined)
        return total


class FeedForward(nn.Module):
    """Widen, filter in time, rectify, narrow."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        wide = 2 * channels
        self.widen = NormedConv(channels, wide, 1)
        self.filter = nn.Conv1d(wide, wide, 5, padding=2, groups=wide)
        self.narrow = NormedConv(wide, channels, 1)

    def forward(self, rows: Tensor) -> Tensor:
        """Return the share that is added to `(frames, channels)`."""
        narrowed: Tensor = self.narrow(convolve(self.widen(rows), self.filter).relu_())
        return narrowed
