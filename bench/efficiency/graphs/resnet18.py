"""Lip encoders and face networks that are a ResNet-18: an entry and eight basic blocks."""

from __future__ import annotations

from bench.efficiency.graph import Graph, Kind
from bench.efficiency.graphs.clip import Clip, down

__all__ = ["entry_3d", "lip_resnet18", "trunk"]


def lip_resnet18(graph: Graph, clip: Clip) -> None:
    """Add the lip encoder of CTCNet, IIANet, RTFS-Net, Swift-Net and CaffNet."""
    with graph.within("lip encoder"):
        height, width = entry_3d(graph, clip, channels=64, act="prelu")
        trunk(graph, (height, width), clip.frames, act="prelu")


def entry_3d(graph: Graph, clip: Clip, *, channels: int, act: Kind) -> tuple[int, int]:
    """Add the convolution over 5 frames and 7x7 pixels and the pooling; returns the map's size."""
    height, width = down(clip.height), down(clip.width)
    positions = clip.frames * height * width
    numbers = channels * positions
    graph.conv("entry", 1, channels, positions, 5 * 7 * 7, bias=False)
    graph.each("batch-norm", numbers)
    graph.each(act, numbers)
    size = down(height), down(width)
    graph.each("pool", channels * clip.frames * size[0] * size[1], inputs=numbers)
    return size


def trunk(
    graph: Graph,
    size: tuple[int, int],
    frames: int,
    *,
    act: Kind,
    bias: bool = False,
    shortcut_norm: bool = True,
    norms_per_block: int = 2,
    pool: Kind | None = "adaptive-pool",
) -> None:
    """Add four stages of two basic blocks each, 64 to 512 channels.

    Args:
        graph: Where to.
        size: Height and width of the map that enters.
        frames: Pictures.
        act: Activation after each convolution.
        bias: Of the 3x3 convolutions.
        shortcut_norm: Whether a norm follows the 1x1 convolution of a shortcut.
        norms_per_block: 2 for a basic block.
        pool: How the last map becomes a vector.
    """
    channels = 64
    for stage, outputs in enumerate((64, 128, 256, 512)):
        if stage > 0:
            size = down(size[0]), down(size[1])
        positions = frames * size[0] * size[1]
        numbers = outputs * positions
        with graph.within(f"stage {stage + 1}"):
            graph.conv("3x3", channels, outputs, positions, 9, bias=bias)
            for _ in range(3):
                graph.conv("3x3", outputs, outputs, positions, 9, bias=bias)
            for _ in range(2 * norms_per_block):
                graph.each("batch-norm", numbers)
            for _ in range(4):
                graph.each(act, numbers)
            if stage > 0:
                graph.conv("shortcut", channels, outputs, positions, bias=False)
                if shortcut_norm:
                    graph.each("batch-norm", numbers)
        channels = outputs
    if pool is not None:
        graph.each(pool, 512 * frames, inputs=512 * frames * size[0] * size[1])
