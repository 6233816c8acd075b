"""The published graph of AVLIT: all voices at once, or one where it is used to extract one."""

from __future__ import annotations

from bench.efficiency.graph import Graph
from bench.efficiency.graphs.clip import Clip, Settings, scales

__all__ = ["lips", "separator"]

_KERNEL, _STRIDE, _STATES, _LENGTH_UNIT = 40, 20, 5, 160
_FILTERS, _AUDIO, _VIDEO_FILTERS, _EMBEDDING = 512, 128, 128, 1024


def lips(graph: Graph, clip: Clip) -> None:
    """Add the encoder of single frames."""
    height, width, inputs = clip.height, clip.width, 1
    pictures = clip.frames * clip.speakers
    with graph.within("frame encoder"):
        for outputs in (8, 16, 32):
            height, width = height // 2, width // 2
            numbers = pictures * height * width
            graph.conv("2x2", inputs, outputs, numbers, 4)
            graph.each("instance-norm", outputs * numbers)
            graph.each("leaky-relu", outputs * numbers)
            inputs = outputs


def separator(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add the separation network for all voices of the clip."""
    number = {name: int(value) for name, value in settings.items() if value is not None}
    samples = -(-clip.samples // _LENGTH_UNIT) * _LENGTH_UNIT
    frames = samples // _STRIDE + 1
    features = 32 * (clip.height // 8) * (clip.width // 8)
    channels = clip.speakers * _EMBEDDING
    video_frames = clip.speakers * clip.frames * features // channels
    graph.conv("encoder", 1, _FILTERS, frames, _KERNEL, bias=False)
    graph.each("custom-norm", _FILTERS * frames)
    graph.conv("audio entry", _FILTERS, _AUDIO, frames)
    graph.conv("video entry", channels, _AUDIO, video_frames)
    with graph.within("audio block", times=number["audio_num_blocks"]):
        _block(graph, _AUDIO, _FILTERS, frames)
    with graph.within("audio feedback", times=number["audio_num_blocks"]):  # one is the fusion's
        _feedback(graph, frames)
    with graph.within("video block", times=number["video_num_blocks"]):
        _block(graph, _AUDIO, _VIDEO_FILTERS, video_frames)
    with graph.within("video feedback", times=number["video_num_blocks"] - 1):
        _feedback(graph, video_frames)
    graph.each("resize-function", _AUDIO * frames, channels=_AUDIO)
    graph.each("prelu", _AUDIO * frames)
    graph.conv("mask", _AUDIO, clip.speakers * _FILTERS, frames)
    graph.each("relu", clip.speakers * _FILTERS * frames)
    both = clip.speakers * frames, clip.speakers * (samples + _STRIDE - 1)
    graph.transposed("decoder", _FILTERS, 1, both, _KERNEL, bias=False)


def _feedback(graph: Graph, frames: int) -> None:
    graph.conv("scale", _AUDIO, _AUDIO, frames, groups=_AUDIO)
    graph.each("prelu", _AUDIO * frames)


def _block(graph: Graph, outside: int, inside: int, frames: int) -> None:
    lengths = scales(frames, _STATES)

    def unit(name: str, inputs: int, length: int) -> None:
        graph.conv(name, inputs, inside, length)
        graph.each("custom-norm", inside * length)
        graph.each("prelu", inside * length)

    def depthwise(name: str, length: int) -> None:
        graph.conv(name, inside, inside, length, 5, groups=inside)
        graph.each("custom-norm", inside * length)

    unit("project", outside, frames)
    for length in lengths:
        depthwise("bottom-up", length)
    for i, length in enumerate(lengths):
        if i > 0:
            depthwise("from finer", length)
        if i < _STATES - 1:
            graph.each("resize-function", inside * length, channels=inside)
        unit("lateral", inside * (1 + (i > 0) + (i < _STATES - 1)), length)
    for _ in lengths[1:]:
        graph.each("resize-function", inside * frames, channels=inside)
    unit("gather", _STATES * inside, frames)
    graph.conv("restore", inside, outside, frames)
