"""The published graphs of AV-MossFormer2 and AV-TFGridNet, which share a lip encoder."""

from __future__ import annotations

from bench.efficiency.graph import Graph
from bench.efficiency.graphs.clip import Clip, Settings
from bench.efficiency.graphs.resnet18 import entry_3d, trunk

__all__ = ["lips", "mossformer2", "tf_gridnet"]

_EMBEDDING = 256


def lips(graph: Graph, clip: Clip) -> None:
    """Add the lip encoder: a ResNet-18 without norms in its shortcuts, and five blocks in time."""
    frames = clip.frames
    with graph.within("lip encoder"):
        size = entry_3d(graph, clip, channels=64, act="relu")
        trunk(graph, size, frames, act="relu-function", shortcut_norm=False, pool="average-pool")
        graph.conv("embedding", 512, _EMBEDDING, frames, bias=False)
    with graph.within("lip encoder / in time", times=5):
        graph.each("relu", _EMBEDDING * frames)
        graph.each("batch-norm", _EMBEDDING * frames)
        graph.conv("widen", _EMBEDDING, 512, frames, bias=False)
        graph.each("relu", 512 * frames)
        graph.each("batch-norm", 512 * frames)
        graph.conv("filter", 512, 512, frames, 3, groups=512)
        graph.each("prelu", 512 * frames)
        graph.each("batch-norm", 512 * frames)
        graph.conv("narrow", 512, _EMBEDDING, frames, bias=False)


def mossformer2(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add AV-MossFormer2's separation network, one target."""
    channels, kernel, layers = 512, 16, 24
    stride = kernel // 2
    frames = (clip.samples - kernel) // stride + 1
    numbers = channels * frames
    graph.conv("encoder", 1, channels, frames, kernel, bias=False)
    graph.each("relu", numbers)
    graph.each("group-norm", numbers)
    graph.conv("audio entry", channels, channels, frames, bias=False)
    graph.each("resize-function", _EMBEDDING * frames, channels=_EMBEDDING)
    graph.conv("fusion", channels + _EMBEDDING, channels, frames)
    with graph.within("attention", times=layers):
        _attention(graph, channels, frames)
    with graph.within("memory", times=layers):
        _memory(graph, channels, frames)
    graph.each("layer-norm", numbers)
    graph.each("group-norm", numbers)
    graph.each("prelu", numbers)
    for name in ("mask, first", "mask, signed", "mask, gate"):
        graph.conv(name, channels, channels, frames)
    graph.conv("mask, last", channels, channels, frames, bias=False)
    graph.each("relu", numbers)
    graph.linear("decoder", channels, kernel, frames, bias=False)


def _mixed(graph: Graph, name: str, inputs: int, outputs: int, frames: int) -> None:
    """Add a linear layer, a SiLU and a filter in time."""
    graph.linear(name, inputs, outputs, frames)
    graph.each("silu", outputs * frames)
    graph.conv(f"{name}, filter", outputs, outputs, frames, 17, groups=outputs, bias=False)


def _attention(graph: Graph, channels: int, frames: int) -> None:
    group, queries, values = 256, 128, 4 * channels
    groups = -(-frames // group)
    _mixed(graph, "to values and gates", channels, values, frames)
    _mixed(graph, "to queries", channels, queries, frames)
    graph.product("in groups", group, queries, group, items=groups, kind="einsum")
    graph.each("relu-function", groups * group * group)
    graph.product("in groups", group, group, values, items=groups, kind="einsum")
    graph.product("over all", queries, groups * group, values, kind="einsum")
    graph.product("over all", groups * group, queries, values, kind="einsum")
    _mixed(graph, "out", values // 2, channels, frames)


def _memory(graph: Graph, channels: int, frames: int) -> None:
    width, taps = 256, 39
    numbers = width * frames
    graph.conv("narrow", channels, width, frames)
    graph.each("prelu", numbers)
    graph.each("custom-norm", numbers)
    for name in ("to memory", "to gate"):
        graph.each("layer-norm", numbers)
        _mixed(graph, name, width, width, frames)
    graph.linear("project", width, width, frames)
    graph.each("relu-function", numbers)
    graph.linear("project", width, width, frames, bias=False)
    for inputs in (width, 2 * width):
        graph.conv("long filters", inputs, width, frames, taps, groups=width, bias=False)
        graph.each("instance-norm", numbers)
        graph.each("prelu", numbers)
    graph.each("custom-norm", numbers)
    graph.conv("widen", width, channels, frames)


def tf_gridnet(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add AV-TFGridNet's separation network, one target."""
    channels, bins, blocks = 48, 129, 6
    frames = clip.samples // 128 + 1
    points = frames * bins
    graph.fourier("STFT", 256, frames)
    graph.conv("encoder", 2, channels, points, 9)
    graph.each("group-norm", channels * points)
    graph.each("resize-function", _EMBEDDING * frames, channels=_EMBEDDING)
    with graph.within("fusion", times=blocks):
        graph.linear("linear", channels + _EMBEDDING, channels, points)
    for name, steps, sequences in (
        ("along frequency", bins + 3, frames + 6),
        ("along time", frames + 3, bins + 6),
    ):
        with graph.within(name, times=blocks):
            padded = (steps + 3) * sequences
            graph.each("layer-norm", channels * padded)
            graph.lstm("LSTM", 4 * channels, 192, steps, sequences)
            graph.transposed("spread", 384, channels, (steps * sequences, padded), 4)
    with graph.within("attention", times=blocks):
        _frame_attention(graph, channels, frames, bins)
    graph.transposed("decoder", channels, 2, (points, points), 9)
    graph.fourier("inverse STFT", 256, frames)


def _frame_attention(graph: Graph, channels: int, frames: int, bins: int) -> None:
    points, heads, queries = frames * bins, 4, 4
    for outputs in (heads * queries, heads * queries, channels):
        graph.conv("queries, keys, values", channels, outputs, points)
        graph.each("custom-norm", outputs * points)
    graph.product("products", frames, queries * bins, frames, items=heads, kind="matmul")
    graph.each("softmax-function", heads * frames * frames)
    graph.product("products", frames, frames, channels // heads * bins, items=heads, kind="matmul")
    graph.conv("join", channels, channels, points)
    graph.each("prelu", channels * points)
    graph.each("custom-norm", channels * points)
