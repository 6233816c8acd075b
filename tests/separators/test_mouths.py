from __future__ import annotations

import numpy as np
import pytest

from bench.errors import UsageError
from bench.separators.card import MouthInput
from bench.separators.mouths import grey, prepare_mouths

CROPS = np.random.default_rng(0).integers(0, 256, (2, 3, 96, 96), np.uint8)
TRACKS = np.random.default_rng(1).integers(0, 256, (2, 3, 224, 224, 3), np.uint8)
FACE_TRACK = MouthInput(stream="face_track", size=112, mean=0.4161, std=0.1688)


def test_mouth_crops_are_cut_in_the_middle_and_normalised() -> None:
    prepared = prepare_mouths(CROPS, MouthInput())
    expected = (CROPS[..., 4:92, 4:92] / 255 - 0.421) / 0.165
    np.testing.assert_array_equal(prepared.numpy(), expected.astype(np.float32))


def test_rows_are_kept_from_the_top() -> None:
    prepared = prepare_mouths(CROPS, MouthInput(rows=40))
    np.testing.assert_array_equal(prepared, prepare_mouths(CROPS, MouthInput())[..., :40, :])


def test_stretching_keeps_a_flat_picture_and_the_mean() -> None:
    steps = MouthInput(crop="resize", size=112, mean=0.0, std=1.0)
    flat = prepare_mouths(np.full((2, 96, 96), 51, np.uint8), steps)
    assert flat.shape == (2, 112, 112)
    np.testing.assert_allclose(flat, 0.2, rtol=0, atol=1e-7)
    ramp = np.broadcast_to(np.arange(96, dtype=np.uint8), (1, 96, 96))
    stretched = prepare_mouths(ramp, steps)[0, 0] * 255
    assert abs(float(stretched.mean()) - 47.5) < 1e-4
    assert (stretched.diff() >= 0).all()


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((255, 255, 255), 255),
        ((0, 0, 0), 0),
        ((255, 0, 0), 76),  # 76.245
        ((0, 255, 0), 150),  # 149.685
        ((0, 0, 255), 29),  # 29.07
        ((0, 0, 250), 29),  # 28.5 exactly: halves go up
        ((7, 7, 7), 7),
    ],
)
def test_grey_is_the_nearest_whole_number(colour: tuple[int, ...], expected: int) -> None:
    assert grey(np.array([[colour]], np.uint8)).tolist() == [[expected]]


def test_face_tracks_turn_grey_before_they_are_cut_in_the_middle() -> None:
    prepared = prepare_mouths(TRACKS, FACE_TRACK)
    red, green, blue = np.moveaxis(TRACKS[..., 56:168, 56:168, :].astype(float), -1, 0)
    pixels = np.floor(0.299 * red + 0.587 * green + 0.114 * blue + 0.5 + 1e-9)
    expected = ((pixels / 255 - 0.4161) / 0.1688).astype(np.float32)
    np.testing.assert_array_equal(prepared.numpy(), expected)


def test_face_tracks_may_be_grey_already() -> None:
    already = grey(TRACKS)
    assert already.shape == TRACKS.shape[:-1]
    np.testing.assert_array_equal(
        prepare_mouths(already, FACE_TRACK), prepare_mouths(TRACKS, FACE_TRACK)
    )


@pytest.mark.parametrize(
    ("crops", "steps", "said"),
    [
        (CROPS.astype(np.float32), MouthInput(), "float32"),
        (CROPS[0, 0], MouthInput(), r"\(96, 96\)"),
        (TRACKS, MouthInput(), r"\(\.\.\., frames, 96, 96\), a grey mouth crop"),
        (
            CROPS,
            FACE_TRACK,
            r"96x96 are too small .* 112x112; uint8 \(\.\.\., frames, 224, 224, 3\)",
        ),
    ],
)
def test_refuses_what_the_card_does_not_expect(
    crops: np.ndarray, steps: MouthInput, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        prepare_mouths(crops, steps)
