from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from bench.separators.dolphin_diffusion import Diffusion, ExactDiffusion, RoundedDiffusion


def by_definition(rows: Tensor, times: Tensor) -> Tensor:
    """Both cosine transforms written out, in float64."""
    frames = len(rows)
    numbers = torch.arange(frames, dtype=torch.float64)
    cosines = torch.cos(math.pi * numbers[:, None] * (numbers + 0.5) / frames)
    cosines *= math.sqrt(2 / frames)
    cosines[0] /= math.sqrt(2)
    left = torch.exp(-((math.pi * numbers[:, None] / frames) ** 2) * times.double())
    return cosines.t() @ (left * (cosines @ rows.double()))


@pytest.mark.parametrize(
    ("diffuse", "tolerance"), [(ExactDiffusion(), 2e-6), (RoundedDiffusion(), 2e-4)]
)
@pytest.mark.parametrize("frames", [1, 2, 3, 16, 131, 400])
def test_equals_the_definition(diffuse: Diffusion, tolerance: float, frames: int) -> None:
    generator = torch.Generator().manual_seed(frames)
    rows = torch.randn(frames, 5, generator=generator)
    times = torch.tensor([0.0, 0.3, 2.0, 40.0, -0.05])
    cooled = diffuse(rows, times)
    torch.testing.assert_close(cooled.double(), by_definition(rows, times), rtol=0, atol=tolerance)


@pytest.mark.parametrize("diffuse", [ExactDiffusion(), RoundedDiffusion()])
def test_heat_is_kept_and_ends_evenly_spread(diffuse: Diffusion) -> None:
    rows = torch.zeros(40, 2)
    rows[3] = 40.0
    cooled = diffuse(rows, torch.tensor([0.0, 1e5]))
    torch.testing.assert_close(cooled[:, 0], rows[:, 0], rtol=0, atol=1e-3)
    torch.testing.assert_close(cooled[:, 1], torch.ones(40), rtol=0, atol=1e-3)


def test_matrices_are_kept_for_the_lengths_of_one_mixture_only() -> None:
    diffuse = RoundedDiffusion()
    for frames in range(1, 30):
        diffuse(torch.ones(frames, 1), torch.zeros(1))
        assert len(diffuse._cosines) <= 8
    first = diffuse._cosines[29, torch.device("cpu")]
    diffuse(torch.ones(29, 1), torch.zeros(1))
    assert diffuse._cosines[29, torch.device("cpu")] is first
