"""The unprocessed mixture and the ideal masks."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
import torch
from torch import Tensor

import bench
from bench.errors import UsageError

MASKS = ["ideal-binary-mask", "ideal-ratio-mask"]
SAMPLES = 8000


def voices(batch: int = 1, speakers: int = 2, samples: int = SAMPLES) -> Tensor:
    generator = torch.Generator().manual_seed(11)
    return 0.1 * torch.randn(batch, speakers, samples, generator=generator)


def tones() -> Tensor:
    """Two voices that share no frequency."""
    time_s = torch.arange(SAMPLES) / 16000
    return torch.stack([(2 * torch.pi * hz * time_s).sin() for hz in (500.0, 3000.0)])[None]


def separated(mask: str, references: Tensor, mixture: Tensor | None = None) -> Tensor:
    mixture = references.sum(1) if mixture is None else mixture
    estimate: Tensor = bench.load_separator(mask)(mixture, references=references)
    return estimate


def test_the_mixture_is_the_estimate_of_both_speakers():
    mixture = voices()[:, 0]
    estimate = bench.load_separator("mixture")(mixture)
    assert estimate.shape == (1, 2, SAMPLES)
    assert torch.equal(estimate[:, 0], mixture)
    assert torch.equal(estimate[:, 1], mixture)


@pytest.mark.parametrize("mask", MASKS)
def test_voices_that_share_no_frequency_come_back(mask):
    references = tones()
    inner = slice(1024, -1024)
    difference = (separated(mask, references) - references)[..., inner]
    assert float(difference.abs().max()) < 5e-3


@pytest.mark.parametrize("mask", MASKS)
def test_a_lone_voice_comes_back(mask):
    references = voices()
    references[:, 1] = 0
    estimate = separated(mask, references)
    torch.testing.assert_close(estimate[:, 0], references[:, 0], atol=1e-5, rtol=0)
    assert float(estimate[:, 1].abs().max()) < 1e-6


def test_two_equal_voices_share_the_mixture():
    references = voices().mean(1, keepdim=True).repeat(1, 2, 1)
    estimate = separated("ideal-ratio-mask", references)
    torch.testing.assert_close(estimate, references * 2 * 0.5**0.5, atol=1e-5, rtol=0)
    # Neither is the louder one.
    assert float(separated("ideal-binary-mask", references).abs().max()) < 1e-6


def test_binary_masks_add_up_to_the_mixture():
    references = voices()
    estimate = separated("ideal-binary-mask", references)
    torch.testing.assert_close(estimate.sum(1), references.sum(1), atol=1e-5, rtol=0)


@pytest.mark.parametrize("mask", MASKS)
def test_equals_its_definition_in_numpy(mask):
    references = voices()
    how = {"fs": 1, "window": "hann", "nperseg": 512, "noverlap": 384}
    stft = lambda x: scipy.signal.stft(x, **how, boundary="zeros")[2]  # noqa: E731
    first, second = (np.abs(stft(voice)) for voice in references[0].double().numpy())
    if mask == "ideal-binary-mask":
        gain = (first > second).astype(float)
    else:
        gain = np.sqrt(first**2 / (first**2 + second**2))
    mixture = references.sum(1)[0].double().numpy()
    _, expected = scipy.signal.istft(gain * stft(mixture), **how)
    found = separated(mask, references)[0, 0].numpy()
    middle = slice(512, SAMPLES - 512)
    np.testing.assert_allclose(found[middle], expected[:SAMPLES][middle], atol=2e-5)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("samples", [512, 700, 1025])
def test_any_length_and_any_number_of_items_and_speakers(mask, samples):
    references = voices(batch=3, speakers=3, samples=samples)
    estimate = separated(mask, references)
    assert estimate.shape == references.shape
    for item in range(3):
        alone = separated(mask, references[item, None])
        torch.testing.assert_close(estimate[item, None], alone, atol=1e-6, rtol=0)


@pytest.mark.parametrize("mask", MASKS)
def test_silence_gives_silence(mask):
    assert torch.equal(separated(mask, torch.zeros(1, 2, 2000)), torch.zeros(1, 2, 2000))


@pytest.mark.parametrize("mask", MASKS)
def test_an_oracle_needs_references_that_fit(mask):
    oracle = bench.load_separator(mask)
    assert oracle.uses_references
    with pytest.raises(UsageError, match="an oracle needs references="):
        oracle(voices()[:, 0])
    with pytest.raises(UsageError, match=r"\(1, 2, 7999\) do not fit"):
        oracle(voices()[:, 0], references=voices()[..., :-1])
    with pytest.raises(UsageError, match="does not look at mouths"):
        oracle.prepare_mouths(np.zeros((2, 96, 96), np.uint8))


def test_a_settings_value_moves_the_window():
    references = voices()
    wide = bench.load_separator("ideal-ratio-mask", settings={"window": 1024, "hop": 256})
    estimate = wide(references.sum(1), references=references)
    assert not torch.allclose(estimate, separated("ideal-ratio-mask", references), atol=1e-4)
