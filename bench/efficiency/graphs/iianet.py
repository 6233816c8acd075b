"""The published graph of IIANet; IIANet-fast differs by the number of cycles alone.

Resizing is called wherever features meet, also where both lengths are equal.
"""

from __future__ import annotations

from bench.efficiency.graph import Graph, Kind
from bench.efficiency.graphs.clip import Clip, Settings, scales
from bench.efficiency.graphs.resnet18 import lip_resnet18

__all__ = ["lips", "separator"]

lips = lip_resnet18

# Fixed in the published code.
_AUDIO_VISUAL_CYCLES = 4


def separator(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add the separation network, one target."""
    number = {name: int(value) for name, value in settings.items()}
    kernel = number["enc_kernel_size"] * 16
    stride, filters = kernel // 4, kernel // 2 + 1
    front = kernel - stride
    behind = kernel - (stride + clip.samples % kernel) % kernel
    samples = clip.samples + behind + 2 * front
    frames = samples // stride + 1
    outside, inside = number["out_channels"], number["in_channels"]
    video = number["vin_channels"]
    cycles, audio_visual = number["num_blocks"], _AUDIO_VISUAL_CYCLES
    depth = number["upsampling_depth"]
    audio_lengths, video_lengths = scales(frames, depth), scales(clip.frames, depth)

    graph.conv("encoder", 1, filters, frames, kernel, bias=False)
    graph.each("group-norm", filters * frames)
    graph.conv("audio entry", filters, outside, frames)
    graph.conv("video entry", 512, video, clip.frames, 3)
    with graph.within("audio cycle", times=cycles):
        _bottom_up(graph, outside, inside, 5, audio_lengths, "prelu")
        _global_audio(graph, inside, audio_lengths[-1])
        _top_down(graph, outside, inside, audio_lengths, audio=True)
    with graph.within("video cycle", times=audio_visual):
        _bottom_up(graph, video, video, 3, video_lengths, "gelu")
        for _ in range(2):
            _normed(graph, "global", video, video, video_lengths[-1], 3)
        _top_down(graph, video, video, video_lengths, audio=False)
    with graph.within("between modalities", times=audio_visual):
        _between(graph, inside, video, audio_lengths, video_lengths)
    with graph.within("audio feedback", times=cycles - 1):
        graph.conv("scale", outside, outside, frames, groups=outside)
        graph.each("prelu", outside * frames)
    with graph.within("video feedback", times=audio_visual - 1):
        graph.conv("scale", video, video, clip.frames, groups=video)
        graph.each("relu", video * clip.frames)
    graph.each("prelu", outside * frames)
    graph.conv("mask", outside, filters, frames)
    graph.each("relu", filters * frames)
    graph.transposed("decoder", filters, 1, (frames, samples), kernel, bias=False)


def _normed(
    graph: Graph,
    name: str,
    inputs: int,
    outputs: int,
    length: int,
    kernel: int = 1,
    *,
    groups: int = 1,
    bias: bool = False,
) -> None:
    graph.conv(name, inputs, outputs, length, kernel, groups=groups, bias=bias)
    graph.each("group-norm", outputs * length)


def _resize(graph: Graph, channels: int, length: int) -> None:
    graph.each("resize-function", channels * length, channels=channels)


def _bottom_up(
    graph: Graph, outside: int, inside: int, kernel: int, lengths: list[int], act: Kind
) -> None:
    _normed(graph, "project", outside, inside, lengths[0], bias=True)
    graph.each(act, inside * lengths[0])
    for length in lengths:
        _normed(graph, "bottom-up", inside, inside, length, kernel, groups=inside, bias=True)
    for length in lengths[:-1]:
        graph.each("pool-function", inside * lengths[-1], inputs=inside * length)


def _global_audio(graph: Graph, channels: int, length: int) -> None:
    _normed(graph, "global first", channels, channels, length, 3)
    _normed(graph, "global widen", channels, 2 * channels, length)
    graph.conv("global filter", 2 * channels, 2 * channels, length, 5, groups=2 * channels)
    graph.each("relu", 2 * channels * length)
    _normed(graph, "global narrow", 2 * channels, channels, length)


def _top_down(graph: Graph, outside: int, inside: int, lengths: list[int], *, audio: bool) -> None:
    coarsest = lengths[-1]
    for length in lengths:
        if audio:  # stretched before the convolutions, and once more to the same length after
            _resize(graph, inside, length)
        _intra(graph, "to the top", inside, 1, length, length if audio else coarsest)
    for i in range(len(lengths) - 1):
        _intra(graph, "top-down", inside, 5, lengths[i], lengths[i + 1])
    graph.conv("restore", inside, outside, lengths[0])


def _intra(graph: Graph, name: str, channels: int, kernel: int, length: int, coarse: int) -> None:
    """Add a local map that is gated and shifted by a coarse one."""
    _normed(graph, name, channels, channels, length, kernel, groups=channels)
    for _ in range(2):
        _normed(graph, name, channels, channels, coarse, kernel, groups=channels)
        _resize(graph, channels, length)


def _between(
    graph: Graph, audio: int, video: int, audio_lengths: list[int], video_lengths: list[int]
) -> None:
    audio_top, video_top = audio_lengths[-1], video_lengths[-1]
    _normed(graph, "audio gate", audio, video, audio_top, 3)
    _resize(graph, video, audio_top)
    _normed(graph, "audio update", video, audio, audio_top, bias=True)
    _normed(graph, "video gate", video, audio, video_top, 5)
    _resize(graph, audio, video_top)
    _normed(graph, "video update", audio, video, video_top, bias=True)
    for length, frames in zip(audio_lengths, video_lengths, strict=True):
        _normed(graph, "video to audio", video, audio, frames, 3)
        _resize(graph, audio, length)
