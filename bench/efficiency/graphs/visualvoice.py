"""The published graph of VisualVoice, which MMMC's re-implementation shares.

A 2-s clip runs as one window, padded to the next length that the network takes: four spectrum
frames for every video frame.
"""

from __future__ import annotations

from bench.efficiency.graph import Graph
from bench.efficiency.graphs.clip import Clip, Settings, down
from bench.efficiency.graphs.resnet18 import entry_3d, trunk

__all__ = ["face", "lips", "lips_of", "separator", "u_net"]

_ENTRY, _STAGES, _TOP = 24, ((4, 116), (8, 232), (4, 464)), 1024


def window_frames(clip: Clip) -> int:
    """Return the video frames of the window that covers the clip."""
    return -(-(clip.samples + 160) // 640)


def lips(graph: Graph, clip: Clip) -> None:
    """Add the lip network: a ShuffleNet and a temporal convolutional network."""
    lips_of(graph, clip, window_frames(clip))


def lips_of(graph: Graph, clip: Clip, frames: int) -> None:
    """Add the lip network for a number of frames."""
    clip = Clip(frames * 640, clip.height, clip.width)
    with graph.within("lip network"):
        size = entry_3d(graph, clip, channels=_ENTRY, act="prelu")
        channels = _ENTRY
        for units, outputs in _STAGES:
            positions = frames * size[0] * size[1]
            size = down(size[0]), down(size[1])
            _strided_unit(graph, channels, outputs, positions, frames * size[0] * size[1])
            for _ in range(units - 1):
                _unit(graph, outputs // 2, frames * size[0] * size[1])
            channels = outputs
        positions = frames * size[0] * size[1]
        _normed(graph, channels, _TOP, positions)
        graph.each("relu", _TOP * positions)
        graph.each("average-pool", _TOP * frames, inputs=_TOP * positions)
        _temporal(graph, frames)


def _normed(
    graph: Graph, inputs: int, outputs: int, positions: int, kernel: int = 1, groups: int = 1
) -> None:
    graph.conv("convolutions", inputs, outputs, positions, kernel, groups=groups, bias=False)
    graph.each("batch-norm", outputs * positions)


def _strided_unit(graph: Graph, inputs: int, outputs: int, before: int, after: int) -> None:
    half = outputs // 2
    _normed(graph, inputs, inputs, after, 9, inputs)
    _normed(graph, inputs, half, after)
    graph.each("relu", half * after)
    _normed(graph, inputs, half, before)
    graph.each("relu", half * before)
    _normed(graph, half, half, after, 9, half)
    _normed(graph, half, half, after)
    graph.each("relu", half * after)


def _unit(graph: Graph, half: int, positions: int) -> None:
    _normed(graph, half, half, positions)
    graph.each("relu", half * positions)
    _normed(graph, half, half, positions, 9, half)
    _normed(graph, half, half, positions)
    graph.each("relu", half * positions)


def _temporal(graph: Graph, frames: int) -> None:
    channels, inputs = 512, _TOP
    for block in range(4):
        padded = frames + 2 * 2**block  # the frames at both ends are dropped after the norm
        with graph.within("temporal", listed=2):
            for width in (inputs, channels):
                graph.conv("convolutions", width, channels, padded, 3)
                graph.each("batch-norm", channels * padded)
                graph.each("prelu", channels * frames)
        if inputs != channels:
            graph.conv("temporal / convolutions", inputs, channels, frames)
        graph.each("prelu", channels * frames)
        inputs = channels


def face(graph: Graph, clip: Clip) -> None:
    """Add the face network: a ResNet-18 on one picture of 224x224."""
    with graph.within("face network"):
        with graph.within("entry", listed=2):
            graph.conv("convolution", 3, 64, 112 * 112, 49, bias=False)
        graph.each("batch-norm", 64 * 112 * 112)
        graph.each("relu", 64 * 112 * 112)
        graph.each("pool", 64 * 56 * 56, inputs=64 * 112 * 112)
        trunk(graph, (56, 56), 1, act="relu", pool=None)
        graph.linear("embedding", 512, 128, 1)


def separator(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add the U-Net on the spectrum."""
    frames = window_frames(clip)
    graph.fourier("STFT", 512, 4 * frames)
    u_net(graph, frames, int(settings["unet_ngf"]), int(settings["identity_feature_dim"]))
    graph.fourier("inverse STFT", 512, 4 * frames)


def u_net(graph: Graph, frames: int, width: int = 64, identity: int = 128) -> None:
    """Add the U-Net alone, for a number of video frames."""
    with graph.within("U-Net"):
        bins, channels = 256, 2
        for outputs, time in ((width, 2 * frames), (2 * width, frames)):
            bins //= 2
            graph.conv("down 4x4", channels, outputs, bins * time, 16)
            graph.each("batch-norm", outputs * bins * time)
            graph.each("leaky-relu", outputs * bins * time)
            channels = outputs
        for outputs in (4 * width, *[8 * width] * 5):
            numbers = outputs * bins * frames
            for inputs in (channels, outputs):
                graph.conv("down 3x3", inputs, outputs, bins * frames, 9)
                graph.each("batch-norm", numbers)
                graph.each("leaky-relu", numbers)
            graph.each("pool", numbers // 2, inputs=numbers)
            bins, channels = bins // 2, outputs
        _up(graph, frames, width, identity)


def _up(graph: Graph, frames: int, width: int, identity: int) -> None:
    bins, wide = 1, 8 * width
    inputs = (512 + identity + wide, *[2 * wide] * 4, 8 * width)
    outputs = (*[wide] * 4, 4 * width, 2 * width)
    for before, after in zip(inputs, outputs, strict=True):
        bins *= 2
        graph.each("resize-function", before * bins * frames, channels=before)
        graph.conv("up 3x3", before, after, bins * frames, 9)
        graph.each("batch-norm", after * bins * frames)
        graph.each("relu", after * bins * frames)
    points = bins * frames
    graph.transposed("up 4x4", 4 * width, width, (points, 4 * points), 16)
    graph.each("batch-norm", width * 4 * points)
    graph.each("relu", width * 4 * points)
    graph.transposed("up 4x4", 2 * width, 2, (4 * points, 16 * points), 16)
