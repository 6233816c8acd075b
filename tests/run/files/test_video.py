"""From a recording of two people to their voices in files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from stand_in import voice, write_clip

from bench.core.mixture import Mixture
from bench.datasets.pictures.media import read_sound
from bench.datasets.pictures.speakers import Recording, Speaker
from bench.errors import UsageError
from bench.run.files import video as module
from bench.run.files.video import prepare_video, write_voices

FRAMES = 60


def speaker(seed: int) -> Speaker:
    random = np.random.default_rng(seed)
    mouths = random.integers(0, 256, (FRAMES, 96, 96), dtype=np.uint8)
    return Speaker(mouths, np.zeros((FRAMES, 224, 224, 3), np.uint8), FRAMES)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording(voice(0)[:40000], (speaker(0), speaker(1)))


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frames = np.zeros((FRAMES, 64, 64, 3), np.uint8)
    return write_clip(tmp_path_factory.mktemp("video") / "a.mp4", voice(0)[:40000], frames)


@pytest.mark.parametrize("window_s", [None, 1.0, 1.3, 2.4, 60.0])
def test_windows_leave_no_seam(
    recording: Recording, video: Path, tmp_path: Path, window_s: float | None
) -> None:
    heard: list[Mixture] = []

    def separate(mixture: Mixture) -> np.ndarray:
        heard.append(mixture)
        return np.stack([mixture.mixture, 0.25 * mixture.mixture])

    files = write_voices(recording, separate, video, tmp_path, window_s)
    assert [path.name for path in files] == [
        *("speaker1.wav", "speaker1.mp4", "speaker2.wav", "speaker2.mp4")
    ]
    for name, factor in (("speaker1.wav", 1), ("speaker2.wav", 0.25)):
        samples, rate = soundfile.read(tmp_path / name, dtype="int16")
        assert rate == 16000
        np.testing.assert_allclose(samples, factor * recording.samples, atol=2)
    assert len(read_sound(tmp_path / "speaker2.mp4").samples) >= 40000
    assert (len(heard) > 1) == (window_s is not None and window_s < 2.5)


def test_each_window_sees_its_own_pictures(
    recording: Recording, video: Path, tmp_path: Path
) -> None:
    seen: dict[int, np.ndarray] = {}

    def separate(mixture: Mixture) -> np.ndarray:
        start = int(mixture.id.split()[-1])
        seen[start] = mixture.mouths[1]
        assert len(mixture.mouths[0]) == -(-len(mixture.mixture) // 640)
        assert mixture.faces is not None
        return np.stack([mixture.mixture] * 2)

    write_voices(recording, separate, video, tmp_path, 1.0)
    for start, mouths in seen.items():
        expected = recording.speakers[1].mouths[start // 640 :][: len(mouths)]
        np.testing.assert_array_equal(mouths[: len(expected)], expected)
    # The sound is 62.5 frames long, the pictures 60: the last one is held.
    last = seen[max(seen)]
    np.testing.assert_array_equal(last[-1], recording.speakers[1].mouths[-1])


def test_loud_voices_are_scaled_together(recording: Recording, video: Path, tmp_path: Path) -> None:
    def separate(mixture: Mixture) -> np.ndarray:
        return np.stack([40 * mixture.mixture, 10 * mixture.mixture])

    write_voices(recording, separate, video, tmp_path)
    first, second = (soundfile.read(tmp_path / f"speaker{n}.wav")[0] for n in (1, 2))
    assert np.abs(first).max() == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(second, first / 4, atol=1e-4)


def test_what_cannot_be_separated(recording: Recording, video: Path, tmp_path: Path) -> None:
    alone = Recording(recording.samples, recording.speakers[:1])
    with pytest.raises(UsageError, match="1 people were found; two can be separated"):
        write_voices(alone, lambda mixture: mixture.references, video, tmp_path)
    with pytest.raises(UsageError, match=r"a window of 0\.5 s is too short"):
        write_voices(recording, lambda mixture: mixture.references, video, tmp_path, 0.5)


def test_prepare_writes_what_a_person_can_look_at(
    recording: Recording, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Finder:
        def __init__(self, python: Path) -> None:
            pass

        def __enter__(self) -> Finder:
            return self

        def __exit__(self, *exception: object) -> None:
            pass

    monkeypatch.setattr(module, "FaceFinder", Finder)
    monkeypatch.setattr(module, "read_recording", lambda *arguments: recording)
    prepare_video(video, tmp_path / "out", Path("python"))
    written = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.*")}
    assert written == {
        *("audio.wav", "contact_sheet.png", "video.json"),
        *("mouths/speaker1.npz", "mouths/speaker2.npz"),
    }
    with np.load(tmp_path / "out" / "mouths" / "speaker2.npz") as kept:
        np.testing.assert_array_equal(kept["data"], recording.speakers[1].mouths)
    facts = json.loads((tmp_path / "out" / "video.json").read_text())
    assert facts["frames_with_face"] == [60, 60]
    assert "not the published crops" in facts["mark"]
