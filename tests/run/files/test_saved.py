"""Estimates of other programs: which files belong to them, and which patterns name them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tiny import SAMPLES, tiny_mixture

from bench.errors import DataError, UsageError
from bench.run.files.saved import SavedEstimates


@pytest.mark.parametrize(
    "pattern",
    [
        "{mixture}/{speaker}/{take}.wav",
        "{mixture}/{speaker}/{}.wav",
        "{mixture}/{speaker}/{0}.wav",
        "{mixture}/{speaker.real}.wav",
        "{mixture}/{speaker}{.wav",
        "{{mixture}}/{{speaker}}.wav",
        "{mixture.wav",
    ],
)
def test_a_pattern_with_other_fields_is_one_sentence(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(UsageError, match=r"must hold \{mixture\} and \{speaker\} and no other"):
        SavedEstimates(tmp_path, "Mine", pattern)


@pytest.mark.parametrize(
    "pattern",
    ["../{mixture}_{speaker}.wav", "/{mixture}_{speaker}.wav", "a/../../{mixture}{speaker}"],
)
def test_a_pattern_that_leaves_the_folder_is_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(UsageError, match="leaves the folder of the estimates"):
        SavedEstimates(tmp_path, "Mine", pattern)


def test_an_id_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    mixture = replace(tiny_mixture(0), id="../x")
    with pytest.raises(DataError, match="cannot name a file"):
        SavedEstimates(tmp_path, "Mine").voices(mixture)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_the_hash_covers_every_file_that_is_read_and_no_other(tmp_path: Path, suffix: str) -> None:
    mixture = tiny_mixture(0)
    saved = SavedEstimates(tmp_path, "Mine", f"[a]/{{mixture}}-{{speaker:02d}}.{suffix}")
    (tmp_path / "[a]").mkdir()
    for speaker in (1, 2):
        path = tmp_path / "[a]" / f"{mixture.id}-{speaker:02d}.{suffix}"
        soundfile.write(path, np.full(SAMPLES, 0.1), 16000)
    assert saved.voices(mixture).shape == (2, SAMPLES)
    before = saved.sha256()
    (tmp_path / "notes.txt").write_text("made on a Friday")
    assert saved.sha256() == before
    soundfile.write(path, np.full(SAMPLES, 0.2), 16000)
    assert saved.sha256() != before
