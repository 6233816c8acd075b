"""The embedded sets: what is promised of audio, lists, mixtures, words and videos."""

from __future__ import annotations

import collections
import hashlib
import io
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.core.mixture import Mixture
from bench.core.resources import shipped
from bench.datasets import Dataset, load_dataset
from bench.datasets.levels import active_level_db, halve_rate
from bench.datasets.synthetic.utterances import Utterance
from bench.errors import DataError


@pytest.fixture(scope="module")
def mixtures(clips: Dataset) -> list[Mixture]:
    return list(clips)


def test_everything_fits_in_six_megabytes() -> None:
    files = [path for path in shipped("datasets").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 6_000_000
    assert not any(path.name == "__init__.py" for path in files)


def test_corpus(index: dict[str, Utterance]) -> None:
    sexes = collections.Counter({u.speaker: u.sex for u in index.values()}.values())
    assert sexes == {"F": 16, "M": 16}
    assert len(index) == len({u.transcript for u in index.values()}) == 64
    assert all(3.0 <= u.samples / 16000 <= 5.0 for u in index.values())


def test_audio_is_pinned(index: dict[str, Utterance], corpus_folder: Path) -> None:
    files = {path.stem: path for path in (corpus_folder / "audio").iterdir()}
    assert files.keys() == index.keys()
    for utterance in index.values():
        content = files[utterance.id].read_bytes()
        assert hashlib.sha256(content).hexdigest() == utterance.sha256
        info = soundfile.info(io.BytesIO(content))
        assert (info.samplerate, info.channels, info.format, info.subtype, info.frames) == (
            16000,
            1,
            "FLAC",
            "PCM_16",
            utterance.samples,
        )


def test_times_are_in_order_and_inside(index: dict[str, Utterance]) -> None:
    for utterance in index.values():
        starts = [phoneme.start_ms for phoneme in utterance.phonemes]
        assert starts[0] == 0
        assert starts == sorted(starts)
        assert starts[-1] < utterance.samples / 16
        for word in utterance.words:
            assert 0 < word.start_ms < word.end_ms <= starts[-1]
        assert utterance.words[-1].end_ms == starts[-1]


def test_list_is_balanced(clips: Dataset) -> None:
    lines = clips.mixture_list.lines
    assert len(clips) == len(lines) == 100
    assert all(line.gains_db[1] == -line.gains_db[0] <= 0 for line in lines)
    assert max(line.gains_db[0] for line in lines) <= 5
    assert np.mean([line.gains_db[0] for line in lines]) == pytest.approx(2.5, abs=0.05)
    speakers = [tuple(id.split("_")[0] for id in line.utterances) for line in lines]
    assert all(first != second for first, second in speakers)
    assert len({frozenset(pair) for pair in speakers}) == 100
    orders = collections.Counter(first[0] + second[0] for first, second in speakers)
    assert orders == {"ff": 25, "fm": 25, "mf": 25, "mm": 25}


def test_every_utterance_is_used(clips: Dataset, index: dict[str, Utterance]) -> None:
    uses = collections.Counter(id for line in clips.mixture_list.lines for id in line.utterances)
    assert uses.keys() == index.keys()
    assert set(uses.values()) == {3, 4}


def test_peak_and_sum(mixtures: list[Mixture]) -> None:
    for item in mixtures:
        assert item.mixture.dtype == item.references.dtype == np.float32
        assert item.mixture.shape == (32000,)
        steps = np.concatenate([item.mixture[None], item.references]).astype(np.float64) * 32768
        np.testing.assert_array_equal(steps, np.round(steps))
        assert np.abs(steps).max() == 29491
        assert np.abs(steps[0] - steps[1] - steps[2]).max() <= 1


def test_level_differences_follow_the_list(clips: Dataset, mixtures: list[Mixture]) -> None:
    for line, item in zip(clips.mixture_list.lines, mixtures, strict=True):
        first, second = (active_level_db(halve_rate(voice)) for voice in item.references)
        assert first - second == pytest.approx(2 * line.gains_db[0], abs=0.15)


def test_mean_mixture_si_snr_is_zero(mixtures: list[Mixture]) -> None:
    values = []
    for item in mixtures:
        estimate = item.mixture.astype(np.float64) - item.mixture.mean(dtype=np.float64)
        for voice in item.references.astype(np.float64):
            reference = voice - voice.mean()
            aligned = (estimate @ reference) / (reference @ reference) * reference
            rest = estimate - aligned
            values.append(10 * np.log10((aligned @ aligned) / (rest @ rest)))
    assert np.mean(values) == pytest.approx(0, abs=0.15)


def test_fingerprints_are_those_of_the_cards(clips: Dataset, whole: Dataset) -> None:
    assert clips.fingerprint == clips.card.fingerprint == clips.measure_fingerprint()
    assert whole.fingerprint == whole.card.fingerprint == whole.measure_fingerprint()


def test_items_know_their_speakers_words_and_conditions(mixtures: list[Mixture]) -> None:
    item = mixtures[0]
    first, second = item.videos
    assert item.id.startswith(first.utterance)
    assert second.speaker == second.utterance.split("_")[0]
    assert item.targets == (1, 2)
    assert {"sex_pair", "input_snr_db_1", "input_snr_db_2"} <= set(item.conditions)
    for item in mixtures:
        ratio_db = item.conditions["input_snr_db_1"]
        assert isinstance(ratio_db, float)
        # Sum and voices are rounded apart, so the two ratios cancel nearly.
        assert item.conditions["input_snr_db_2"] == pytest.approx(-ratio_db, abs=1e-2)
    pairs = collections.Counter(item.conditions["sex_pair"] for item in mixtures)
    assert pairs == {"FF": 25, "FM": 50, "MM": 25}


def test_transcripts_of_clips_stop_where_the_clip_stops(
    mixtures: list[Mixture], index: dict[str, Utterance]
) -> None:
    for item in mixtures:
        for video, text in zip(item.videos, item.transcripts, strict=True):
            utterance = index[video.utterance]
            assert text is not None
            assert utterance.transcript.startswith(text)
            count = len(text.split())
            assert 2 <= count < len(utterance.words)
            assert utterance.words[count - 1].end_ms <= 2000 < utterance.words[count].end_ms


def test_video_of_a_clip(mixtures: list[Mixture]) -> None:
    item = mixtures[0]
    assert [mouth.shape for mouth in item.mouths] == [(50, 96, 96)] * 2
    assert all(mouth.dtype == np.uint8 for mouth in item.mouths)
    assert item.faces is not None
    assert [face.shape for face in item.faces] == [(224, 224, 3)] * 2
    track = item.videos[0].read_face_track
    assert track is not None
    assert track().shape == (50, 224, 224, 3)


def test_whole_set_keeps_its_target_whole(whole: Dataset, index: dict[str, Utterance]) -> None:
    assert len(whole) == 200
    for line, item in zip(whole.mixture_list.lines[:12], whole, strict=False):
        target = index[line.utterances[0]]
        assert item.targets == (1,)
        assert item.transcripts[0] == target.transcript
        assert item.mixture.shape == (target.samples,)
        assert item.references.shape == (2, target.samples)
        assert np.abs(item.mixture).max() <= 29491 / 32768
        silent_tail = item.references[1, index[line.utterances[1]].samples :]
        assert not silent_tail.any()
    frames = -(-item.mixture.size // 640)
    assert [mouth.shape for mouth in item.mouths] == [(frames, 96, 96)] * 2


def test_whole_set_has_both_directions_of_every_pair(clips: Dataset, whole: Dataset) -> None:
    lines = whole.mixture_list.lines
    assert lines[::2] == clips.mixture_list.lines
    for there, back in zip(lines[::2], lines[1::2], strict=True):
        assert there.paths == back.paths[::-1]
        assert there.gains_db == back.gains_db[::-1]


def test_order_of_access_does_not_matter(clips: Dataset, mixtures: list[Mixture]) -> None:
    again = pickle.loads(pickle.dumps(clips))
    assert again.ids == clips.ids == tuple(item.id for item in mixtures)
    for index in (99, 3, -1):
        np.testing.assert_array_equal(again[index].mixture, mixtures[index].mixture)
    copy = pickle.loads(pickle.dumps(clips[5]))
    np.testing.assert_array_equal(copy.mouths[1], mixtures[5].mouths[1])


def test_index_of_a_line_that_is_not_there(clips: Dataset) -> None:
    with pytest.raises(IndexError):
        clips[100]


class TestDamage:
    """A changed file is one sentence, told when the file is first read."""

    @pytest.fixture
    def copy(self, corpus_folder: Path, tmp_path: Path) -> Path:
        return Path(shutil.copytree(corpus_folder, tmp_path / "copy"))

    def test_an_intact_copy_opens(self, copy: Path, clips: Dataset) -> None:
        opened = load_dataset("talking-heads-2mix", root=copy)
        assert opened.ids == clips.ids
        assert pickle.loads(pickle.dumps(opened)).root == copy

    @pytest.mark.parametrize("damage", ["cut", "changed"])
    def test_audio(self, copy: Path, clips: Dataset, damage: str) -> None:
        file = copy / clips.mixture_list.lines[0].paths[0]
        content = file.read_bytes()
        half = len(content) // 2
        changed = content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]
        file.write_bytes(content[:half] if damage == "cut" else changed)
        opened = load_dataset("talking-heads-2mix", root=copy)
        with pytest.raises(DataError, match=rf"{file.name} is not the file .* restore it\.$"):
            opened[0]

    def test_missing_audio(self, copy: Path, clips: Dataset) -> None:
        (copy / clips.mixture_list.lines[0].paths[0]).unlink()
        with pytest.raises(DataError, match=r"cannot read .*\.flac"):
            load_dataset("talking-heads-2mix", root=copy)[0]

    def test_changed_index(self, copy: Path) -> None:
        with (copy / "utterances.tsv").open("a") as stream:
            stream.write("\n")
        with pytest.raises(DataError, match="not the one that the card pins"):
            load_dataset("talking-heads-2mix", root=copy)

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="does not exist"):
            load_dataset("talking-heads-2mix", root=tmp_path / "absent")

    def test_a_folder_of_something_else(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cannot read the index"):
            load_dataset("talking-heads-2mix", root=tmp_path)
