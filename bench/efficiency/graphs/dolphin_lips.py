"""The published graph of Dolphin's lip encoder: two paths of the same layers and a code book."""

from __future__ import annotations

from bench.efficiency.graph import Graph
from bench.efficiency.graphs.clip import Clip, down

__all__ = ["lips"]

_CODES, _CODE = 256, 64


def lips(graph: Graph, clip: Clip) -> None:
    """Add the lip encoder."""
    frames, height, width = clip.frames, clip.height, clip.width
    with graph.within("lip encoder", times=2):
        graph.conv("entry", 1, 4, frames * height * width, 7**3)
        channels = 4
        for level, units in enumerate((1, 2, 2, 2)):
            if level > 0:
                height, width = down(height), down(width)
                pixels = frames * height * width
                graph.conv("down", channels, 2 * channels, pixels, 9)
                channels *= 2
            for _ in range(units):
                _residual_unit(graph, channels, frames, height * width)
            if level == 2:
                _linear_attention(graph, channels, frames, height * width)
                _feed_forward(graph, channels, frames * height * width)
        _attention(graph, channels, frames, height * width)
        _feed_forward(graph, channels, frames * height * width)
        graph.each("layer-norm", channels * frames * height * width)
    vector = channels * height * width
    graph.linear("code / linear", vector, _CODE, frames)
    graph.product("code / distances", frames, _CODE, _CODES, kind="einsum")
    graph.linear("code / linear", _CODE, vector, frames)


def _residual_unit(graph: Graph, channels: int, frames: int, pixels: int) -> None:
    points = frames * pixels
    hidden = max(16, channels // 2)
    with graph.within("residual units"):
        graph.conv("3x3x3", channels, channels, points, 27)
        graph.each("relu", channels * points)
        graph.conv("1x1x1", channels, channels, points)
        graph.each("relu", channels * points)
        graph.conv("weights", channels, 1, points)
        graph.each("softmax-function", points)
        graph.product("pooling", channels, pixels, 1, items=frames, kind="einsum")
        graph.conv("weights", channels, hidden, frames)
        graph.each("leaky-relu", hidden * frames)
        graph.conv("weights", hidden, channels, frames)


def _linear_attention(graph: Graph, channels: int, frames: int, pixels: int) -> None:
    heads, width = 16, 8
    points, features = frames * pixels, 1 + width + width * width
    with graph.within("linear attention"):
        graph.linear("linear", channels, 3 * heads * width, points, bias=False)
        for _ in range(2):
            graph.product("products", features, pixels, width, items=frames * heads, kind="einsum")
        graph.product("products", pixels, features, 1, items=frames * heads, kind="einsum")
        graph.linear("linear", heads * width, channels, points, bias=False)


def _attention(graph: Graph, channels: int, frames: int, pixels: int) -> None:
    heads, width, kept = 8, 32, 4
    points, keys = frames * pixels, pixels + kept
    with graph.within("attention"):
        graph.linear("linear", channels, 3 * heads * width, points, bias=False)
        graph.product("products", pixels, width, keys, items=frames * heads, kind="einsum")
        graph.product("products", pixels, keys, width, items=frames * heads, kind="einsum")
        graph.linear("linear", heads * width, channels, points, bias=False)


def _feed_forward(graph: Graph, channels: int, points: int) -> None:
    hidden = int(channels * 8 / 3)
    with graph.within("feed-forward"):
        graph.conv("widen", channels, 2 * hidden, points)
        graph.each("gelu", hidden * points)
        graph.conv("narrow", hidden, channels, points)
