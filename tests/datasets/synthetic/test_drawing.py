"""Drawn mouths and faces: pinned pixels, and what they must show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.datasets.synthetic.drawing import draw_face, draw_face_track, draw_mouths
from bench.datasets.synthetic.looks import look_of
from bench.datasets.synthetic.utterances import Phoneme, Utterance

# The same on every machine; a change of any pixel is a new version of the sets.
MOUTHS = "feb4f5112fa950c221e125ec8d15cddff09ffcaf60fa5f8b0d5b217fa8250daf"
FACES = "f717954beb61c884dd92d90b5666fc06c78fe463ed048f36ecce1726862b4635"
TRACKS = "72404fd57302c7d46376dc9be3f2e0921a580c75aa9730747cabdb05e2637be1"


def digest(arrays: list[np.ndarray]) -> str:
    sha256 = hashlib.sha256()
    for array in arrays:
        sha256.update(np.ascontiguousarray(array).tobytes())
    return sha256.hexdigest()


def saying(name: str, speaker: str = "f01") -> Utterance:
    """An utterance of one long sound."""
    phonemes = (Phoneme(name, 0), Phoneme("_", 800))
    return Utterance(f"{speaker}_{name}", speaker, "en-us", 16000, "", (), phonemes)


def mouth_saying(name: str, speaker: str = "f01") -> NDArray[np.float64]:
    return np.asarray(draw_mouths(saying(name, speaker), 11)[10], np.float64)


def opening(name: str, speaker: str) -> int:
    """Pixels around the middle of the mouth that a sound changes much."""
    change = np.abs(mouth_saying(name, speaker) - mouth_saying("_", speaker))
    return int((change[38:72, 30:66] > 20).sum())


def test_mouths_of_the_whole_set_are_pinned(index: dict[str, Utterance]) -> None:
    assert digest([draw_mouths(utterance, 25) for utterance in index.values()]) == MOUTHS


def test_faces_of_all_speakers_are_pinned(index: dict[str, Utterance]) -> None:
    first = [utterance for utterance in index.values() if utterance.id.endswith("_00001")]
    assert digest([draw_face(utterance) for utterance in first]) == FACES


def test_face_tracks_are_pinned(index: dict[str, Utterance]) -> None:
    chosen = [index[id] for id in ("f02_00001", "m03_00002")]
    assert digest([draw_face_track(utterance, 50) for utterance in chosen]) == TRACKS


@pytest.mark.parametrize("draw", [draw_mouths, draw_face_track])
def test_a_clip_is_the_beginning_of_the_sentence(
    draw: Callable[[Utterance, int], np.ndarray], index: dict[str, Utterance]
) -> None:
    utterance = index["m05_00001"]
    np.testing.assert_array_equal(draw(utterance, 12), draw(utterance, 20)[:12])


@pytest.mark.parametrize("speaker", ["f01", "f10", "m01", "m07", "m12"])
def test_open_vowels_open_the_mouth_and_lip_sounds_close_it(speaker: str) -> None:
    wide, narrow, closed = (opening(name, speaker) for name in ("'A:", "'i:", "m"))
    assert wide > 150
    assert wide > 1.5 * narrow
    assert closed < wide / 4


def test_rounding_draws_the_corners_in() -> None:
    corner = slice(44, 54), slice(22, 30)
    assert mouth_saying("'u:")[corner].mean() > mouth_saying("'i:")[corner].mean() + 5


def test_speakers_look_different(index: dict[str, Utterance]) -> None:
    speakers = sorted({utterance.speaker for utterance in index.values()})
    rest = {speaker: mouth_saying("_", speaker) for speaker in speakers}
    for number, first in enumerate(speakers):
        for second in speakers[number + 1 :]:
            assert np.abs(rest[first] - rest[second]).mean() > 2, (first, second)


def test_a_speaker_looks_alike_in_two_sentences(index: dict[str, Utterance]) -> None:
    np.testing.assert_array_equal(draw_face(index["f03_00001"]), draw_face(index["f03_00002"]))


def test_the_mouth_crop_is_the_face_seen_closer() -> None:
    utterance = saying("_", "m10")
    face = draw_face(utterance).astype(float) @ [0.299, 0.587, 0.114]
    crop = draw_mouths(utterance, 1)[0].astype(float)
    # Crop pixel j is 0.8 face pixels wide; the crop keeps a little of the head's motion.
    columns = np.round(111.5 + (np.arange(96) - 47.5) * 0.8).astype(int)
    rows = np.round(158.0 + (np.arange(96) - 47.5) * 0.8).astype(int)
    assert np.corrcoef(face[np.ix_(rows, columns)].ravel(), crop.ravel())[0, 1] > 0.9


def test_eyes_blink(index: dict[str, Utterance]) -> None:
    track = draw_face_track(index["m05_00001"], 50).astype(float)
    eyes = track[:, 94:106, 75:150].mean(axis=(2, 3)).min(axis=1)
    assert eyes.max() - eyes.min() > 3


def test_the_head_moves_a_little() -> None:
    frames = draw_mouths(saying("_"), 50).astype(float)
    change = np.abs(frames - frames[0]).mean(axis=(1, 2))
    assert 0.1 < change.max() < 12


def test_looks_follow_from_the_name() -> None:
    assert look_of("f01") == look_of("f01") != look_of("f02")
    assert all(look_of(f"f{n:02d}").head.beard == 0 for n in range(1, 31))
    assert any(look_of(f"m{n:02d}").head.beard > 0 for n in range(1, 17))
