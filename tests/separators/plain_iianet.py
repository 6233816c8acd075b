"""IIANet as its equations read, with published tensor names: slow, and an independent oracle.

Every stretched feature is built, every norm runs over what it normalises, all convolutions are
one-dimensional along the last axis.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import (
    adaptive_avg_pool1d,
    conv1d,
    conv_transpose1d,
    gelu,
    group_norm,
    interpolate,
    pad,
    prelu,
    relu,
)


class PlainIIANet:
    """One target at a time: mixture `(batch, samples)`, lip embedding `(batch, 512, frames)`."""

    def __init__(self, tensors: Mapping[str, Tensor], *, cycles: int) -> None:
        self.tensors, self.cycles = tensors, cycles
        depthwise = [n for n in tensors if n.startswith("sm.audio_blocks.0.spp_dw.")]
        self.depth = len(depthwise) // 4

    def __call__(self, mixture: Tensor, embedding: Tensor) -> Tensor:
        samples = mixture.shape[-1]
        rest = 16 - ((4 + samples % 16) % 16)
        heard = pad(mixture[:, None], (12, 12 + rest))
        encoded = conv1d(heard, self.tensors["encoder.weight"], stride=4, padding=8)
        a0 = self.bare("bottleneck", self.norm("ln", encoded))
        v0 = self.bare("pre_v", embedding)
        a, v = a0, v0
        for cycle in range(self.cycles):
            if cycle > 0:
                a = prelu(
                    self.bare("sm.InterA_B_A.0", a + a0), self.tensors["sm.InterA_B_A.1.weight"]
                )
            if 0 < cycle < 4:
                v = relu(self.bare("sm.InterA_B_V.0", v + v0))
            a, v = self.audio_visual(a, v) if cycle < 4 else (self.audio(a), v)
        mask = relu(self.bare("mask_net.1", prelu(a, self.tensors["mask_net.0.weight"])))
        voice = conv_transpose1d(
            mask * encoded, self.tensors["decoder.weight"], stride=4, padding=8
        )
        return voice[:, 0, 12 : 12 + samples]

    def audio_visual(self, a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        audio, video = self.bottom_up("audio", a), self.bottom_up("video", v)
        s, g = self.top(audio), self.top(video)
        gate = self.conv("sm.InterA_T.M_wav", s).sigmoid()
        s_new = s + self.conv("sm.InterA_T.W_wav", up(g, s.shape[-1]) * gate)
        gate = self.conv("sm.InterA_T.M_video", g).sigmoid()
        g_new = g + self.conv("sm.InterA_T.W_video", up(s, g.shape[-1]) * gate)
        g_new = g_new + self.conv("sm.InterA_T.vmlp.attn", g_new)
        g_new = g_new + self.conv("sm.InterA_T.vmlp.mlp", g_new)
        block = "sm.video_blocks.1"
        video = [
            self.intra(f"{block}.loc_glo_fus.{i}", scale, g_new) for i, scale in enumerate(video)
        ]
        gates = [self.conv(f"{block}.video_res.{i}", scale) for i, scale in enumerate(video)]
        return self.attend(audio, s_new, a, gates), self.top_down(block, video, v)

    def audio(self, a: Tensor) -> Tensor:
        scales = self.bottom_up("audio", a)
        return self.attend(scales, self.top(scales), a, None)

    def bottom_up(self, modality: str, x: Tensor) -> list[Tensor]:
        block = f"sm.{modality}_blocks.0"
        x = self.conv(f"{block}.proj_1x1", x)
        slope = self.tensors.get(f"{block}.proj_1x1.act.weight")
        x = gelu(x, approximate="none") if slope is None else prelu(x, slope)
        scales = []
        for i in range(self.depth):
            x = self.conv(f"{block}.spp_dw.{i}", x, stride=2 if i else 1)
            scales.append(x)
        return scales

    def top(self, scales: list[Tensor]) -> Tensor:
        pooled = [adaptive_avg_pool1d(scale, scales[-1].shape[-1]) for scale in scales]
        return torch.stack(pooled).sum(0)

    def attend(
        self, scales: list[Tensor], s: Tensor, a: Tensor, gates: list[Tensor] | None
    ) -> Tensor:
        block, fused = "sm.audio_blocks.1", []
        s = self.audio_top(s)
        for i, scale in enumerate(scales):
            length = scale.shape[-1]
            x = self.intra(f"{block}.loc_glo_fus.{i}", scale, up(s, length))
            fused.append(x if gates is None else x + up(gates[i], length).sigmoid() * x)
        return self.top_down(block, fused, a)

    def audio_top(self, s: Tensor) -> Tensor:
        part = "sm.InterA_T.amlp"
        s = s + self.conv(f"{part}.attn", s)
        wide = relu(self.bare(f"{part}.mlp.dwconv", self.conv(f"{part}.mlp.fc1", s)))
        return s + self.conv(f"{part}.mlp.fc2", wide)

    def top_down(self, block: str, scales: list[Tensor], entered: Tensor) -> Tensor:
        merged = scales[-1]
        for i in reversed(range(len(scales) - 1)):
            merged = self.intra(f"{block}.last_layer.{i}", scales[i], merged)
        return self.bare(f"{block}.res_conv", merged) + entered

    def intra(self, name: str, fine: Tensor, coarse: Tensor) -> Tensor:
        gate = up(self.conv(f"{name}.global_act", coarse).sigmoid(), fine.shape[-1])
        offset = up(self.conv(f"{name}.global_embedding", coarse), fine.shape[-1])
        return self.conv(f"{name}.local_embedding", fine) * gate + offset

    def conv(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        return self.norm(f"{name}.norm", self.bare(f"{name}.conv", x, stride))

    def bare(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight, bias = self.tensors[f"{name}.weight"], self.tensors.get(f"{name}.bias")
        groups, kernel = x.shape[1] // weight.shape[1], weight.shape[2]
        return conv1d(x, weight, bias, stride=stride, padding=kernel // 2, groups=groups)

    def norm(self, name: str, x: Tensor) -> Tensor:
        return group_norm(x, 1, self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"], 1e-8)


def up(x: Tensor, length: int) -> Tensor:
    """Stretch or shrink to the nearest frame."""
    return interpolate(x, size=length, mode="nearest")
