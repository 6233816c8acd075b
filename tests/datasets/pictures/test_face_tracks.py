"""Who is the same person from frame to frame, and what is cut out of a video."""

from __future__ import annotations

import os
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from stand_in import voice, write_clip

from bench.datasets.pictures.contact_sheet import contact_sheet, png_bytes
from bench.datasets.pictures.face_tracks import cut_face, link_faces
from bench.datasets.pictures.media import read_pictures, read_sound
from bench.datasets.pictures.mediapipe_mouths import POINTS, FaceFinder, MediapipeMouths
from bench.datasets.pictures.speakers import read_recording
from bench.datasets.pictures.voice_video import write_voice_video
from bench.datasets.trees.clips import Clip
from bench.errors import DataError, UsageError

WIDTH, HEIGHT = 480, 270


def face(x: float, y: float = 130.0, size: float = 60.0) -> np.ndarray:
    """468 points in a square whose 17 anchor and lip points form an upright face."""
    random = np.random.default_rng(0)
    points = random.uniform(-0.5, 0.5, (POINTS, 2))
    reference = {2: (128.9, 137.3), 33: (92.5, 94.4), 133: (112.8, 94.9)}
    reference |= {362: (145.5, 94.5), 263: (166.7, 93.6)}
    for index, place in reference.items():
        points[index] = (np.array(place) - 128) / 200
    for index in (61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91, 78, 81, 13, 311, 308, 402):
        points[index] = (0, 0.15)
    points[[14, 178]] = (0, 0.15)
    return points * size + (x, y)


class FakeFinder:
    """Knows where two faces are: x = 120 and 340, in any order; misses every fifth frame."""

    def __init__(self, hide_in_whole: bool = False) -> None:
        self._hide = hide_in_whole
        self._frame = 0

    def find(self, frames: np.ndarray, faces: int = 1) -> np.ndarray:
        found = np.full((len(frames), faces, POINTS, 2), np.nan)
        whole = frames.shape[2] == WIDTH
        for number, row in enumerate(found):
            if number % 5 == 4 or (whole and self._hide):
                continue
            # In a square of the picture a face stands elsewhere; its grey patch says where.
            places = _patches(frames[number])
            for slot, x in enumerate(places[::-1] if number % 2 else places):
                if slot < faces:
                    row[slot] = face(x)
        return found


def _patches(frame: np.ndarray) -> list[float]:
    columns = np.flatnonzero(frame[130].mean(axis=-1) > 100)
    groups = np.split(columns, np.flatnonzero(np.diff(columns) > 5) + 1)
    return [float(group.mean()) + 0.5 for group in groups if len(group) > 50]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frames = np.zeros((30, HEIGHT, WIDTH, 3), np.uint8)
    frames[:, 90:170, 80:160] = 180
    frames[:, 90:170, 300:380] = 180
    return write_clip(tmp_path_factory.mktemp("video") / "two.mp4", voice(0)[:19200], frames)


@pytest.mark.parametrize("hidden", [False, True])
def test_two_people_are_found_from_left_to_right(video: Path, hidden: bool) -> None:
    recording = read_recording(video, FakeFinder(hide_in_whole=hidden), 2)
    assert len(recording.samples) >= 19200
    for speaker in recording.speakers:
        assert speaker.mouths.shape == (30, 96, 96)
        assert speaker.faces.shape == (30, 224, 224, 3)
        assert speaker.seen == 24
        assert speaker.mouths.mean() > 120


def test_too_few_people(video: Path) -> None:
    with pytest.raises(DataError, match=r"2 faces were found in .*, but 3 are needed"):
        read_recording(video, FakeFinder(), 3)


class TestLinking:
    """Tracks."""

    def test_people_keep_their_names_when_faces_change_places_in_the_list(self) -> None:
        pairs = [np.stack([face(100 + k), face(300 - k)]) for k in range(20)]
        found = np.stack([pair[::-1] if k % 3 else pair for k, pair in enumerate(pairs)])
        first, second = link_faces(found, 2, "video")
        assert first.place < second.place
        assert np.ptp(first.points.mean(axis=(1, 2))) < 15
        assert first.seen == second.seen == 20

    def test_a_passer_by_is_nobody(self) -> None:
        found = np.full((40, 3, POINTS, 2), np.nan)
        found[:, 0], found[:, 1] = face(100), face(300)
        found[5:9, 2] = face(200)
        assert [track.seen for track in link_faces(found, 2, "video")] == [40, 40]

    def test_no_faces_in_a_video(self) -> None:
        with pytest.raises(DataError, match=r"0 faces were found in empty\.mp4, but 1 are needed"):
            link_faces(np.full((10, 1, POINTS, 2), np.nan), 1, "empty.mp4")

    def test_a_face_at_the_edge_is_filled_with_black(self) -> None:
        frame = np.full((100, 100, 3), 200, np.uint8)
        cut = cut_face(frame, np.array([[-10.0, 40.0], [30.0, 80.0]]))
        assert cut.shape == (224, 224, 3)
        assert not cut[:, :60].any()
        assert (cut[80:140, 120:200] == 200).all()


def test_the_sheet_is_a_picture() -> None:
    faces = np.zeros((10, 224, 224, 3), np.uint8)
    mouths = np.full((10, 96, 96), 77, np.uint8)
    sheet = contact_sheet([(faces, mouths), (faces, mouths)])
    assert sheet.shape == (4 * 100 + 4, 8 * 100 + 4, 3)
    content = png_bytes(sheet)
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    start = content.index(b"IDAT") + 4
    rows = zlib.decompressobj().decompress(content[start:])
    assert len(rows) == sheet.shape[0] * (1 + 3 * sheet.shape[1])


def test_a_video_gets_another_voice(video: Path, tmp_path: Path) -> None:
    write_voice_video(video, voice(1)[:19200], tmp_path / "out" / "voice.mp4")
    written = tmp_path / "out" / "voice.mp4"
    np.testing.assert_array_equal(read_pictures(written).frames, read_pictures(video).frames)
    heard = read_sound(written).samples[:19200].astype(float)
    assert np.corrcoef(heard, voice(1)[:19200])[0, 1] > 0.99
    assert [path.name for path in written.parent.iterdir()] == ["voice.mp4"]


class TestMediapipe:
    """The process with MediaPipe."""

    def test_an_interpreter_without_it(self) -> None:
        frames = np.zeros((2, 8, 8, 3), np.uint8)
        with (
            FaceFinder(Path(sys.executable)) as finder,
            pytest.raises(UsageError, match=r"it needs MediaPipe 0\.10\.21"),
        ):
            finder.find(frames)

    def test_no_interpreter_at_all(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be started"):
            FaceFinder(tmp_path / "python")

    def test_crops_are_kept_by_the_content_of_the_video(
        self, video: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = MediapipeMouths(Path("unused"))
        monkeypatch.setattr(source, "_finder", FakeFinder())
        clip = Clip("a", ("a",), video=video)
        crops = source.read(clip, 15)
        assert crops.shape == (15, 96, 96)
        again = MediapipeMouths(Path("absent"))
        np.testing.assert_array_equal(again.read(clip, 15), crops)
        assert again.missing([clip, Clip("b", ("b",))]) == ["b"]
        assert "not the published crops" in source.marks[0]
        with pytest.raises(DataError, match="b has no video to find its mouth in"):
            again.read(Clip("b", ("b",)), 15)

    def test_a_real_interview(self, material: Path) -> None:
        python = os.environ.get("AVSS_BENCH_MEDIAPIPE")
        interview = material / "real" / "video" / "two_speakers.mp4"
        if python is None or not interview.is_file():
            pytest.skip("needs AVSS_BENCH_MEDIAPIPE and the interview")
        with FaceFinder(Path(python)) as finder:
            recording = read_recording(interview, finder, 2)
        assert [len(speaker.mouths) for speaker in recording.speakers] == [438, 438]
        assert min(speaker.seen for speaker in recording.speakers) > 430
