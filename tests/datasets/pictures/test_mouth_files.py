"""Mouth crops from files, from facial points, and from nowhere."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from stand_in import StandIn, make_lrs3, pictures

from bench.datasets import Dataset, load_dataset
from bench.datasets.choices import ListChoice, MouthChoice
from bench.datasets.pictures.alignment import crop_mouths, fill_gaps, split_68
from bench.datasets.pictures.mouths import read_crops, read_points
from bench.errors import DataError

REFERENCE = {
    33: (128.9, 137.3),
    36: (92.5, 94.4),
    39: (112.8, 94.9),
    42: (145.5, 94.5),
    45: (166.7, 93.6),
}


def crops(seed: int, frames: int = 50) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (frames, 96, 96), dtype=np.uint8)


def points(frames: int, scale: float = 1.0, shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    """68 points whose anchors lie as in the reference face, mouth around (128, 170)."""
    face = np.full((68, 2), 100.0)
    for index, place in REFERENCE.items():
        face[index] = place
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    lips = np.stack([20 * np.cos(angles), 8 * np.sin(angles)], axis=1)
    face[48:] = lips + np.array([128, 170])
    return np.repeat((face * scale + shift)[None], frames, axis=0)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    return make_lrs3(tmp_path_factory.mktemp("mouths") / "copy")


def load(corpus: StandIn, **mouths: Path) -> Dataset:
    choice = ListChoice(corpus.mixture_list, unofficial=True)
    return load_dataset(corpus.id, corpus.root, mixture_list=choice, mouths=MouthChoice(**mouths))


def write_flat(folder: Path, names: list[str], frames: int = 50) -> Path:
    folder.mkdir()
    for seed, name in enumerate(names):
        np.savez_compressed(folder / f"{name}.npz", data=crops(seed, frames))
    return folder


class TestFiles:
    """Published crops."""

    def test_flat_npz(self, corpus: StandIn, tmp_path: Path) -> None:
        data = load(corpus, crops=write_flat(tmp_path / "mouths", corpus.names, frames=62))
        data.require_mouths()
        first, second = data[0].mouths
        np.testing.assert_array_equal(first, crops(0, 62)[:50])
        np.testing.assert_array_equal(second, crops(2, 62)[:50])
        assert len(data.marks) == 1  # the list only

    def test_h5_in_folders_like_the_videos(self, corpus: StandIn, tmp_path: Path) -> None:
        for seed, clip in enumerate(corpus.clips):
            path = tmp_path / "mouth_roi" / "unseen_unheard_test" / f"{clip}.h5"
            path.parent.mkdir(parents=True)
            with h5py.File(path, "w") as file:
                file["data"] = crops(seed, 70)
        first, second = load(corpus, crops=tmp_path / "mouth_roi")[0].mouths
        np.testing.assert_array_equal(first, crops(0, 70)[:50])
        np.testing.assert_array_equal(second, crops(2, 70)[:50])

    def test_a_folder_of_crops_in_the_copy_is_found(self, corpus: StandIn, tmp_path: Path) -> None:
        root = Path(shutil.copytree(corpus.root, tmp_path / "copy"))
        write_flat(root / "mouths", corpus.names)
        copied = dataclasses.replace(corpus, root=root)
        np.testing.assert_array_equal(load(copied)[0].mouths[0], crops(0))

    def test_two_frames_may_lack_at_the_end(self, corpus: StandIn, tmp_path: Path) -> None:
        short = load(corpus, crops=write_flat(tmp_path / "mouths", corpus.names, frames=48))
        first, _ = short[0].mouths
        assert first.shape == (50, 96, 96)
        np.testing.assert_array_equal(first[47:], np.repeat(crops(0, 48)[-1:], 3, axis=0))

    def test_too_few_frames(self, corpus: StandIn, tmp_path: Path) -> None:
        short = load(corpus, crops=write_flat(tmp_path / "mouths", corpus.names, frames=47))
        with pytest.raises(DataError, match=r"has 47 frames where 50 are needed"):
            _ = short[0].mouths

    def test_missing_files_are_named_before_anything_starts(
        self, corpus: StandIn, tmp_path: Path
    ) -> None:
        data = load(corpus, crops=write_flat(tmp_path / "mouths", corpus.names[2:]))
        with pytest.raises(DataError, match="2 of 6 utterances have no mouth crops") as refused:
            data.require_mouths()
        assert all(name in str(refused.value) for name in corpus.names[:2])

    def test_nothing_at_all(self, corpus: StandIn) -> None:
        data = load(corpus)
        with pytest.raises(DataError, match="give a folder of crops with --crops"):
            data.require_mouths()
        assert data[0].mixture.any()

    @pytest.mark.parametrize(
        "array", [np.zeros((50, 88, 88), np.uint8), np.zeros((50, 96, 96)), np.zeros(3, np.uint8)]
    )
    def test_other_shapes(self, tmp_path: Path, array: np.ndarray) -> None:
        np.savez(tmp_path / "a.npz", data=array)
        with pytest.raises(DataError, match="mouth crops are uint8"):
            read_crops(tmp_path / "a.npz")

    @pytest.mark.parametrize("suffix", [".npz", ".h5"])
    def test_damaged_files(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"a{suffix}"
        path.write_bytes(b"PK\x03\x04 and then nothing")
        with pytest.raises(DataError, match="is no file of mouth crops"):
            read_crops(path)
        np.savez(tmp_path / "b.npz", frames=crops(0))
        with pytest.raises(DataError, match="it has frames, not 'data'"):
            read_crops(tmp_path / "b.npz")


@pytest.mark.parametrize("seed", range(20))
def test_damaged_bytes_of_crops_are_refused(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    np.savez_compressed(tmp_path / "a.npz", data=crops(0, 4) // 16)
    content = bytearray((tmp_path / "a.npz").read_bytes())
    for place in random.integers(0, len(content), 20):
        content[place] ^= int(random.integers(1, 256))
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError, match="is no file of mouth crops"):
        read_crops(tmp_path / "a.npz")


class TestPoints:
    """Crops computed from 68 points."""

    def test_an_upright_face_is_only_cut(self) -> None:
        frames = np.random.default_rng(0).integers(0, 256, (14, 256, 256, 3), dtype=np.uint8)
        cut = crop_mouths(frames, *split_68(points(14)))
        top, left = 170 - 48, 128 - 48
        inside = frames[:, top : top + 96, left : left + 96].astype(int)
        grey = (inside @ np.array([299, 587, 114]) + 500) // 1000
        assert np.abs(cut.astype(int) - grey).max() <= 1

    def test_scale_and_place_of_the_face_do_not_matter(self) -> None:
        y, x = np.mgrid[0:256, 0:256] / 255
        smooth = np.stack([x, y, (x + y) / 2], axis=-1)
        frame = (255 * smooth).astype(np.uint8)
        doubled = np.repeat(np.repeat(frame, 2, axis=0), 2, axis=1)
        plain = crop_mouths(np.stack([frame] * 12), *split_68(points(12)))
        scaled = crop_mouths(np.stack([doubled] * 12), *split_68(points(12, 2.0, (0.5, 0.5))))
        assert np.abs(plain.astype(int) - scaled).max() <= 2

    def test_the_window_stays_on_the_canvas(self) -> None:
        low = points(3)
        low[:, 48:] += (0, 90)
        frames = np.full((3, 256, 256, 3), 200, np.uint8)
        cut = crop_mouths(frames, *split_68(low))
        assert cut.min() >= 199

    def test_smoothing_looks_forward_over_twelve_frames(self) -> None:
        grown = points(24)
        grown[12:, list(REFERENCE)] *= 1.2
        row = np.arange(256, dtype=np.uint8)
        frames = np.broadcast_to(row[None, None, :, None], (24, 256, 256, 3))
        still, moved = (crop_mouths(frames, *split_68(p)) for p in (points(24), grown))
        np.testing.assert_array_equal(moved[0], still[0])
        # From then on one more grown frame is averaged in, and the picture shrinks step by step.
        widths = np.ptp(moved.astype(int), axis=(1, 2))
        assert (np.diff(widths[:13]) >= 0).all()
        assert widths[12] > widths[6] > widths[0]
        assert (moved[12:] == moved[12]).all()

    def test_gaps_are_interpolated_and_ends_repeat(self) -> None:
        known = points(7)
        known[:, :, 0] += np.arange(7)[:, None]
        holes = known.copy()
        holes[[0, 3, 6]] = np.nan
        filled = fill_gaps(holes, "clip")
        np.testing.assert_allclose(filled[3], known[3])
        np.testing.assert_allclose(filled[0], known[1])
        np.testing.assert_allclose(filled[6], known[5])

    def test_no_face_at_all(self) -> None:
        with pytest.raises(DataError, match="no face was found in any frame of clip"):
            fill_gaps(np.full((5, 68, 2), np.nan), "clip")

    def test_files_of_points_beside_videos(self, corpus: StandIn, tmp_path: Path) -> None:
        folder = tmp_path / "points"
        folder.mkdir()
        given = points(65, 224 / 256)
        for name in corpus.names:
            np.savez(folder / f"{name}.npz", data=given)
        data = load(corpus, landmarks=folder)
        data.require_mouths()
        first, _ = data[0].mouths
        assert first.shape == (50, 96, 96)
        drawn = crop_mouths(pictures(0, 224)[:61], *split_68(given[:61]))[:50]
        assert np.abs(first.astype(int) - drawn).mean() < 6
        assert "not the published crops" in data.marks[-1]

    @pytest.mark.parametrize("array", [np.zeros((5, 5, 2)), np.zeros((5, 68)), np.array(["a"])])
    def test_other_shapes_of_points(self, tmp_path: Path, array: np.ndarray) -> None:
        np.save(tmp_path / "a.npy", array)
        with pytest.raises(DataError, match="facial points are numbers"):
            read_points(tmp_path / "a.npy")
