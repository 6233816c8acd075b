"""Decoding: nothing shifted, nothing lost, and every damaged file refused."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from stand_in import voice, write_clip

from bench.datasets.pictures.media import StreamMissing, read_pictures, read_sound
from bench.errors import DataError


def ramp(count: int, size: int = 64) -> np.ndarray:
    """Frames whose grey says their number."""
    levels = np.linspace(20, 235, count).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (count, size, size, 3))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    return write_clip(folder / "clip.mp4", voice(0), ramp(60))


def test_sound_starts_where_it_started(clip: Path) -> None:
    decoded = read_sound(clip).samples.astype(float)
    original = voice(0).astype(float)
    assert len(decoded) >= len(original)
    lags = np.arange(-1100, 1101)
    middle = slice(4000, 36000)
    match = [np.dot(np.roll(decoded, -lag)[middle], original[middle]) for lag in lags]
    assert lags[int(np.argmax(match))] == 0


def test_a_part_is_the_start_of_the_whole(clip: Path) -> None:
    np.testing.assert_array_equal(read_sound(clip, 32000).samples, read_sound(clip).samples[:32000])


@pytest.mark.parametrize(("rate", "channels"), [(44100, 1), (48000, 2), (16000, 2)])
def test_other_formats_are_converted_and_counted(tmp_path: Path, rate: int, channels: int) -> None:
    tone = 8000 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    sound = np.tile(tone.astype(np.int16), (channels, 1))
    decoded = read_sound(write_clip(tmp_path / "a.m4a", sound, None, sample_rate=rate))
    assert decoded.converted
    assert (decoded.source_rate, decoded.channels) == (rate, channels)
    assert 16000 <= len(decoded.samples) <= 16000 + 1100
    inside = decoded.samples[2000:14000].astype(float)
    expected = 8000 * np.sin(2 * np.pi * 440 * np.arange(2000, 14000) / 16000)
    assert np.corrcoef(inside, expected)[0, 1] > 0.999


def test_16k_mono_is_not_counted(clip: Path) -> None:
    assert not read_sound(clip).converted


def test_pictures_in_order(clip: Path) -> None:
    pictures = read_pictures(clip, 50)
    assert pictures.frames.shape == (50, 64, 64, 3)
    assert not pictures.converted
    brightness = pictures.frames.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(brightness, ramp(60)[:50].mean(axis=(1, 2, 3)), atol=3)
    assert len(read_pictures(clip).frames) == 60


@pytest.mark.parametrize("rate", [15, 30, 50])
def test_other_frame_rates_keep_the_time(tmp_path: Path, rate: int) -> None:
    path = write_clip(tmp_path / "a.mp4", None, ramp(2 * rate), frame_rate=rate)
    pictures = read_pictures(path)
    assert pictures.converted
    assert len(pictures.frames) == 50
    shown = np.floor(np.arange(50) / 25 * rate + 1e-6).astype(int)
    np.testing.assert_allclose(
        pictures.frames.mean(axis=(1, 2, 3)), ramp(2 * rate)[shown].mean(axis=(1, 2, 3)), atol=4
    )


@pytest.mark.parametrize("options", [{}, {"movflags": "faststart"}])
@pytest.mark.parametrize("share", [0.03, 0.5, 0.999])
def test_truncated_copies_are_refused(
    tmp_path: Path, options: dict[str, str], share: float
) -> None:
    whole = write_clip(tmp_path / "a.mp4", voice(0), ramp(60), options=options).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: int(share * len(whole))])
    for read in (read_sound, read_pictures):
        with pytest.raises(DataError, match=r"cut\.mp4 (is truncated|cannot be decoded)"):
            read(cut, 10)


def test_files_that_are_no_clips(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("<html>not found</html>" * 20)
    for name, said in (("empty", "is empty"), ("text", "text.mp4 is"), ("absent", "missing")):
        with pytest.raises(DataError, match=said):
            read_sound(tmp_path / f"{name}.mp4")


def test_a_missing_stream_is_named(tmp_path: Path) -> None:
    silent = write_clip(tmp_path / "silent.mp4", None, ramp(5))
    blind = write_clip(tmp_path / "blind.m4a", voice(0), None)
    with pytest.raises(StreamMissing, match="has no sound"):
        read_sound(silent)
    with pytest.raises(StreamMissing, match="has no pictures"):
        read_pictures(blind)


@pytest.mark.parametrize(
    ("matrix", "turns"), [((0, 1, -1, 0), -1), ((0, -1, 1, 0), 1), ((-1, 0, 0, -1), 2)]
)
def test_videos_that_were_filmed_sideways_are_turned(
    tmp_path: Path, matrix: tuple[int, int, int, int], turns: int
) -> None:
    frames = np.zeros((3, 64, 96, 3), np.uint8)
    frames[:, :20, :30] = 255
    path = write_clip(tmp_path / "a.mp4", None, frames)
    upright = read_pictures(path).frames[0]
    content = bytearray(path.read_bytes())
    start = content.index(b"tkhd") + 4 + 40
    a, b, c, d = (value << 16 for value in matrix)
    content[start : start + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    np.testing.assert_array_equal(read_pictures(path).frames[0], np.rot90(upright, turns))


@pytest.mark.parametrize("seed", range(12))
def test_damaged_bytes_are_refused_or_decoded(tmp_path: Path, clip: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    content = bytearray(clip.read_bytes())
    for place in random.integers(0, len(content), 60):
        content[place] = int(random.integers(0, 256))
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(content)
    for decode in (
        lambda: read_sound(damaged, 10).samples,
        lambda: read_pictures(damaged, 10).frames,
    ):
        try:
            found = decode()
        except DataError as error:
            assert "damaged.mp4" in str(error)
        else:
            assert 0 < len(found) <= 10
            assert found.dtype in (np.int16, np.uint8)
            assert found.shape[1:] in ((), (64, 64, 3))
