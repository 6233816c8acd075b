"""What every separator checks before it computes, and the errors that a user then reads."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from vectors import mixture, mouths

from bench.errors import UsageError
from bench.separators.base import Separator
from bench.separators.registry import build_separator, find_card

SMALL = {"n_filters": 16, "bn_chan": 8, "hid_chan": 8, "video_chan": 8, "fn_repeats": 0}


@pytest.fixture(scope="module")
def separator() -> Separator:
    return build_separator(find_card("ctcnet"), SMALL)


@pytest.mark.parametrize(
    ("waveform", "said"),
    [
        (torch.zeros(800), r"shape \(800,\), .* add the batch axis with mixture\[None\]"),
        (torch.zeros(1, 1, 800), r"shape \(1, 1, 800\), but \(batch, samples\)"),
        (torch.zeros(0, 800), "at least one item"),
        (torch.zeros(1, 0), r"shape \(1, 0\)"),
        (torch.zeros(1, 800, dtype=torch.float64), r"torch.float64, .* mixture\.float\(\)"),
        (
            torch.zeros(1, 800, dtype=torch.int16),
            r"torch.int16, but a torch tensor of float32 in -1\.\.1",
        ),
    ],
)
def test_a_mixture_that_does_not_fit_is_refused(waveform, said, separator):
    with pytest.raises(UsageError, match=said):
        separator(waveform, mouths("base", 1, 2))


@pytest.mark.parametrize(
    ("clips", "said"),
    [
        (torch.zeros(1, 2, 88, 88), r"shape \(1, 2, 88, 88\), but \(batch, speakers, frames"),
        (torch.zeros(1, 1, 0, 88, 88), r"shape \(1, 1, 0, 88, 88\)"),
        (torch.zeros(2, 1, 2, 88, 88), "2 items of mouths were given for 1 mixtures"),
        (torch.zeros(1, 1, 2, 96, 96), r"are 96x96, .* expects 88x88; separator\.prepare_mouths"),
        (torch.zeros(1, 1, 2, 88, 88, dtype=torch.uint8), r"torch.uint8, .*prepare_mouths"),
        (torch.full((1, 1, 2, 88, 88), 255.0), r"reach 255, .* look like 0\.\.255"),
    ],
)
def test_mouths_that_do_not_fit_are_refused(clips, said, separator):
    with pytest.raises(UsageError, match=said):
        separator(mixture("base", 1, 800), clips)


def test_mouths_or_embeddings_are_needed(separator):
    with pytest.raises(UsageError, match=r"give mouths=, or embeddings="):
        separator(mixture("base", 1, 800))


def test_a_separator_without_faces_does_not_prepare_them(separator):
    with pytest.raises(UsageError, match="does not look at faces"):
        separator.prepare_faces(np.zeros((224, 224, 3), np.uint8))


@torch.inference_mode()
def test_prepared_crops_can_be_separated(separator):
    crops = np.random.default_rng(2).integers(0, 256, (1, 2, 3, 96, 96), np.uint8)
    clips = separator.prepare_mouths(crops)
    assert clips.shape == (1, 2, 3, 88, 88)
    assert separator(mixture("base", 1, 1600), clips).shape == (1, 2, 1600)
