from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.functional import conv1d

from bench.separators.rows import Depthwise, Linear, NormOfRows, Pointwise, filter_over_time

GENERATOR = torch.Generator().manual_seed(0)
ROWS = torch.randn(37, 6, generator=GENERATOR)


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)])
@pytest.mark.parametrize("taps", [1, 3, 5, 17])
@pytest.mark.parametrize("frames", [1, 2, 36, 37])
def test_filters_as_a_depthwise_convolution(
    stride: int, dilation: int, taps: int, frames: int
) -> None:
    weight = torch.randn(6, 1, taps, generator=GENERATOR)
    bias = torch.randn(6, generator=GENERATOR)
    rows = ROWS[:frames]
    filtered = filter_over_time(rows, weight, bias, stride=stride, dilation=dilation)
    padding = dilation * (taps // 2)
    expected = conv1d(rows.t()[None], weight, bias, stride, padding, dilation, groups=6)[0].t()
    torch.testing.assert_close(filtered, expected, rtol=0, atol=1e-5)


@torch.inference_mode()
@pytest.mark.parametrize(
    ("layer", "published"),
    [
        (Depthwise(6, 5, stride=2), nn.Conv1d(6, 6, 5, 2, 2, groups=6)),
        (Depthwise(6, 3, bias=False), nn.Conv1d(6, 6, 3, 1, 1, groups=6, bias=False)),
        (Pointwise(6, 9), nn.Conv1d(6, 9, 1)),
        (Pointwise(6, 9, bias=False), nn.Conv1d(6, 9, 1, bias=False)),
        (NormOfRows(6, eps=0.1), nn.GroupNorm(1, 6, eps=0.1)),
    ],
)
def test_layers_are_those_of_pytorch(layer: nn.Module, published: nn.Module) -> None:
    for parameter in published.parameters():
        parameter.copy_(torch.randn(parameter.shape, generator=GENERATOR))
    layer.load_state_dict(published.state_dict())
    expected = published(ROWS.t()[None])[0].t()
    torch.testing.assert_close(layer(ROWS), expected, rtol=0, atol=1e-5)


@torch.inference_mode()
def test_linear_takes_rows() -> None:
    layer = Linear(6, 4)
    torch.testing.assert_close(layer(ROWS), ROWS @ layer.weight.t() + layer.bias)
