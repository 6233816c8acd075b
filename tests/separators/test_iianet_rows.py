"""What IIANet computes with rows equals what PyTorch's layers compute along the frames."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool1d, interpolate

from bench.separators.iianet_rows import (
    Affine,
    Moments,
    NormedConv,
    convolve,
    modulate_,
    pool,
    repeats,
    resize,
)

LENGTHS = [(1, 1), (1, 7), (4, 4), (5, 9), (5, 10), (13, 501), (50, 8010), (100, 16010), (9, 4)]


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def along_frames(rows: Tensor) -> Tensor:
    return rows.t()[None]


@pytest.mark.parametrize(("coarse", "fine"), LENGTHS)
def test_modulation_stretches_to_the_nearest_frame(coarse: int, fine: int) -> None:
    scale, shift, rows = noise(coarse, 3), noise(coarse, 3) + 1, noise(fine, 3)
    stretched = [interpolate(along_frames(each), fine)[0].t() for each in (scale, shift)]
    expected = rows * stretched[0] + stretched[1]
    torch.testing.assert_close(modulate_(rows.clone(), scale, shift), expected)
    assert torch.equal(resize(scale, fine), stretched[0])


def test_repeats_cover_every_row_once() -> None:
    rows = torch.zeros(8010, 1)
    for _, covered in repeats(rows, 501):
        covered.add_(1)
    assert bool((rows == 1).all())
    assert len(list(repeats(rows, 4005))) == 1


@pytest.mark.parametrize("frames", [1, 2, 9, 1025])
@pytest.mark.parametrize(
    ("kernel", "stride", "groups"), [(1, 1, 1), (3, 1, 1), (5, 1, 4), (5, 2, 4), (3, 2, 4)]
)
@torch.inference_mode()
def test_convolution_equals_the_layer(frames: int, kernel: int, stride: int, groups: int) -> None:
    layer = nn.Conv1d(4, 8, kernel, stride, kernel // 2, groups=groups)
    rows = noise(frames, 4)
    expected = layer(along_frames(rows))[0].t()
    torch.testing.assert_close(convolve(rows, layer), expected, rtol=0, atol=1e-6)


@torch.inference_mode()
def test_normed_convolution_equals_its_layers() -> None:
    layer = NormedConv(4, 6, 3, bias=True)
    nn.init.normal_(layer.norm.weight), nn.init.normal_(layer.norm.bias)
    rows = noise(40, 4) + 2
    expected = layer.norm(layer.conv(along_frames(rows)))[0].t()
    torch.testing.assert_close(layer(rows), expected, rtol=0, atol=1e-5)


@torch.inference_mode()
@pytest.mark.parametrize("frames", [1, 40, 1030])
def test_a_filter_of_one_point_is_an_affine_map(frames: int) -> None:
    layer = NormedConv(4, 4, 1, depthwise=True)
    nn.init.normal_(layer.norm.weight), nn.init.normal_(layer.norm.bias)
    rows = noise(frames, 4) + 1
    expected = layer.norm(layer.conv(along_frames(rows)))[0].t()
    found = layer.as_affine(Moments.of_channels(rows))(rows)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_moments_follow_an_affine_map() -> None:
    rows, affine = noise(1030, 4), Affine(noise(4), noise(4) + 1)
    found, expected = Moments.of_channels(rows).after(affine), Moments.of_channels(affine(rows))
    torch.testing.assert_close(found.mean, expected.mean)
    torch.testing.assert_close(found.square, expected.square)


def test_weighted_moments_are_those_of_stretched_rows() -> None:
    rows, weights = noise(3, 4), torch.tensor([0.5, 0.25, 0.25])
    expected = Moments.of_channels(rows[[0, 0, 1, 2]])
    found = Moments.of_channels(rows, weights)
    torch.testing.assert_close(found.mean, expected.mean)
    torch.testing.assert_close(found.square, expected.square)


@torch.inference_mode()
def test_constant_rows_are_normalised_to_the_bias() -> None:
    norm = nn.GroupNorm(1, 4, eps=1e-8)
    nn.init.normal_(norm.bias)
    rows = torch.full((600, 4), 0.3)
    normalised = Moments.of_all(rows).normaliser(norm)(rows)
    assert bool(torch.isfinite(normalised).all())
    assert (normalised - norm.bias).abs().max() < 0.05  # rounding over the root of eps


@pytest.mark.parametrize(("frames", "fewer"), [(8010, 501), (50, 4), (7, 7), (9, 1)])
def test_pooling_equals_the_layer(frames: int, fewer: int) -> None:
    rows = noise(frames, 3)
    expected = adaptive_avg_pool1d(along_frames(rows), fewer)[0].t()
    torch.testing.assert_close(pool(rows, fewer), expected)
