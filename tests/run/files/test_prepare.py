"""Preparing a tree: the same samples as the corpus, whatever happens on the way."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from stand_in import PAIRS, StandIn, make_lrs3, pictures, tree_hashes, voice, write_clip

from bench.core.mixture import Mixture
from bench.datasets import Dataset, load_dataset
from bench.datasets.choices import ListChoice, MouthChoice
from bench.datasets.lists import format_list, parse_list
from bench.datasets.trees.released_tree import TreeCorpus
from bench.datasets.trees.tree_writer import JOURNAL_NAME, hold_tree, open_journal
from bench.errors import DataError, StorageError, UsageError
from bench.run.files import prepare as module
from bench.run.files.prepare import estimate_size, prepare
from bench.run.files.verify import verify

UNOFFICIAL = ListChoice(unofficial=True)
WHOLE_TEXT = "PLEASE LEAVE THE KEYS WITH THE YOUNG WOMAN AT THE FRONT DESK"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    made = make_lrs3(tmp_path_factory.mktemp("prepare") / "copy")
    (made.root / "mouths").mkdir()
    for seed, name in enumerate(made.names):
        crops = np.random.default_rng(seed).integers(0, 256, (66, 96, 96), dtype=np.uint8)
        np.savez_compressed(made.root / "mouths" / f"{name}.npz", data=crops)
    return made


@pytest.fixture(scope="module")
def native(corpus: StandIn) -> Dataset:
    choice = ListChoice(corpus.mixture_list, unofficial=True)
    return load_dataset(corpus.id, corpus.root, mixture_list=choice)


@pytest.fixture(scope="module")
def tree(native: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trees") / "tree"
    done = prepare(native, out, videos=True)
    assert (done.mixtures, done.made, done.mouths) == (6, 6, 6)
    return out


def same(first: Mixture, second: Mixture) -> None:
    assert first.id == second.id
    np.testing.assert_array_equal(first.mixture, second.mixture)
    np.testing.assert_array_equal(first.references, second.references)
    assert first.conditions == second.conditions
    assert first.transcripts == second.transcripts
    for mine, theirs in zip(first.mouths, second.mouths, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def load(tree: Path) -> Dataset:
    return load_dataset("lrs3-2mix", tree, mixture_list=UNOFFICIAL)


def test_both_ways_give_the_same_samples_mouths_words_and_faces(
    native: Dataset, tree: Path
) -> None:
    prepared = load(tree)
    assert isinstance(prepared.corpus, TreeCorpus)
    for first, second in zip(native, prepared, strict=True):
        same(first, second)
    assert prepared.fingerprint == native.fingerprint
    assert prepared.marks == native.marks
    mine, theirs = native[0].faces, prepared[0].faces
    assert mine is not None
    assert theirs is not None
    np.testing.assert_array_equal(mine[0], theirs[0])


def test_files_are_as_the_released_tree_has_them(tree: Path) -> None:
    names = {path.name for path in (tree / "audio/wav16k/min/tt/mix").iterdir()}
    assert len(names) == len(PAIRS)
    for part in ("mix", "s1", "s2"):
        for name in names:
            info = soundfile.info(tree / "audio/wav16k/min/tt" / part / name)
            assert (info.samplerate, info.channels, info.subtype) == (16000, 1, "PCM_16")
            assert info.frames == 32000
    assert not list(tree.rglob("*.part"))
    assert not (tree / JOURNAL_NAME).exists()


def test_a_released_tree_without_our_files_is_the_same_data(
    native: Dataset, tree: Path, tmp_path: Path
) -> None:
    released = Path(shutil.copytree(tree, tmp_path / "released"))
    for name in ("prepared.json", "fingerprint.json", "transcripts.json", "mixtures.scp"):
        (released / name).unlink()
    choice = ListChoice(tree / "mixtures.scp", unofficial=True)
    found = load_dataset("lrs3-2mix", released, mixture_list=choice)
    assert found.fingerprint == native.fingerprint
    again = prepare(found, tmp_path / "again")
    assert load(again.folder).fingerprint == native.fingerprint


def test_several_processes_make_the_same_files(native: Dataset, tree: Path, tmp_path: Path) -> None:
    prepare(native, tmp_path / "tree", workers=2, videos=True)
    assert tree_hashes(tmp_path / "tree") == tree_hashes(tree)


class TestInterruption:
    """Whatever was left behind, the finished tree has the same bytes."""

    @pytest.fixture
    def unfinished(self, native: Dataset, tmp_path: Path) -> Path:
        out = tmp_path / "tree"

        def stop(done: int, total: int) -> None:
            if done == 4:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            prepare(native, out, progress=stop)
        return out

    def test_it_is_not_taken_for_complete(self, unfinished: Path) -> None:
        with pytest.raises(UsageError, match="does not ship"):
            load(unfinished)

    def test_it_goes_on(self, native: Dataset, unfinished: Path, tree: Path) -> None:
        done = prepare(native, unfinished, videos=True)
        assert 2 <= done.made <= 3
        assert tree_hashes(unfinished) == tree_hashes(tree)

    def test_damaged_leftovers_are_made_again(
        self, native: Dataset, unfinished: Path, tree: Path
    ) -> None:
        first, second, *_ = sorted((unfinished / "audio/wav16k/min/tt/s1").iterdir())
        first.write_bytes(first.read_bytes()[:5000])
        content = bytearray(second.read_bytes())
        content[20000] ^= 1
        second.write_bytes(content)
        with (unfinished / JOURNAL_NAME).open("a") as stream:
            stream.write('["torn')
        prepare(native, unfinished, videos=True)
        assert tree_hashes(unfinished) == tree_hashes(tree)

    def test_another_set_does_not_go_on_there(
        self, native: Dataset, unfinished: Path, corpus: StandIn, tmp_path: Path
    ) -> None:
        shorter = tmp_path / "shorter"
        shorter.write_text("".join(corpus.mixture_list.read_text().splitlines(True)[:3]))
        choice = ListChoice(shorter, unofficial=True)
        other = load_dataset(corpus.id, corpus.root, mixture_list=choice)
        with pytest.raises(UsageError, match="holds another tree that is not finished"):
            prepare(other, unfinished)


def test_a_finished_tree_is_left_alone(native: Dataset, tree: Path) -> None:
    before = tree_hashes(tree)
    assert prepare(native, tree).made == 0
    assert tree_hashes(tree) == before


def test_a_finished_tree_is_not_taken_for_another(
    native: Dataset, corpus: StandIn, tree: Path, tmp_path: Path
) -> None:
    prepare(native, tmp_path / "tree")
    with pytest.raises(UsageError, match="is finished, with mouths from files of crops and no"):
        prepare(native, tmp_path / "tree", videos=True)
    bare = Path(shutil.copytree(corpus.root, tmp_path / "bare"))
    shutil.rmtree(bare / "mouths")
    choice = ListChoice(corpus.mixture_list, unofficial=True)
    mouthless = load_dataset(corpus.id, bare, mixture_list=choice)
    with pytest.raises(UsageError, match="give another --out for mouths from none"):
        prepare(mouthless, tree)


def test_two_at_once_are_refused(native: Dataset, tmp_path: Path) -> None:
    with (
        hold_tree(tmp_path / "tree"),
        pytest.raises(UsageError, match="another process is preparing"),
    ):
        prepare(native, tmp_path / "tree")


def test_the_journal_is_read_and_written_under_the_lock(
    native: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def open_held(out: Path, dataset: Dataset) -> dict[str, str]:
        for content in (None, b"", b"{torn"):  # begun anew, or after a crash
            if content is not None:
                (out / JOURNAL_NAME).write_bytes(content)
            read.append(open_journal(out, dataset))
            with pytest.raises(UsageError, match="another process is preparing"), hold_tree(out):
                pass
        return {}

    monkeypatch.setattr(module, "open_journal", open_held)
    prepare(native, tmp_path / "tree")
    assert read == [{}, {}, {}]


def test_a_tree_that_was_finished_meanwhile_is_not_begun_again(tree: Path) -> None:
    before = tree_hashes(tree)
    with pytest.raises(UsageError, match="another process has just finished"), hold_tree(tree):
        pass
    assert tree_hashes(tree) == before


def test_changed_files_are_noticed_when_read(tree: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tree, tmp_path / "copy"))
    wav = sorted((copy / "audio/wav16k/min/tt/s2").iterdir())[0]
    samples, rate = soundfile.read(wav, dtype="int16")
    samples[100] += 1
    soundfile.write(wav, samples, rate, subtype="PCM_16")
    data = load(copy)
    with pytest.raises(DataError, match="is not what `prepare` wrote there"):
        _ = data[data.ids.index(wav.stem)]
    wav.write_bytes(wav.read_bytes()[:-200])
    with pytest.raises(DataError, match="31900 samples where 32000 are expected"):
        _ = data[data.ids.index(wav.stem)]
    wav.unlink()
    with pytest.raises(DataError, match=f"1 of 18 files of the list are missing .*{wav.name}"):
        load(copy)


def test_every_bad_clip_is_named_and_the_rest_is_kept(corpus: StandIn, tmp_path: Path) -> None:
    root = Path(shutil.copytree(corpus.root, tmp_path / "copy"))
    for number in (0, 3):
        write_clip(root / "lrs3" / "test" / f"{corpus.clips[number]}.mp4", np.zeros(99), None)
    choice = ListChoice(corpus.mixture_list, unofficial=True)
    data = load_dataset(corpus.id, root, mixture_list=choice)
    with pytest.raises(DataError, match="mixtures could not be made") as refused:
        prepare(data, tmp_path / "tree")
    for number in range(6):
        assert (corpus.clips[number] in str(refused.value)) == (number in (0, 3))
    shutil.rmtree(root)
    shutil.copytree(corpus.root, root)
    mended = load_dataset(corpus.id, root, mixture_list=choice)
    assert prepare(mended, tmp_path / "tree").made < 6


def test_mouths_that_are_too_short_stop_it(corpus: StandIn, tmp_path: Path) -> None:
    crops = tmp_path / "crops"
    crops.mkdir()
    for name in corpus.names:
        np.savez(crops / f"{name}.npz", data=np.zeros((20, 96, 96), np.uint8))
    choice = ListChoice(corpus.mixture_list, unofficial=True)
    data = load_dataset(
        corpus.id, corpus.root, mixture_list=choice, mouths=MouthChoice(crops=crops)
    )
    with pytest.raises(DataError, match=r"6 of 6 mouths could not be made: .*has 20 frames"):
        prepare(data, tmp_path / "tree")
    assert not (tmp_path / "tree" / "prepared.json").exists()


def test_size_is_stated_and_a_full_disk_refused(
    native: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = estimate_size(native, tmp_path / "deep" / "tree")
    assert needed.audio_bytes == 6 * 3 * (44 + 64000)
    assert needed.mouth_bytes > 0
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 4, 5))
    with pytest.raises(StorageError, match="needs about 3 MB, but only 0 MB are free"):
        prepare(native, tmp_path / "tree")
    assert not (tmp_path / "tree").exists()


def test_folders_that_cannot_hold_a_tree(native: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").touch()
    for out, said in (("file", "is a file"), ("full", "is not empty")):
        with pytest.raises(UsageError, match=said):
            prepare(native, tmp_path / out)
    assert native.root is not None
    with pytest.raises(UsageError, match="is the root itself"):
        prepare(native, native.root)
    with pytest.raises(UsageError, match="ships its material"):
        prepare(load_dataset("talking-heads-2mix"), tmp_path / "tree")


def test_whole_utterances_are_padded_and_have_all_their_words(
    corpus: StandIn, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(corpus.root, tmp_path / "copy"))
    write_clip(
        root / "lrs3/test" / f"{corpus.clips[2]}.mp4", voice(2)[:36000], pictures(2, 96)[:57]
    )
    choice = ListChoice(corpus.mixture_list, unofficial=True)
    native = load_dataset("lrs3-2mix-full", root, mixture_list=choice)
    prepare(native, tmp_path / "tree", videos=True)
    tree = load_dataset("lrs3-2mix-full", tmp_path / "tree", mixture_list=UNOFFICIAL)
    for first, second in zip(native, tree, strict=True):
        same(first, second)
    item = native[0]
    assert len(item.mixture) > 41600
    assert not item.references[1][38000:].any()
    assert item.transcripts[1] == WHOLE_TEXT
    (long, short), frames = item.mouths, -(-len(item.mixture) // 640)
    assert len(long) == len(short) == frames
    assert (short[60:] == short[59]).all()
    for mine, theirs in ((item.faces, tree[0].faces), (item.face_tracks, tree[0].face_tracks)):
        assert mine is not None
        assert theirs is not None
        np.testing.assert_array_equal(mine[1], theirs[1])


class TestVerify:
    """The table of checks."""

    def test_a_good_tree_passes_and_says_that_its_list_is_another(self, tree: Path) -> None:
        result = verify(load(tree))
        assert result.passed
        outcomes = {check.name: check.outcome for check in result.checks}
        assert outcomes["list SHA-256"] == outcomes["mixtures"] == "unofficial"
        assert outcomes["peak of mix, s1, s2"] == "ok"
        assert outcomes["mouth crops"] == "ok"

    def test_native_and_tree_have_one_fingerprint(self, native: Dataset, tree: Path) -> None:
        found = verify(load(tree), workers=2).fingerprint
        assert found.text() == native.full_fingerprint.text()
        assert found.sha256 == native.fingerprint

    @pytest.mark.parametrize(
        ("scales", "failed"),
        [
            ({"s1": 0.5}, {"level difference against the list", "|mix - s1 - s2|"}),
            ({"mix": 0.5}, {"peak of mix, s1, s2", "|mix - s1 - s2|"}),
        ],
    )
    def test_scaled_copies_fail(
        self, tree: Path, tmp_path: Path, scales: dict[str, float], failed: set[str]
    ) -> None:
        copy = Path(shutil.copytree(tree, tmp_path / "copy"))
        (copy / "prepared.json").unlink()
        for part, scale in scales.items():
            for wav in (copy / "audio/wav16k/min/tt" / part).iterdir():
                samples, rate = soundfile.read(wav, dtype="int16")
                scaled = np.round(samples * scale).astype(np.int16)
                soundfile.write(wav, scaled, rate, subtype="PCM_16")
        result = verify(load(copy))
        assert failed <= {check.name for check in result.checks if not check.passed}

    def test_the_embedded_set_passes(self) -> None:
        result = verify(load_dataset("talking-heads-2mix"))
        assert result.passed
        assert result.checks[-1].name == "pinned fingerprint"

    def test_three_real_mixtures_pass(self, material: Path, tmp_path: Path) -> None:
        excerpt = material / "real" / "lrs2-2mix-excerpt"
        if not excerpt.is_dir():
            pytest.skip(f"no real mixtures at {excerpt}")
        tree = tmp_path / "audio/wav16k/min/tt"
        for part in ("mix", "s1", "s2"):
            (tree / part).mkdir(parents=True)
        names = sorted(path.name for path in (excerpt / "mixture").iterdir())
        for name in names:
            mixture, given = (
                soundfile.read(excerpt / part / name, dtype="int16")[0]
                for part in ("mixture", "gt")
            )
            voices = [given, mixture - given]
            # Of the first file the second source was given.
            ordered = voices[::-1] if name == names[0] else voices
            for part, samples in zip(("mix", "s1", "s2"), (mixture, *ordered), strict=True):
                soundfile.write(tree / part / name, samples, 16000, subtype="PCM_16")
        official = (material / "datasets" / "lrs2" / "mix_2_spk_tt.scp").read_bytes()
        wanted = {Path(name).stem for name in names}
        lines = [line for line in parse_list(official, "list").lines if line.name in wanted]
        (tmp_path / "three.scp").write_text(format_list(lines))
        choice = ListChoice(tmp_path / "three.scp", unofficial=True)
        result = verify(load_dataset("lrs2-2mix", tmp_path, mixture_list=choice))
        found = {check.name: check.found for check in result.checks}
        assert found["level difference against the list"].startswith("within 0.069")
        assert found["peak of mix, s1, s2"] == "29491"
        failed = {check.name for check in result.checks if not check.passed}
        # Three mixtures are too few for a mean near 0 dB; nothing else may fail.
        assert failed <= {"mean SI-SNR of the mixtures"}
