"""The published graph of CTCNet: every convolution at full length, as its code computes it.

Its encoder and decoder are convolutions called as functions, its norms are its own.
"""

from __future__ import annotations

import math

from bench.efficiency.graph import Graph, Kind
from bench.efficiency.graphs.clip import Clip, Settings, scales
from bench.efficiency.graphs.resnet18 import lip_resnet18

__all__ = ["lips", "separator"]

lips = lip_resnet18


def separator(graph: Graph, settings: Settings, clip: Clip) -> None:
    """Add the separation network, one target."""
    number = {name: int(value) for name, value in settings.items()}
    filters, channels, video = number["n_filters"], number["bn_chan"], number["video_chan"]
    frames = _padded(clip.samples, number) // number["stride"]
    rounds, more = number["an_repeats"], number["fn_repeats"]
    graph.conv("encoder", 1, filters, frames, number["kernel_size"], bias=False, function=True)
    graph.each("custom-norm", filters * frames)
    graph.conv("audio entry", filters, channels, frames)
    graph.conv("video entry", 512, video, clip.frames, 3)
    with graph.within("audio block", times=rounds + more):
        _block(graph, channels, number["hid_chan"], number["upsampling_depth"], 5, frames, True)
    with graph.within("video block", times=rounds):
        _block(graph, video, video, number["video_depth"], 3, clip.frames, False)
    with graph.within("audio feedback", times=rounds + more - 1):
        _feedback(graph, channels, frames)
    with graph.within("video feedback", times=rounds - 1):
        _feedback(graph, video, clip.frames)
    with graph.within("fusion", times=rounds):
        for name, outputs, length, resized in (
            ("into audio", channels, frames, video),
            ("into video", video, clip.frames, channels),
        ):
            graph.each("resize-function", resized * length, channels=resized)
            graph.conv(name, channels + video, outputs, length)
            graph.each("custom-norm", outputs * length)
    graph.each("prelu", channels * frames)
    graph.conv("mask", channels, filters, frames)
    graph.each("relu", filters * frames)
    graph.transposed(
        "decoder",
        filters,
        1,
        (frames, frames * number["stride"]),
        number["kernel_size"],
        bias=False,
        function=True,
    )


def _padded(samples: int, number: dict[str, int]) -> int:
    """Return the length after the published code's two paddings."""
    finest = 2 ** number["upsampling_depth"]
    for unit in (number["n_filters"] // 2, number["stride"]):
        multiple = unit * finest // math.gcd(number["stride"], finest)
        samples = -(-samples // multiple) * multiple
    return samples


def _feedback(graph: Graph, channels: int, frames: int) -> None:
    graph.conv("scale", channels, channels, frames, groups=channels)
    graph.each("prelu", channels * frames)


def _block(
    graph: Graph, outside: int, inside: int, depth: int, kernel: int, frames: int, audio: bool
) -> None:
    norm: Kind = "custom-norm" if audio else "batch-norm"
    lengths = scales(frames, depth)

    def unit(name: str, inputs: int, length: int) -> None:
        graph.conv(name, inputs, inside, length)
        graph.each(norm, inside * length)
        graph.each("prelu", inside * length)

    def depthwise(name: str, length: int) -> None:
        graph.conv(name, inside, inside, length, kernel, groups=inside)
        graph.each(norm, inside * length)

    unit("project", outside, frames)
    for length in lengths:
        depthwise("bottom-up", length)
    for i, length in enumerate(lengths):
        if i > 0:
            depthwise("from finer", length)
        if i < depth - 1:
            graph.each("resize-function", inside * length, channels=inside)
        unit("lateral", inside * (1 + (i > 0) + (i < depth - 1)), length)
    for _ in lengths[1:]:
        graph.each("resize-function", inside * frames, channels=inside)
    unit("gather", depth * inside, frames)
    graph.conv("restore", inside, outside, frames)
