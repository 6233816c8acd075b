"""Mouth movement from phoneme times."""

from __future__ import annotations

import pytest

from bench.datasets.synthetic.utterances import Phoneme, Utterance
from bench.datasets.synthetic.visemes import Pose, mouth_poses, sounds


def poses_of(text: str, each_ms: int = 120) -> list[Pose]:
    """Poses at the middle of every one of the phonemes in `text` (blank-separated)."""
    names = text.split()
    phonemes = tuple(Phoneme(name, n * each_ms) for n, name in enumerate([*names, "_"]))
    poses = mouth_poses(phonemes, each_ms * len(names) // 40)
    return [poses[(n * each_ms + each_ms // 2) // 40] for n in range(len(names))]


def test_lips_close_for_their_consonants() -> None:
    for consonant in "pbm":
        _, closed, _ = poses_of(f"'A: {consonant} 'A:")
        assert closed.press > 0.6
        assert closed.jaw < 0.25


def test_vowels_have_their_shapes() -> None:
    _, wide, _ = poses_of("_ 'A: _", 240)
    _, spread, _ = poses_of("_ 'i: _", 240)
    _, rounded, _ = poses_of("_ 'u: _", 240)
    assert wide.jaw > 0.8
    assert spread.spread > 0.85
    assert rounded.rounding > 0.9
    assert rounded.jaw < spread.jaw < wide.jaw


def test_lower_lip_and_tongue() -> None:
    _, tucked, _ = poses_of("@ f @")
    _, raised, _ = poses_of("@ T @")
    assert tucked.tuck > 0.7
    assert raised.tongue > 0.7


def test_rounding_starts_before_its_sound() -> None:
    before = poses_of("s 'u:", 80)[0]
    plain = poses_of("s 'i:", 80)[0]
    assert before.rounding > plain.rounding + 0.1


def test_stress_opens_the_mouth() -> None:
    assert poses_of("_ 'E _", 240)[1].jaw > poses_of("_ E _", 240)[1].jaw


def test_the_mouth_rests_in_silence_and_after_the_end() -> None:
    rest = mouth_poses((), 2)[0]
    assert rest == Pose(0, 0.5, 0, 0.2, 0, 0)
    spoken = mouth_poses((Phoneme("'A:", 0), Phoneme("_", 200)), 25)
    assert spoken[0].jaw > 0.5
    assert spoken[-1] == rest


def test_a_shorter_clip_is_the_beginning_of_a_longer_one(index: dict[str, Utterance]) -> None:
    phonemes = index["f01_00001"].phonemes
    assert mouth_poses(phonemes, 50) == mouth_poses(phonemes, 105)[:50]


def test_every_shipped_phoneme_is_known(index: dict[str, Utterance]) -> None:
    names = {phoneme.name for utterance in index.values() for phoneme in utterance.phonemes}
    assert all(sounds(name) for name in names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("'aI@", "aI@"), ("tS", "tS"), (",eI", "eI"), ("I#", "I"), ("3:", "3"), ("t[", "t")],
)
def test_sounds(name: str, expected: str) -> None:
    assert sounds(name) == expected


def test_all_poses_are_in_range(index: dict[str, Utterance]) -> None:
    for utterance in index.values():
        for pose in mouth_poses(utterance.phonemes, -(-utterance.samples // 640)):
            assert all(0 <= value <= 1 for value in pose)
