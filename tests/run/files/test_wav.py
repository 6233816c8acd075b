"""Reading voices: exact samples, and one sentence for every file that is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.errors import DataError
from bench.run.files.wav import read_rate, read_voice

RATE = 16000
RAMP = np.arange(-32768, 32768, 7, dtype=np.int16)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_integers_are_divided_by_full_scale(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, RAMP, RATE)
    voice = read_voice(path)
    assert voice.sample_rate == RATE == read_rate(path)
    assert voice.samples.dtype == np.float64
    np.testing.assert_array_equal(voice.samples, RAMP / 32768)


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_floats_are_taken_as_they_are_even_beyond_full_scale(tmp_path: Path, subtype: str) -> None:
    samples = np.array([0.1, -3.5, 1e-9]).astype(np.float32).astype(np.float64)
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype=subtype)
    np.testing.assert_array_equal(read_voice(tmp_path / "a.wav").samples, samples)


def write_stereo(path: Path) -> None:
    soundfile.write(path, np.zeros((10, 2)), RATE)


def write_no_samples(path: Path) -> None:
    soundfile.write(path, np.zeros(0), RATE)


def write_nan(path: Path) -> None:
    soundfile.write(path, np.array([0.0, np.nan, np.inf]), RATE, subtype="FLOAT")


def write_truncated(path: Path) -> None:
    soundfile.write(path, RAMP, RATE)
    path.write_bytes(path.read_bytes()[:-1001])


def write_header_only(path: Path) -> None:
    soundfile.write(path, RAMP, RATE)
    path.write_bytes(path.read_bytes()[:44])


def write_half_header(path: Path) -> None:
    soundfile.write(path, RAMP, RATE)
    path.write_bytes(path.read_bytes()[:20])


def write_truncated_float(path: Path) -> None:
    soundfile.write(path, RAMP / 32768, RATE, subtype="FLOAT")
    path.write_bytes(path.read_bytes()[:5000])


def write_nothing(path: Path) -> None:
    path.write_bytes(b"")


def write_text(path: Path) -> None:
    path.write_text("this is a letter, not a sound")


def write_no_file(path: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (write_stereo, "2 channels, expected one"),
        (write_no_samples, "no samples"),
        (write_nan, "2 NaN or infinite samples of 3"),
        (write_truncated, "truncated: 1001 bytes"),
        (write_truncated_float, "truncated"),
        (write_header_only, "truncated"),
        (write_half_header, "cannot be read as audio"),
        (write_nothing, "it is empty"),
        (write_text, "cannot be read as audio"),
        (write_no_file, "is not there"),
    ],
)
def test_what_is_no_voice_is_told_in_one_sentence(tmp_path: Path, write: object, said: str) -> None:
    path = tmp_path / "voice.wav"
    write(path)
    with pytest.raises(DataError) as caught:
        read_voice(path)
    sentence = str(caught.value)
    assert said in sentence
    assert "'voice.wav'" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert str(tmp_path) not in sentence


def test_a_truncated_flac_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.random.default_rng(0).integers(-9999, 9999, 50_000, np.int16), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=r"truncated|cannot be read"):
        read_voice(path)


def test_a_stream_of_unknown_length_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, RAMP, RATE)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    np.testing.assert_array_equal(read_voice(path).samples, RAMP / 32768)


def test_chunks_after_the_samples_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, RAMP, RATE)
    path.write_bytes(path.read_bytes() + b"LIST" + (4).to_bytes(4, "little") + b"INFO")
    np.testing.assert_array_equal(read_voice(path).samples, RAMP / 32768)


def test_the_rate_of_what_is_no_audio_is_none(tmp_path: Path) -> None:
    write_text(tmp_path / "a.wav")
    assert read_rate(tmp_path / "a.wav") is None
    assert read_rate(tmp_path / "none.wav") is None
