"""The graphs of CaffNet and CaffNet-C as specified here: no code of theirs is public."""

from __future__ import annotations

from bench.efficiency.graph import Graph
from bench.efficiency.graphs.clip import Clip, Settings
from bench.efficiency.graphs.resnet18 import lip_resnet18

__all__ = ["lips", "separator"]

lips = lip_resnet18

_BINS, _TAPS = 257, 5


def separator(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add the separation network, one target."""
    number = {name: int(v) for name, v in settings.items() if not isinstance(v, str)}
    channels, narrow = number["channels"], number["affinity_channels"]
    # A complex convolution is four real ones.
    parts = 4 if settings["complex"] else 1
    frames, video = 1 + clip.samples // 160, clip.frames
    graph.fourier("STFT", 512, frames)
    with graph.within("video"):
        graph.conv("entry", 512, channels, video)
        _residuals(graph, channels, video, number["visual_blocks"])
        _non_local(graph, channels, video, number["non_local_blocks"])
    with graph.within("audio", times=parts):
        graph.conv("entry", _BINS, channels, frames)
        _residuals(graph, channels, frames, number["audio_blocks"])
    with graph.within("audio"):
        _non_local(graph, channels, frames, number["non_local_blocks"])
    with graph.within("affinity"):
        graph.conv("audio", channels, narrow, frames, bias=False)
        graph.conv("video", channels, narrow, video, bias=False)
        graph.product("affinity", video, narrow, frames, kind="matmul")
        graph.conv("values", channels, channels, video, bias=False)
        graph.product("values", channels, video, frames, kind="matmul")
    graph.conv("gate", 2 * channels, channels, frames)
    with graph.within("decoder", times=parts):
        _residuals(graph, channels, frames, number["decoder_blocks"])
        graph.conv("mask", channels, _BINS, frames)
    graph.fourier("inverse STFT", 512, frames)


def _residuals(graph: Graph, channels: int, frames: int, blocks: int) -> None:
    with graph.within("residual blocks", times=blocks):
        graph.conv("depthwise", channels, channels, frames, _TAPS, groups=channels, bias=False)
        graph.conv("1x1", channels, channels, frames)


def _non_local(graph: Graph, channels: int, frames: int, blocks: int) -> None:
    half = channels // 2
    with graph.within("non-local blocks", times=blocks):
        for _ in range(3):
            graph.conv("1x1", channels, half, frames)
        for _ in range(2):
            graph.product("products", frames, half, frames, kind="matmul")
        graph.conv("1x1", half, channels, frames)
