"""CTCNet as its equations read, with published tensor names: slow, and an independent oracle.

Every concatenation is made, every norm is written out, and the lengths follow from the layers.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import (
    batch_norm,
    conv1d,
    conv_transpose1d,
    interpolate,
    pad,
    prelu,
    relu,
)


class PlainCTCNet:
    """One target at a time: mixture `(batch, samples)`, lip embedding `(batch, 512, frames)`."""

    def __init__(self, tensors: Mapping[str, Tensor], *, an_repeats: int, fn_repeats: int) -> None:
        self.tensors = tensors
        self.an_repeats, self.fn_repeats = an_repeats, fn_repeats

    def __call__(self, mixture: Tensor, embedding: Tensor) -> Tensor:
        samples = mixture.shape[-1]
        for multiple in (4096, 160):
            mixture = pad(mixture, (0, -mixture.shape[-1] % multiple))
        filters = self.tensors["encoder.filterbank._filters"]
        encoded = conv1d(mixture[:, None], filters, stride=10, padding=10)
        a0 = self.conv("masker.pre_a.1", self.norm("masker.pre_a.0", encoded))
        v0 = self.conv("masker.pre_v", embedding, padding=1)
        a = self.audio_visual(a0, v0)
        for _ in range(self.fn_repeats):
            a = self.audio_block(self.feedback("masker.audio_concat", a0 + a))
        mask = relu(self.conv("masker.post.1", prelu(a, self.tensors["masker.post.0.weight"])))
        filters = self.tensors["decoder.filterbank._filters"]
        voice = conv_transpose1d(mask * encoded, filters, stride=10, padding=10, output_padding=9)
        return voice[:, 0, :samples]

    def audio_visual(self, a0: Tensor, v0: Tensor) -> Tensor:
        a, v = a0, v0
        for i in range(self.an_repeats):
            if i > 0:
                a = self.feedback("masker.audio_concat", a0 + a)
                v = self.feedback(f"masker.video_block.concat_block.{i}", v0 + v)
            a = self.audio_block(a)
            v = self.block(f"masker.video_block.video.{i}", v, 4, "proj", "last.0", "last.1")
            fusion = f"masker.crossmodal_fusion.{i}"
            v_wide, a_narrow = interpolate(v, size=a.shape[-1]), interpolate(a, size=v.shape[-1])
            a, v = (
                self.pointwise(f"{fusion}.W_wav", torch.cat([a, v_wide], 1), act=False),
                self.pointwise(f"{fusion}.W_video", torch.cat([a_narrow, v], 1), act=False),
            )
        return a

    def audio_block(self, a: Tensor) -> Tensor:
        return self.block("masker.audio_block", a, 5, "proj_1x1", "last_layer.0", "res_conv")

    def block(self, at: str, x: Tensor, depth: int, first: str, last: str, out: str) -> Tensor:
        h = self.pointwise(f"{at}.{first}", x)
        scales = [self.depthwise(f"{at}.spp_dw.0", h, 1)]
        for i in range(1, depth):
            scales.append(self.depthwise(f"{at}.spp_dw.{i}", scales[-1], 2))
        mixed = []
        for i, own in enumerate(scales):
            parts = [self.depthwise(f"{at}.fuse_layers.{i}.0", scales[i - 1], 2)] if i else []
            parts.append(own)
            if i + 1 < depth:
                parts.append(interpolate(scales[i + 1], size=own.shape[-1]))
            unit = self.pointwise(f"{at}.concat_layer.{i}", torch.cat(parts, 1))
            mixed.append(interpolate(unit, size=x.shape[-1]))
        return x + self.conv(f"{at}.{out}", self.pointwise(f"{at}.{last}", torch.cat(mixed, 1)))

    def pointwise(self, at: str, x: Tensor, *, act: bool = True) -> Tensor:
        y = self.norm(f"{at}.norm", self.conv(f"{at}.conv", x))
        return prelu(y, self.tensors[f"{at}.act.weight"]) if act else y

    def depthwise(self, at: str, x: Tensor, stride: int) -> Tensor:
        kernel = self.tensors[f"{at}.conv.weight"].shape[-1]
        y = self.conv(f"{at}.conv", x, stride=stride, padding=kernel // 2, groups=x.shape[1])
        return self.norm(f"{at}.norm", y)

    def feedback(self, at: str, x: Tensor) -> Tensor:
        return prelu(self.conv(f"{at}.0", x, groups=x.shape[1]), self.tensors[f"{at}.1.weight"])

    def conv(self, at: str, x: Tensor, **how: int) -> Tensor:
        return conv1d(x, self.tensors[f"{at}.weight"], self.tensors[f"{at}.bias"], **how)

    def norm(self, at: str, x: Tensor) -> Tensor:
        of = {n.removeprefix(f"{at}."): t for n, t in self.tensors.items() if n.startswith(at)}
        if "gamma" not in of:
            mean, var = of["running_mean"], of["running_var"]
            return batch_norm(x, mean, var, of["weight"], of["bias"], eps=1e-5)
        centred = x - x.mean((1, 2), keepdim=True)
        power = centred.square().mean((1, 2), keepdim=True)
        return of["gamma"][:, None] * centred / (power + 1e-8).sqrt() + of["beta"][:, None]
