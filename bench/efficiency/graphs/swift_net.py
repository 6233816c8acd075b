"""The published graph of Swift-Net; its number of blocks is a setting."""

from __future__ import annotations

from bench.efficiency.graph import Graph
from bench.efficiency.graphs.clip import Clip, Settings, down
from bench.efficiency.graphs.resnet18 import lip_resnet18
from bench.efficiency.graphs.rtfsnet import frame_attention
from bench.efficiency.graphs.sru import sru

__all__ = ["lips", "separator"]

lips = lip_resnet18

_CHANNELS, _VIDEO, _INNER, _TAPS, _BINS = 256, 512, 64, 8, 129


def separator(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add the separation network, one target."""
    frames = clip.samples // 128 + 1
    points = frames * _BINS
    graph.fourier("STFT", 256, frames)
    graph.conv("encoder", 3, _CHANNELS, points, 9, bias=False)
    _norm(graph, _CHANNELS * points)
    graph.each("relu", _CHANNELS * points)
    graph.conv("audio entry", _CHANNELS, _CHANNELS, points)
    with graph.within("audio block", times=int(settings["repeats"])):
        _audio_block(graph, frames)
    with graph.within("video block"):
        _video_block(graph, int(settings["video_hid_chan"]), clip.frames)
    graph.conv("fusion", _VIDEO, _VIDEO, clip.frames, groups=_VIDEO)
    for _ in range(2):
        graph.each("resize-function", _CHANNELS * frames, channels=_CHANNELS)
    graph.each("prelu", _CHANNELS * points)
    graph.conv("mask", _CHANNELS, _CHANNELS, points)
    graph.each("relu", _CHANNELS * points)
    longer = points + 2 * _BINS
    graph.transposed("decoder", _CHANNELS, 2, (longer, longer), 9, bias=False)
    graph.fourier("inverse STFT", 256, frames + 1)


def _norm(graph: Graph, numbers: int) -> None:
    """Add the norm in two steps, the first of which is a module of PyTorch."""
    graph.each("group-norm", numbers)
    graph.each("custom-norm", numbers)


def _filter(graph: Graph, name: str, points: int, *, bias: bool = False) -> None:
    graph.conv(name, _INNER, _INNER, points, 25, groups=_INNER, bias=bias)
    _norm(graph, _INNER * points)


def _audio_block(graph: Graph, frames: int) -> None:
    half_frames, half_bins = down(frames), down(_BINS)
    points, half = frames * _BINS, half_frames * half_bins
    graph.conv("gateway", _CHANNELS, _CHANNELS, points, groups=_CHANNELS)
    graph.each("prelu", _CHANNELS * points)
    graph.conv("project", _CHANNELS, _INNER, points)
    _norm(graph, _INNER * points)
    graph.each("prelu", _INNER * points)
    _filter(graph, "bottom-up", points, bias=True)
    _filter(graph, "bottom-up", half, bias=True)
    graph.each("pool-function", _INNER * half, inputs=_INNER * points)
    windows = (half_bins - _TAPS + 1) * half_frames
    with graph.within("along frequency"):
        for _ in range(2):
            sru(graph, _INNER * _TAPS // 2, 16, windows)
        graph.transposed("spread", _INNER, _INNER, (windows, half), _TAPS)
    with graph.within("along time"):
        for _ in range(2):
            sru(graph, _INNER // 2, 32, half, directions=1)
    with graph.within("attention"):
        frame_attention(graph, half_frames, half_bins)
    for fine in (points, half, points):
        _filter(graph, "injection", fine)
        for _ in range(2):
            _filter(graph, "injection", half)
            graph.each("resize-function", _INNER * fine, channels=_INNER)
    graph.conv("expand", _INNER, _CHANNELS, points)


def _video_block(graph: Graph, width: int, frames: int) -> None:
    graph.conv("gateway", _VIDEO, _VIDEO, frames, groups=_VIDEO)
    graph.each("prelu", _VIDEO * frames)
    graph.conv("project", _VIDEO, width, frames)
    graph.each("batch-norm", width * frames)
    graph.each("prelu", width * frames)
    sru(graph, width, width, frames, directions=1)
    graph.conv("expand", width, _VIDEO, frames)
