"""The lip encoder equals its layers as published, for any size, length and batch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import batch_norm, conv2d, conv3d, max_pool3d, prelu
from vectors import Vectors, mouths, read_vectors

from bench.separators.lip_resnet18 import LipResNet18


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return read_vectors("ctcnet")


@pytest.fixture(scope="module")
def encoder(vectors: Vectors) -> LipResNet18:
    encoder = LipResNet18().eval().requires_grad_(False)
    encoder.load_state_dict(vectors.state("lip", "lips"), strict=True)
    return encoder


def plain(tensors: dict[str, Tensor], clips: Tensor) -> Tensor:
    """Encode `(batch, 1, frames, height, width)` layer by layer, by published names."""

    def norm(at: str, x: Tensor) -> Tensor:
        of = (tensors[f"{at}.{n}"] for n in ("running_mean", "running_var", "weight", "bias"))
        return batch_norm(x, *of)

    batch, _, frames = clips.shape[:3]
    x = conv3d(clips, tensors["frontend3D.0.weight"], stride=(1, 2, 2), padding=(2, 3, 3))
    x = prelu(norm("frontend3D.1", x), tensors["frontend3D.2.weight"])
    x = max_pool3d(x, (1, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1))
    x = x.transpose(1, 2).flatten(0, 1)
    for at in [f"trunk.layer{layer}.{block}" for layer in range(1, 5) for block in range(2)]:
        strided = f"{at}.downsample.0.weight" in tensors
        stride = 2 if strided else 1
        y = conv2d(x, tensors[f"{at}.conv1.weight"], stride=stride, padding=1)
        y = prelu(norm(f"{at}.bn1", y), tensors[f"{at}.relu1.weight"])
        y = norm(f"{at}.bn2", conv2d(y, tensors[f"{at}.conv2.weight"], padding=1))
        if strided:
            x = conv2d(x, tensors[f"{at}.downsample.0.weight"], stride=2)
            x = norm(f"{at}.downsample.1", x)
        x = prelu(x + y, tensors[f"{at}.relu2.weight"])
    return x.mean((2, 3)).view(batch, frames, 512).transpose(1, 2)


@torch.inference_mode()
@pytest.mark.parametrize(
    ("frames", "height", "width"), [(1, 88, 88), (2, 88, 88), (6, 50, 88), (4, 96, 112), (3, 31, 7)]
)
def test_equals_its_layers_written_plainly(frames, height, width, encoder, vectors):
    clips = mouths("lips", 1, frames, 112)[..., :height, :width]
    expected = plain(vectors.state("lip", "lips"), clips)
    assert expected.shape == (1, 512, frames)
    torch.testing.assert_close(encoder(clips), expected, atol=1e-6, rtol=0)


@torch.inference_mode()
def test_an_embedding_does_not_depend_on_its_batch(encoder):
    clips = mouths("lips", 3, 4)
    together = encoder(clips)
    for clip, embedding in zip(clips, together, strict=True):
        assert torch.equal(encoder(clip[None])[0], embedding)


@torch.inference_mode()
def test_takes_clips_with_and_without_a_channel_axis(encoder):
    clips = mouths("lips", 2, 3)
    assert torch.equal(encoder(clips), encoder(clips[:, 0]))


@torch.inference_mode()
def test_follows_weights_that_are_loaded_later(vectors, encoder):
    other = LipResNet18().eval()
    clips = mouths("lips", 1, 2)
    other(clips)
    other.load_state_dict(encoder.state_dict())
    assert torch.equal(other(clips), encoder(clips))


def test_counts_as_many_parameters_as_the_published_code():
    encoder = LipResNet18()
    assert sum(p.numel() for p in encoder.parameters()) == 11_186_688
    buffers = [b for b in encoder.buffers() if b.is_floating_point()]
    assert sum(b.numel() for b in buffers) == 9_600
