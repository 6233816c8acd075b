"""The tool that made the embedded sets."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from bench.core.resources import shipped
from bench.datasets import load_dataset
from bench.datasets.synthetic.utterances import Utterance, read_index

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    pytest.importorskip("espeakng_loader", reason="eSpeak NG comes with the extra 'dev'")
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("make_talking_heads")


def test_lists_and_cards_follow_from_the_audio(
    tool: ModuleType, corpus_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(corpus_folder / "audio", tmp_path / "talking-heads-2mix" / "audio")
    shutil.copy(corpus_folder / "utterances.tsv", tmp_path / "talking-heads-2mix")
    tool.main(["--lists-only", "--out", str(tmp_path)])
    for id in ("talking-heads-2mix", "talking-heads-2mix-full"):
        for name in ("card.toml", "mixtures.scp"):
            made, committed = tmp_path / id / name, shipped("datasets") / id / name
            assert made.read_bytes() == committed.read_bytes()


def test_the_voices_say_the_same_again(
    tool: ModuleType, index: dict[str, Utterance], tmp_path: Path
) -> None:
    tool.speak_corpus(tmp_path, tool.TEST_SPEAKERS[::8], tool.TEST_SENTENCES[:32:8], (3, 5))
    for id, spoken in read_index(tmp_path / "utterances.tsv").items():
        committed = index[id]
        # Words and phonemes, not bytes: another build of the library may round otherwise.
        assert spoken.transcript == committed.transcript
        assert [p.name for p in spoken.phonemes] == [p.name for p in committed.phonemes]
        assert spoken.samples == pytest.approx(committed.samples, rel=0.02)


def test_training_speakers_and_sentences_are_others(
    tool: ModuleType, index: dict[str, Utterance]
) -> None:
    speakers = {speaker.id for speaker in tool.TRAINING_SPEAKERS}
    count = tool.TRAINING_SENTENCES_EACH * len(speakers)
    sentences = tool.training_sentences(count, tool.TEXT_SEED)
    assert len(set(sentences)) == count
    assert not speakers & {utterance.speaker for utterance in index.values()}
    assert not set(sentences) & {utterance.transcript for utterance in index.values()}
    voices = [
        (speaker.accent, speaker.pitch, speaker.tract)
        for speaker in (*tool.TEST_SPEAKERS, *tool.TRAINING_SPEAKERS)
    ]
    assert len(set(voices)) == len(voices)


def test_the_training_set_opens_from_its_folder(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "TRAINING_SENTENCES_EACH", 1)
    monkeypatch.setattr(tool, "TRAINING_MIXTURES", 8)
    tool.main(["--train", "--out", str(tmp_path)])
    training = load_dataset("talking-heads-2mix-train", root=tmp_path)
    assert training.card.purpose == "training"
    assert len(training) == 8
    assert training[0].mixture.shape == (32000,)


def test_training_needs_a_folder(tool: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        tool.main(["--train"])
    assert "--train needs --out DIR" in capsys.readouterr().err
