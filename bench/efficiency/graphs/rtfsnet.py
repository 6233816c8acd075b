"""The published graph of RTFS-Net, in the revision that its authors published last."""

from __future__ import annotations

from itertools import pairwise

from bench.efficiency.graph import Graph, Kind
from bench.efficiency.graphs.clip import Clip, Settings, scales
from bench.efficiency.graphs.resnet18 import lip_resnet18
from bench.efficiency.graphs.sru import sru

__all__ = ["frame_attention", "lips", "separator"]

lips = lip_resnet18

_CHANNELS, _VIDEO, _INNER, _TAPS, _BINS = 256, 512, 64, 8, 129


def separator(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add the separation network, one target."""
    frames = clip.samples // 128 + 1
    points = frames * _BINS
    bare = bool(settings["bare_projection"])
    graph.fourier("STFT", 256, frames)
    graph.conv("encoder", 2, _CHANNELS, points, 9, bias=False)
    graph.each("group-norm", _CHANNELS * points)
    graph.each("relu", _CHANNELS * points)
    graph.conv("audio entry", _CHANNELS, _CHANNELS, points)
    with graph.within("audio block", times=int(settings["repeats"])):
        _audio_block(graph, frames, bare)
    with graph.within("video block"):
        _video_block(graph, clip.frames, bare)
    with graph.within("fusion"):
        _fusion(graph, frames, clip.frames)
    graph.each("prelu", _CHANNELS * points)
    graph.conv("mask", _CHANNELS, _CHANNELS, points)
    graph.each("relu", _CHANNELS * points)
    graph.transposed("decoder", _CHANNELS, 2, (points, points), 9, bias=False)
    graph.fourier("inverse STFT", 256, frames)


def _enter(graph: Graph, channels: int, points: int, norm: Kind, bare: bool) -> None:
    graph.conv("gateway", channels, channels, points, groups=channels)
    graph.each("prelu", channels * points)
    graph.conv("project", channels, _INNER, points)
    if not bare:
        graph.each(norm, _INNER * points)
        graph.each("prelu", _INNER * points)


def _filter(
    graph: Graph, name: str, points: int, kernel: int, norm: Kind, bias: bool = False
) -> None:
    graph.conv(name, _INNER, _INNER, points, kernel, groups=_INNER, bias=bias)
    graph.each(norm, _INNER * points)


def _inject(graph: Graph, name: str, fine: int, coarse: int, kernel: int, norm: Kind) -> None:
    """Add a fine map that is gated and shifted by a coarse one."""
    _filter(graph, name, fine, kernel, norm)
    for _ in range(2):
        _filter(graph, name, coarse, kernel, norm)
        graph.each("resize-function", _INNER * fine, channels=_INNER)


def _audio_block(graph: Graph, frames: int, bare: bool) -> None:
    norm: Kind = "group-norm"
    points, half_frames, half_bins = frames * _BINS, (frames - 2) // 2 + 1, (_BINS - 2) // 2 + 1
    half = half_frames * half_bins
    _enter(graph, _CHANNELS, points, norm, bare)
    _filter(graph, "bottom-up", points, 16, norm, bias=True)
    _filter(graph, "bottom-up", half, 16, norm, bias=True)
    graph.each("pool-function", _INNER * half, inputs=_INNER * points)
    for name, steps, sequences in (
        ("along frequency", half_bins, half_frames),
        ("along time", half_frames, half_bins),
    ):
        with graph.within(name):
            _recurrent_path(graph, steps, sequences)
    with graph.within("attention"):
        frame_attention(graph, half_frames, half_bins)
    for fine in (points, half):
        _inject(graph, "injection", fine, half, 16, norm)
    _inject(graph, "injection", points, half, 16, norm)
    graph.conv("expand", _INNER, _CHANNELS, points)


def _recurrent_path(graph: Graph, steps: int, sequences: int) -> None:
    windows = (steps - _TAPS + 1) * sequences
    sru(graph, _INNER * _TAPS, 32, windows)
    graph.transposed("spread", _INNER, _INNER, (windows, steps * sequences), _TAPS)


def frame_attention(graph: Graph, frames: int, bins: int) -> None:
    """Add attention between frames with 4 heads, also Swift-Net's."""
    points, heads = frames * bins, 4
    for _ in range(heads):
        for outputs in (4, 4, _INNER // heads):
            graph.conv("queries, keys, values", _INNER, outputs, points)
            graph.each("prelu", outputs * points)
    queries, values = 4 * bins, _INNER // heads * bins
    graph.product("products", frames, queries, frames, items=heads, kind="matmul")
    graph.each("softmax-function", heads * frames * frames)
    graph.product("products", frames, frames, values, items=heads, kind="matmul")
    graph.conv("join", _INNER, _INNER, points)
    graph.each("prelu", _INNER * points)


def _video_block(graph: Graph, frames: int, bare: bool) -> None:
    norm: Kind = "batch-norm"
    lengths = scales(frames, 4)
    coarsest = lengths[-1]
    _enter(graph, _VIDEO, frames, norm, bare)
    for length in lengths:
        _filter(graph, "bottom-up", length, 3, norm, bias=True)
    for length in lengths[:-1]:
        graph.each("pool-function", _INNER * coarsest, inputs=_INNER * length)
    _video_attention(graph, coarsest)
    for length in lengths:
        _inject(graph, "injection", length, coarsest, 3, norm)
    for fine, coarse in pairwise(lengths):
        _inject(graph, "injection", fine, coarse, 3, norm)
    graph.conv("expand", _INNER, _VIDEO, frames)


def _video_attention(graph: Graph, frames: int) -> None:
    heads = 8
    graph.each("layer-norm", _INNER * frames)
    graph.product("attention", frames, _INNER, 4 * _INNER, kind="matmul")
    for _ in range(2):
        graph.product("attention", frames, _INNER // heads, frames, items=heads, kind="matmul")
    graph.each("layer-norm", _INNER * frames)
    graph.conv("widen", _INNER, 2 * _INNER, frames, bias=False)
    graph.each("group-norm", 2 * _INNER * frames)
    graph.conv("filter", 2 * _INNER, 2 * _INNER, frames, 3, groups=2 * _INNER)
    graph.each("relu", 2 * _INNER * frames)
    graph.conv("narrow", 2 * _INNER, _INNER, frames, bias=False)
    graph.each("group-norm", _INNER * frames)


def _fusion(graph: Graph, frames: int, video_frames: int) -> None:
    points = frames * _BINS
    for name in ("key", "value"):
        graph.conv(name, _CHANNELS, _CHANNELS, points, groups=_CHANNELS, bias=False)
        graph.each("batch-norm", _CHANNELS * points)
    graph.each("relu", _CHANNELS * points)
    for outputs in (_CHANNELS, 4 * _CHANNELS):
        graph.conv("from video", _VIDEO, outputs, video_frames, groups=_CHANNELS)
        graph.each("group-norm", outputs * video_frames)
    graph.each("softmax-function", _CHANNELS * video_frames)
    for _ in range(2):
        graph.each("resize-function", _CHANNELS * frames, channels=_CHANNELS)
