"""The published graph of Dolphin, cosine transforms included.

Its heat operators turn every channel into cosine coefficients and back, as products with a matrix
of frames x frames inside a function: the largest part of its work, and the one that tools with
hooks for layers do not see.
"""

from __future__ import annotations

from bench.efficiency.graph import Graph, Kind
from bench.efficiency.graphs.clip import Clip, Settings, down, scales
from bench.efficiency.graphs.dolphin_lips import lips

__all__ = ["lips", "separator"]

_STAGES, _HEADS = 4, 8


def separator(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add the separation network, one target."""
    filters, channels = int(settings["audio_enc_channels"]), int(settings["separator_channels"])
    kernel, stride = int(settings["audio_enc_kernel_size"]), int(settings["audio_enc_stride"])
    frames = (clip.samples - kernel) // stride + 1
    graph.conv("encoder", 1, filters, frames, kernel, bias=False)
    graph.each("gelu", filters * frames)
    graph.each("group-norm", filters * frames)
    graph.conv("audio entry", filters, channels, frames, bias=False)
    graph.conv("video entry", 32 * 11 * 11, 64, clip.frames, 3)
    graph.each("batch-norm", 64 * clip.frames)
    graph.each("prelu", 64 * clip.frames)
    with graph.within("video block"):
        _video_block(graph, 64, clip.frames)
    with graph.within("fusion"):
        _fusion(graph, channels, 64, frames, clip.frames)
    lengths = scales(-(-frames // 2**_STAGES) * 2**_STAGES, _STAGES + 1)
    taps = int(settings["local_kernel_size"])
    _stages(graph, channels, taps, lengths)
    graph.linear("features", channels, 2 * filters, frames)
    graph.linear("features", filters, filters, frames)
    longer = (frames - 1) * stride + kernel
    graph.transposed("decoder", filters, 1, (frames, longer), kernel, bias=False)


def _stages(graph: Graph, channels: int, taps: int, lengths: list[int]) -> None:
    """Add the encoder and decoder stages and what lies between; `lengths` ends at the bottom."""
    bottom = lengths[-1]
    top = lengths[-2]  # the lowest stage's length, that of the features that reach all stages
    for length in lengths[:-1]:
        with graph.within("encoder stages", times=2):
            _global_block(graph, channels, length, bottom)
            _local_block(graph, channels, length, taps)
        graph.conv("down", channels, channels, down(length), 5, groups=channels)
        graph.each("group-norm", channels * down(length))
        graph.each("gelu", channels * down(length))
        graph.each("pool-function", channels * top, inputs=channels * down(length))
    with graph.within("bottleneck"):
        graph.each("layer-norm", channels * top)
        _attention(graph, channels, top, positions=False)
        _feed_forward(graph, channels, top)
    for length in lengths[:-1]:
        _inject(graph, channels, length, top, "group-norm")
    for fine, coarse in zip(lengths[-2::-1], lengths[:0:-1], strict=True):
        _inject(graph, channels, fine, coarse, "group-norm")
        with graph.within("decoder stages", times=3):
            _global_block(graph, channels, fine, bottom)
            _local_block(graph, channels, fine, taps)


def _global_block(graph: Graph, channels: int, frames: int, positions: int) -> None:
    graph.each("pool-function", channels * positions, inputs=channels * frames)
    graph.each("layer-norm", channels * positions)
    _attention(graph, channels, positions, positions=True)
    graph.each("resize-function", channels * frames, channels=channels)
    graph.each("layer-norm", channels * frames)
    graph.linear("gate", channels, channels, frames)
    _feed_forward(graph, channels, frames)


def _attention(graph: Graph, channels: int, frames: int, *, positions: bool) -> None:
    width = channels // _HEADS
    with graph.within("attention"):
        for _ in range(4):
            graph.linear("linear", channels, channels, frames)
        graph.product("products", frames, width, frames, items=_HEADS, kind="matmul")
        if positions:
            graph.product("products", _HEADS, width, frames, items=frames, kind="matmul")
        graph.each("softmax-function", _HEADS * frames * frames)
        graph.product("products", frames, frames, width, items=_HEADS, kind="matmul")


def _feed_forward(graph: Graph, channels: int, frames: int) -> None:
    with graph.within("feed-forward"):
        graph.each("layer-norm", channels * frames)
        graph.linear("widen", channels, 3 * channels, frames)
        graph.conv("filter", 3 * channels, 3 * channels, frames, 3, groups=3 * channels)
        graph.linear("narrow", 3 * channels // 2, channels, frames)


def _local_block(graph: Graph, channels: int, frames: int, taps: int) -> None:
    _heat(graph, channels, frames)
    graph.each("group-norm", channels * frames)
    graph.conv("long filter", channels, channels, frames, taps, groups=channels)
    graph.each("gelu", channels * frames)
    graph.conv("filter", channels, channels, frames, 3, groups=channels)
    graph.each("group-norm", channels * frames)
    _feed_forward(graph, channels, frames)


def _heat(graph: Graph, channels: int, frames: int) -> None:
    numbers = channels * frames
    with graph.within("heat"):
        graph.conv("filter", channels, channels, frames, 3, groups=channels)
        graph.conv("filter", channels, 2 * channels, frames, 3, groups=channels)
        for _ in range(2):
            graph.product("cosine transforms", frames, frames, channels, kind="cosine")
        graph.each("layer-norm", numbers)
        graph.each("silu", numbers)
        graph.conv("filter", channels, channels, frames, 3, groups=channels)


def _inject(graph: Graph, channels: int, fine: int, coarse: int, norm: Kind) -> None:
    with graph.within("injection"):
        for length in (fine, coarse, coarse):
            _heat(graph, channels, length)
            graph.each(norm, channels * length)
        for _ in range(2):
            graph.each("resize-function", channels * fine, channels=channels)


def _video_block(graph: Graph, channels: int, frames: int) -> None:
    lengths = scales(frames, 3)
    norm: Kind = "batch-norm"
    graph.conv("project", channels, channels, frames)
    graph.each(norm, channels * frames)
    graph.each("prelu", channels * frames)
    for length in lengths:
        graph.conv("bottom-up", channels, channels, length, 5, groups=channels)
        graph.each(norm, channels * length)
    graph.conv("global", channels, channels, lengths[-1], bias=False)
    graph.conv("global", channels, channels, lengths[-1], 5, groups=channels)
    graph.conv("global", channels, channels, lengths[-1], bias=False)
    for length in lengths:
        _inject(graph, channels, length, lengths[-1], norm)
    _inject(graph, channels, lengths[1], frames, norm)
    _inject(graph, channels, frames, lengths[1], norm)
    graph.conv("restore", channels, channels, frames)


def _fusion(graph: Graph, channels: int, video: int, frames: int, video_frames: int) -> None:
    for inputs, length in ((channels, frames), (video, video_frames)) * 2:
        groups = min(inputs, channels) if length == frames else 1
        graph.conv("units", inputs, channels, length, groups=groups)
        graph.each("group-norm", channels * length)
        graph.each("prelu", channels * length)
    for _ in range(2):
        graph.each("resize-function", channels * frames, channels=channels)
