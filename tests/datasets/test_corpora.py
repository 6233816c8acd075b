"""LRS2, LRS3 and VoxCeleb2 in their native layouts, and what a wrong copy gets."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
from stand_in import MAKERS, PAIRS, StandIn, make_voxceleb2, pictures, voice, write_clip, write_list

from bench.datasets import Dataset, load_dataset
from bench.datasets.choices import ListChoice
from bench.datasets.fingerprint import compare
from bench.datasets.mixing import mix_voices
from bench.datasets.pictures.media import Sound
from bench.datasets.trees import native
from bench.datasets.trees.native import NativeCorpus
from bench.errors import DataError, UsageError


@pytest.fixture(scope="module", params=sorted(MAKERS))
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    return MAKERS[request.param](tmp_path_factory.mktemp("corpus") / "copy")


@pytest.fixture(scope="module")
def voxceleb2(tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    return make_voxceleb2(tmp_path_factory.mktemp("vox") / "copy")


@pytest.fixture
def broken(corpus: StandIn, tmp_path: Path) -> StandIn:
    """A copy of a corpus that may be damaged."""
    root = Path(shutil.copytree(corpus.root, tmp_path / "broken"))
    store = root / corpus.store.relative_to(corpus.root)
    return StandIn(corpus.id, root, corpus.mixture_list, corpus.clips, store)


def load(stand_in: StandIn, root: Path | None = None) -> Dataset:
    choice = ListChoice(stand_in.mixture_list, unofficial=True)
    return load_dataset(stand_in.id, root or stand_in.root, mixture_list=choice)


def test_mixtures_are_mixed_from_the_decoded_voices(corpus: StandIn) -> None:
    data = load(corpus)
    assert len(data) == len(PAIRS)
    for item, (first, second, gain) in zip(data, PAIRS, strict=True):
        names = corpus.names[first], corpus.names[second]
        assert item.id == f"{names[0]}_{gain:.5g}_{names[1]}_{-gain:.5g}"
        clips = voice(first)[:32000], voice(second)[:32000]
        expected = mix_voices(clips, (gain, -gain))
        # AAC at 64 kbit/s lies between; another clip or offset would be nowhere near.
        for mine, ideal in zip(item.references, expected.references / 32768, strict=True):
            assert np.corrcoef(mine, ideal)[0, 1] > 0.99
        assert item.videos[0].utterance == names[0]
        assert item.videos[0].speaker == corpus.clips[first].split("/")[0]


def test_faces_come_from_the_video(corpus: StandIn) -> None:
    item = load(corpus)[0]
    assert item.faces is not None
    assert item.face_tracks is not None
    assert item.faces[0].shape == (224, 224, 3)
    track = item.face_tracks[0]
    assert track.shape == (50, 224, 224, 3)
    original = pictures(PAIRS[0][0], 224)[:50]
    assert np.abs(track.astype(int) - original).mean() < 6
    moving = track[:, 130:206, 74:150].mean(axis=(1, 2, 3))
    drawn = original[:, 130:206, 74:150].mean(axis=(1, 2, 3))
    assert np.corrcoef(moving, drawn)[0, 1] > 0.9


def test_words(corpus: StandIn) -> None:
    texts = load(corpus)[0].transcripts
    if corpus.id == "lrs3-2mix":
        assert texts[0] == "THE BAKER OPENS HIS SHOP"
    else:
        assert texts == (None, None)


def test_the_root_is_found_from_above_and_from_inside(corpus: StandIn) -> None:
    ids = load(corpus).fingerprint
    assert load(corpus, corpus.root.parent).fingerprint == ids
    assert load(corpus, corpus.store).fingerprint == ids


def test_missing_files_are_all_named_at_once(broken: StandIn) -> None:
    gone = (1, 4)
    for number in gone:
        for path in broken.root.rglob(f"{broken.clips[number]}.*"):
            path.unlink()
    with pytest.raises(DataError, match="2 of 6 utterances are missing") as refused:
        load(broken)
    for number, clip in enumerate(broken.clips):
        assert (f"{clip}.mp4" in str(refused.value)) == (number in gone)


def test_truncated_and_empty_files_are_named(broken: StandIn) -> None:
    shutil.rmtree(broken.root / "test" / "aac", ignore_errors=True)
    data = load(broken)
    content = broken.video(0).read_bytes()
    broken.video(0).write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=f"{broken.video(0).name} is truncated"):
        _ = data[0]
    broken.video(3).write_bytes(b"")
    with pytest.raises(DataError, match="is empty"):
        _ = data[1]


def test_short_clips_are_refused(broken: StandIn) -> None:
    write_clip(broken.video(0), voice(0)[:20000], None)
    with pytest.raises(DataError, match=r"is too short: 1\.\d+ s where 2\.00 s are needed"):
        _ = load(broken)[0]


def test_other_sample_rates_are_counted(broken: StandIn) -> None:
    doubled = np.repeat(voice(0), 2)
    write_clip(broken.video(0), np.stack([doubled, doubled]), None, sample_rate=32000)
    data = load(broken)
    assert data[0].mixture.shape == (32000,)
    assert isinstance(data.corpus, NativeCorpus)
    assert data.corpus.converted == {broken.names[0]: "32000 Hz, 2 channels"}


@pytest.mark.parametrize("id", sorted(MAKERS))
def test_a_root_that_holds_something_else(id: str, tmp_path: Path, voxceleb2: StandIn) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "notes.txt").touch()
    names = {"lrs2-2mix": "123_00001", "lrs3-2mix": "abcdefghijk_00001"}
    name = names.get(id, "id00001_abcdefghijk_00001")
    listed = write_list(tmp_path / "list", [name[:-1] + str(n) for n in range(6)], "x")
    with pytest.raises(DataError, match=r"holds 'holiday', 'list', 'notes\.txt'; expected"):
        load_dataset(id, tmp_path, mixture_list=ListChoice(listed, unofficial=True))


def test_the_list_of_another_corpus(voxceleb2: StandIn) -> None:
    choice = ListChoice(voxceleb2.mixture_list, unofficial=True)
    with pytest.raises(DataError, match="which is no utterance of LRS2-BBC"):
        load_dataset("lrs2-2mix", voxceleb2.root, mixture_list=choice)


def test_folders_with_other_utterances_of_the_same_names(corpus: StandIn) -> None:
    other = next((path for path in corpus.root.rglob("pretrain")), None)
    if other is None:
        pytest.skip("this corpus has no such folder")
    with pytest.raises(DataError, match="holds other utterances under the same names"):
        load(corpus, other)


@pytest.mark.parametrize("prefix", ["", "dev/", "test/", "vox2/test/"])
def test_voxceleb2_wherever_its_archives_were_unpacked(
    voxceleb2: StandIn, tmp_path: Path, prefix: str
) -> None:
    for part in ("mp4", "aac"):
        shutil.copytree(voxceleb2.root / "test" / part, tmp_path / f"{prefix}{part}")
    assert load(voxceleb2, tmp_path).fingerprint == load(voxceleb2).fingerprint


def test_voxceleb2_sound_from_the_m4a_where_the_mp4_has_none(
    voxceleb2: StandIn, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(voxceleb2.root, tmp_path / "copy"))
    write_clip(root / "test" / "mp4" / f"{voxceleb2.clips[0]}.mp4", None, pictures(0, 64))
    (root / "test" / "mp4" / f"{voxceleb2.clips[2]}.mp4").unlink()
    item = load(voxceleb2, root)[0]
    np.testing.assert_array_equal(item.mixture, load(voxceleb2)[0].mixture)
    assert item.videos[0].read_face is not None
    assert item.videos[1].read_face is None


class TestLists:
    """Which list is taken, and what is said about it."""

    def test_another_list_is_refused_unless_declared(self, voxceleb2: StandIn) -> None:
        with pytest.raises(DataError, match="or say --list-unofficial, which marks every result"):
            load_dataset(
                "voxceleb2-2mix", voxceleb2.root, mixture_list=ListChoice(voxceleb2.mixture_list)
            )
        (mark,) = load(voxceleb2).marks
        assert mark.startswith("unofficial mixture list")
        assert "(6 mixtures)" in mark

    def test_no_list_says_where_to_get_it(self, voxceleb2: StandIn) -> None:
        with pytest.raises(UsageError, match=r"publish it at https://\S+mix_2_spk_tt\.scp"):
            load_dataset("voxceleb2-2mix", voxceleb2.root)

    @pytest.mark.parametrize(
        ("id", "file"),
        [
            ("lrs2-2mix", "lrs2/mix_2_spk_tt.scp"),
            ("lrs3-2mix", "lrs3/mix_2_spk_tt.scp"),
            ("voxceleb2-2mix", "vox2/mix_2_spk_tt.scp"),
            ("lrs2-caffnet", "caffnet/LRS2_test_id.text"),
            ("lrs3-caffnet-2s", "caffnet/LRS3_test_id.text"),
        ],
    )
    def test_official_lists_are_the_pinned_ones(
        self, material: Path, tmp_path: Path, id: str, file: str
    ) -> None:
        choice = ListChoice(material / "datasets" / file)
        with pytest.raises(DataError, match=r"no utterance of the list was found below .* nothing"):
            load_dataset(id, tmp_path, mixture_list=choice)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    corpus = MAKERS["lrs2-2mix"](tmp_path_factory.mktemp("caffnet") / "copy")
    write_clip(corpus.video(1), voice(1)[:36000], pictures(1, 160))
    names = corpus.names
    turned = zip(names[:5], names[4::-1], strict=True)
    listed = corpus.root / "pairs.text"
    listed.write_text("".join(f"main_{a}\tmain_{b}\n" for a, b in turned))
    choice = ListChoice(listed, unofficial=True)
    return load_dataset("lrs2-caffnet", corpus.root, mixture_list=choice)


class TestCaffnetPairs:
    """Pairs without gains: equal power, cut to the shorter, the first speaker scored."""

    def test_the_self_pair_is_left_out(self, pairs: Dataset) -> None:
        assert len(pairs) == 4
        assert len(pairs.mixture_list.left_out) == 1
        assert all(item.targets == (1,) for item in pairs)

    def test_equal_power_and_the_shorter_length(self, pairs: Dataset) -> None:
        item = pairs[1]
        assert 36000 <= len(item.mixture) < 38000
        assert item.conditions["input_snr_db_1"] == pytest.approx(0, abs=0.01)
        assert np.abs(item.mixture).max() * 32768 <= 29491

    def test_whole_targets_have_their_words(self, pairs: Dataset) -> None:
        whole, cut = pairs[1].transcripts
        assert whole is not None
        assert cut is None


def test_another_aac_decoder_gives_equivalent_data(
    voxceleb2: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FFmpeg's fixed-point decoder differs by one step here and there; an offset does not pass."""
    original = load(voxceleb2).full_fingerprint

    def decode(path: Path, samples: int | None = None, *, skip: int = 0) -> Sound:
        return Sound(_decode_fixed_point(path)[skip:][:samples], 16000, 1)

    monkeypatch.setattr(native, "read_sound", decode)
    relation = compare(original, load(voxceleb2).full_fingerprint)
    assert relation.kind == "equivalent"
    assert relation.shift_db == pytest.approx(0, abs=1e-4)
    monkeypatch.setattr(native, "read_sound", partial(decode, skip=1))
    assert compare(original, load(voxceleb2).full_fingerprint).kind == "different"


def _decode_fixed_point(path: Path) -> np.ndarray:
    pieces = []
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        decoder = av.CodecContext.create("aac_fixed", "r")
        decoder.extradata = stream.codec_context.extradata
        resampler = av.AudioResampler("s16", "mono", 16000)
        for packet in container.demux(stream):
            for frame in decoder.decode(packet if packet.size else None):
                pieces += [part.to_ndarray().reshape(-1) for part in resampler.resample(frame)]
    return np.concatenate(pieces)
