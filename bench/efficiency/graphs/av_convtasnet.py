"""The published graph of AV-ConvTasNet; what is built and never called costs nothing.

Its encoder, entry, mask and decoder are classes of their own, which tools with hooks for PyTorch's
layers do not know: they stand here as functions.
"""

from __future__ import annotations

from bench.efficiency.graph import Graph
from bench.efficiency.graphs.clip import Clip, Settings
from bench.efficiency.graphs.resnet18 import entry_3d, trunk

__all__ = ["lips", "separator"]


def lips(graph: Graph, clip: Clip) -> None:
    """Add the lip encoder: a ResNet-18 with ReLU, a linear layer and a norm."""
    with graph.within("lip encoder"):
        size = entry_3d(graph, clip, channels=64, act="prelu")
        trunk(graph, size, clip.frames, act="relu", bias=True)
        graph.linear("embedding", 512, 256, clip.frames)
        graph.each("batch-norm", 256 * clip.frames)


def separator(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add the separation network, one target."""
    number = {name: int(value) for name, value in settings.items()}
    kernel, stride = number["L"], number["L"] // 2
    frames = (clip.samples - kernel) // stride + 1
    filters, video = number["N"], number["V"]
    graph.conv("encoder", 1, filters, frames, kernel, function=True)
    graph.each("relu", filters * frames)
    graph.each("custom-norm", filters * frames)
    graph.conv("audio entry", filters, number["B"], frames, function=True)
    with graph.within("audio block", times=number["R"] * number["X"]):
        _audio_block(graph, number["B"], number["H"], number["P"], frames)
    with graph.within("video block", times=number["D"]):
        graph.conv("depthwise", video, video, clip.frames, number["K"], groups=video)
        graph.conv("1x1", video, video, clip.frames)
    with graph.within("video block", times=number["D"] - 1):
        graph.each("relu", video * clip.frames)
        graph.each("batch-norm", video * clip.frames)
    graph.each("resize-function", video * frames, channels=video)
    graph.conv("fusion", number["B"] + video, number["F"], frames)
    graph.conv("mask", number["F"], filters, frames, function=True)
    graph.each("relu", filters * frames)
    lengths = frames, (frames - 1) * stride + kernel
    graph.transposed("decoder", filters, 1, lengths, kernel, function=True)


def _audio_block(graph: Graph, outside: int, inside: int, taps: int, frames: int) -> None:
    graph.conv("widen", outside, inside, frames)
    graph.each("prelu", inside * frames)
    graph.each("custom-norm", inside * frames)
    graph.conv("depthwise", inside, inside, frames, taps, groups=inside)
    graph.each("custom-norm", inside * frames)
    graph.each("prelu", inside * frames)
    graph.conv("narrow", inside, outside, frames)
