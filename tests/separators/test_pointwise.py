"""The fast 1x1 convolution and linear layer compute what their plain forms do."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from bench.separators.norms import GlobalNorm, global_norm
from bench.separators.pointwise import linear, pointwise

GENERATOR = torch.Generator().manual_seed(0)


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=GENERATOR)


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize("shape", [(1, 12, 1, 300), (3, 5, 7, 4), (2, 1, 1, 1)])
@pytest.mark.parametrize("has_bias", [True, False])
def test_pointwise_is_a_convolution_of_one_point(layout, shape, has_bias):
    features = noise(*shape).contiguous(memory_format=layout)
    weight, bias = noise(6, shape[1]), noise(6) if has_bias else None
    expected = functional.conv2d(features, weight[..., None, None], bias)
    for form in (weight, weight[..., None], weight[..., None, None]):
        torch.testing.assert_close(pointwise(features, form, bias), expected)


@pytest.mark.parametrize("shape", [(1, 8), (200, 8), (2, 3, 50, 8)])
def test_linear_is_a_linear_layer(shape):
    rows, weight, bias = noise(*shape), noise(5, 8), noise(5)
    found = linear(rows, weight, bias)
    assert found.is_contiguous()
    torch.testing.assert_close(found, functional.linear(rows, weight, bias))
    torch.testing.assert_close(linear(rows, weight), functional.linear(rows, weight))


def test_counters_see_the_same_multiplications():
    with FlopCounterMode(display=False) as counter:
        pointwise(noise(2, 16, 1, 100), noise(8, 16))
    assert counter.get_total_flops() == 2 * 2 * 16 * 8 * 100


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_global_norm_is_a_group_norm_of_one_group(layout):
    features = (3 + 2 * noise(2, 6, 4, 50)).contiguous(memory_format=layout)
    gamma, beta = noise(6), noise(6)
    expected = functional.group_norm(features.double(), 1, gamma.double(), beta.double(), 1e-8)
    found = global_norm(features, gamma, beta)
    assert found.stride() == features.stride()
    torch.testing.assert_close(found.double(), expected, atol=3e-6, rtol=0)


def test_global_norm_of_a_sequence_and_of_silence():
    norm = GlobalNorm(3)
    sequence = noise(1, 3, 40)
    expected = functional.group_norm(sequence, 1, eps=1e-8)
    torch.testing.assert_close(norm(sequence), expected, atol=2e-6, rtol=0)
    assert torch.equal(norm(torch.zeros(1, 3, 40)), torch.zeros(1, 3, 40))
    constant = norm(torch.full((1, 3, 40), 7.3))
    assert bool(torch.isfinite(constant).all())
