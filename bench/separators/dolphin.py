"""Dolphin: Li, Gao and Hu, "Efficient audio-visual speech separation with discrete lip semantics
and multi-scale global-local attention" (ICLR 2026, arXiv 2509.23610).

    mixture -> 256 filters of 16 samples, hop 4, GELU -> norm, 1x1 convolution     -> a
    mouths  -> lip encoder (`dolphin_lips`) -> convolution, video block            -> v
    x = fusion of a and v, zeros behind up to a multiple of 16 frames
    4 stages down: x <- [global block, local block] twice; keep x; x <- half the frames
    g = summary of all stages;  kept <- g injected into kept
    4 stages up:   x <- x injected into kept;  x <- [global block, local block] 3 times
    voice = transposed convolution of gated layers of x (no mask)

Features are rows, `(frames, channels)`, one item and one speaker at a time; speakers share the
first line and the audio's side of the fusion.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d, conv_transpose1d, gelu, glu, pad

from bench.errors import CheckpointError
from bench.separators.base import Separator
from bench.separators.card import Setting
from bench.separators.dolphin_diffusion import Diffusion, ExactDiffusion, RoundedDiffusion
from bench.separators.dolphin_heat import stretch
from bench.separators.dolphin_lips import LipCoder
from bench.separators.dolphin_stages import Stages
from bench.separators.dolphin_video import VideoBlock
from bench.separators.extractor import Extractor
from bench.separators.rows import Linear, NormOfRows, Pointwise

__all__ = ["Dolphin", "build"]

_LIP_CHANNELS, _VIDEO_CHANNELS = 3872, 64
_CODES = "video_encoder.semantic_model.quantizer.layers.0._codebook.embed"
_LONG_FILTER = "separator.enc_stages.0.l_block_1.block.CLA.dw_conv_1d.weight"
_INITTED = "lip_encoder.quantiser.initted"


class MixtureFeatures(NamedTuple):
    """What depends on the mixture alone: the audio's side of the fusion, `(frames, channels)`."""

    key: Tensor
    value: Tensor


class _Unit(nn.Module):
    """A 1x1 convolution, a norm over everything and a PReLU."""

    def __init__(self, inputs: int, outputs: int, *, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, 1, groups=groups)
        self.norm = NormOfRows(outputs)
        self.act = nn.PReLU()

    def forward(self, rows: Tensor) -> Tensor:
        result: Tensor = self.act(self.norm(self.conv(rows.t()[None])[0].t()))
        return result


class _Fusion(nn.Module):
    """Attention of the video over its frames weighs the audio; the video scales it as well."""

    def __init__(self, audio: int, video: int) -> None:
        super().__init__()
        self.key = _Unit(audio, audio, groups=audio)
        self.value = _Unit(audio, audio, groups=audio)
        self.resize = _Unit(video, audio)
        self.attention = _Unit(video, audio, groups=video)

    def forward(self, heard: MixtureFeatures, seen: Tensor) -> Tensor:
        frames = len(heard.key)
        scaled = heard.key * stretch(self.resize(seen), frames)
        weights = stretch(self.attention(seen).softmax(0), frames)
        return torch.addcmul(scaled, weights, heard.value)


class DolphinNetwork(nn.Module):
    """The separation network: one mixture and one speaker's lip features to one waveform."""

    def __init__(
        self,
        *,
        filters: int,
        kernel: int,
        stride: int,
        channels: int,
        taps: int,
        farthest: int,
        diffuse: Diffusion,
    ) -> None:
        super().__init__()
        self.stride = stride
        self.encoder = nn.Conv1d(1, filters, kernel, stride, bias=False)
        self.decoder = nn.ConvTranspose1d(filters, 1, kernel, stride, bias=False)
        self.norm = NormOfRows(filters)
        self.bottleneck = Pointwise(filters, channels, bias=False)
        self.video_entry = nn.Sequential(
            nn.Conv1d(_LIP_CHANNELS, _VIDEO_CHANNELS, 3, padding=1),
            nn.BatchNorm1d(_VIDEO_CHANNELS),
            nn.PReLU(),
        )
        self.video_block = VideoBlock(_VIDEO_CHANNELS, diffuse)
        self.fusion = _Fusion(channels, _VIDEO_CHANNELS)
        self.stages = Stages(channels, taps, farthest, diffuse)
        self.output_gate = Linear(channels, 2 * filters)
        self.output = Linear(filters, filters)

    def analyse(self, mixture: Tensor) -> MixtureFeatures:
        """Compute what all speakers share, from one mixture `(samples,)`."""
        encoded = gelu(conv1d(mixture[None, None], self.encoder.weight, stride=self.stride))
        features = self.bottleneck(self.norm(encoded[0].t().contiguous()))
        return MixtureFeatures(self.fusion.key(features), self.fusion.value(features))

    def extract(self, heard: MixtureFeatures, lips: Tensor, samples: int) -> Tensor:
        """Extract one voice `(samples,)`, given its lip features `(frames, 3872)`."""
        seen = self.video_block(self.video_entry(lips.t()[None])[0].t().contiguous())
        features = self.output(glu(self.output_gate(self.stages(self.fusion(heard, seen))), 1))
        voice = conv_transpose1d(features.t()[None], self.decoder.weight, stride=self.stride)[0, 0]
        return pad(voice, (0, samples - len(voice)))


class Dolphin(Extractor):
    """Dolphin with its lip encoder."""

    @classmethod
    def read_settings(cls, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """Read the widths and lengths of the filters, of the distances and of the codebook."""
        if _CODES not in shapes:
            return {}
        filters, _, kernel = shapes["audio_encoder.conv1d.weight"]
        channels, _, taps = shapes[_LONG_FILTER]
        return {
            "audio_enc_channels": filters,
            "audio_enc_kernel_size": kernel,
            "separator_channels": channels,
            "local_kernel_size": taps,
            "maxlen": shapes["separator.pos_emb.pe_k.weight"][0] // 2,
            "codebook_size": shapes[_CODES][1],
            "codebook_dim": shapes[_CODES][2],
        }

    def adapt_tensors(self, part: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Take out the flag that says whether the codebook was ever filled.

        Raises:
            CheckpointError: It was not: the published code would then invent a codebook.
        """
        initted = tensors.get(_INITTED)
        if initted is not None and not initted.is_meta and not initted.all():
            raise CheckpointError(
                "the file says that its codebook was never initialised (initted is false), so it "
                "holds no lip semantics; give the weights of a trained model."
            )
        return {name: tensor for name, tensor in tensors.items() if name != _INITTED}


def build(settings: Mapping[str, Setting]) -> Separator:
    """Make the network that a card describes."""
    number = {name: int(value) for name, value in settings.items()}
    network = DolphinNetwork(
        filters=number["audio_enc_channels"],
        kernel=number["audio_enc_kernel_size"],
        stride=number["audio_enc_stride"],
        channels=number["separator_channels"],
        taps=number["local_kernel_size"],
        farthest=number["maxlen"],
        diffuse=ExactDiffusion() if settings["exact_cosines"] else RoundedDiffusion(),
    )
    lip_encoder = LipCoder(codes=number["codebook_size"], code=number["codebook_dim"])
    return Dolphin(network, lip_encoder, fewest_samples=number["audio_enc_kernel_size"])
