"""A lip encoder runs once per utterance, however many mixtures the utterance is in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import TinySet

import bench
from bench.errors import UsageError
from bench.run.embeddings import EmbeddingCache, join_speakers
from bench.run.files.separate import MixtureSeparator
from bench.run.mouth_modes import parse_mouth_mode
from bench.separators.base import Identity, Separator
from bench.separators.card import Card, FaceInput, MouthInput


class Watcher(Separator):
    """Weighs the mixture by the brightness of each mouth, and counts how often it looks."""

    mouth_input = MouthInput()

    def __init__(self) -> None:
        super().__init__()
        self.identity = Identity("watcher", weights="checkpoint", files={"checkpoint": "0" * 64})
        self.looks = 0

    def _encode(self, mouths: torch.Tensor, samples: int | None) -> torch.Tensor:
        self.looks += mouths.shape[1]
        return mouths.mean((2, 3, 4))

    def _separate(
        self, mixture: torch.Tensor, embeddings: torch.Tensor, faces: torch.Tensor | None
    ) -> torch.Tensor:
        return mixture[:, None] * embeddings[..., None]


@pytest.fixture(autouse=True)
def _fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AVSS_BENCH_CACHE", str(tmp_path))
    with torch.inference_mode():
        yield


def test_each_utterance_is_encoded_once() -> None:
    separator, dataset = Watcher(), TinySet(15)
    separate = MixtureSeparator(separator, parse_mouth_mode("as-is"), "cpu")
    for mixture in dataset:
        separate.voices(mixture)
    assert separator.looks == 8


def _crops() -> np.ndarray:
    return np.zeros((5, 96, 96), np.uint8)


def test_another_process_finds_them_on_disk() -> None:
    first, second = Watcher(), Watcher()
    kept = EmbeddingCache(first, "cpu").embed("u", _crops, 8000)
    found = EmbeddingCache(second, "cpu").embed("u", _crops, 8000)
    assert torch.equal(kept, found)
    assert (first.looks, second.looks) == (1, 0)


def test_other_weights_or_another_length_are_encoded_anew() -> None:
    first, other = Watcher(), Watcher()
    other.identity = Identity("watcher", weights="checkpoint", files={"checkpoint": "1" * 64})
    EmbeddingCache(first, "cpu").embed("u", _crops, 8000)
    EmbeddingCache(first, "cpu").embed("u", _crops, 9000)
    EmbeddingCache(other, "cpu").embed("u", _crops, 8000)
    assert (first.looks, other.looks) == (2, 1)


def test_random_weights_are_not_kept_on_disk(tmp_path: Path) -> None:
    separator = Watcher()
    separator.identity = Identity("watcher", weights="random", seed=0)
    EmbeddingCache(separator, "cpu").embed("u", _crops, 8000)
    assert not list(tmp_path.rglob("embeddings/*"))


def test_swapped_and_exchanged_mouths_show_the_other_speaker() -> None:
    mixture = TinySet()[0]
    as_is = MixtureSeparator(Watcher(), parse_mouth_mode("as-is"), "cpu")
    swapped = MixtureSeparator(Watcher(), parse_mouth_mode("swapped"), "cpu")
    assert np.array_equal(as_is.voices(mixture), swapped.voices(mixture)[::-1])
    assert np.array_equal(as_is.voices(mixture, exchanged=True), swapped.voices(mixture))
    assert np.array_equal(swapped.voices(mixture, exchanged=True), as_is.voices(mixture))


def test_embeddings_of_single_mouths_are_joined_along_the_speakers() -> None:
    parts = [{"a": torch.full((1, 1, 3), k), "b": (torch.full((1, 1), k),)} for k in (1.0, 2.0)]
    joined = join_speakers(parts)
    assert joined["a"].tolist() == [[[1.0] * 3, [2.0] * 3]]
    assert joined["b"][0].tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize("stream", ["face_track", "face"])
def test_a_data_set_without_the_pictures_that_are_needed_is_refused(stream: str) -> None:
    separator = Watcher()
    separator.card = Card(id="watcher", name="Watcher", kind="own", summary="a test")
    if stream == "face":
        separator.face_input = FaceInput(mean=(0.5,) * 3, std=(0.2,) * 3)
    else:
        separator.mouth_input = MouthInput(stream="face_track")
    with pytest.raises(UsageError, match=f"watcher needs the {stream.replace('_', ' ')} of each"):
        bench.evaluate(separator, TinySet(1), metrics=("si_snr",))


def test_a_separator_that_follows_the_mouths_has_no_symptom() -> None:
    run = bench.evaluate(Watcher(), TinySet(4), metrics=("si_snr",), mouths="as-is")
    assert not any("exchanged" in symptom for symptom in run.summary.symptoms)
