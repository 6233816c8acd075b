"""A run made here, heard by a recogniser of random weights: what is left in its folder."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from tiny_whisper import write_tiny_whisper

import bench
from bench.asr.openai_whisper import OpenaiWhisper
from bench.cli import main
from bench.errors import DataError, UsageError
from bench.run.result import Run
from bench.run.transcribe import recount, transcribe_run


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_whisper(tmp_path_factory.mktemp("model") / "tiny.pt")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two mixtures of the set with whole sentences, separated by an oracle."""
    return bench.evaluate(
        bench.load_separator("ideal-ratio-mask"),
        bench.load_dataset("talking-heads-2mix-full"),
        out=tmp_path_factory.mktemp("runs"),
        metrics=["si_snr"],
        limit=2,
        save_estimates=True,
    )


@pytest.fixture
def run(made: Run, tmp_path: Path) -> Run:
    assert made.folder is not None
    shutil.copytree(made.folder, tmp_path / made.id)
    return Run.load(tmp_path / made.id)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_rates_go_out_and_texts_stay(run: Run, model: Path) -> None:
    seen: list[tuple[int, int]] = []
    data = bench.load_dataset("talking-heads-2mix-full")
    found = transcribe_run(
        run, data, OpenaiWhisper(model, batch=2), progress=lambda *done: seen.append(done)
    )
    assert seen == [(2, 2)]
    mark = f"@openai-whisper-{OpenaiWhisper(model).identity['sha256'][:8]}"
    assert set(found.scores) == {
        f"{name}{mark}"
        for name in (
            "wer_transcript", "wer_transcript_of_clean", "wer_transcript_of_mixture",
            "wer_clean", "wer_clean_of_mixture",
        )
    }  # fmt: skip
    folder = run.folder
    assert folder is not None
    content = json.loads((folder / "wer.json").read_text())
    assert content["language"] == "en"
    assert "whole sentence" in content["word_references"]
    assert content["normaliser"].startswith("whisper-english")
    texts = lines(folder / "private" / "texts.jsonl.gz")
    outgoing = (folder / "wer.json").read_text() + json.dumps(lines(folder / "wer.jsonl.gz"))
    for target in texts:
        for name in ("estimate", "clean", "mixture", "transcript"):
            assert len(str(target[name])) > 10
            assert str(target[name]) not in outgoing
    assert [len(row["counts"]) for row in lines(folder / "wer.jsonl.gz")] == [5, 5]
    assert "keep this folder" in (folder / "private" / "README.txt").read_text()


def test_counting_anew_needs_no_recogniser(run: Run, model: Path) -> None:
    data = bench.load_dataset("talking-heads-2mix-full")
    first = transcribe_run(run, data, OpenaiWhisper(model, batch=2))
    assert run.folder is not None
    before = (run.folder / "wer.jsonl.gz").read_bytes()
    shutil.rmtree(run.folder / "estimates")
    assert recount(run) == first
    assert (run.folder / "wer.jsonl.gz").read_bytes() == before
    (run.folder / "private" / "texts.jsonl.gz").write_bytes(b"cut")
    with pytest.raises(DataError, match="transcribe the run again"):
        recount(run)


def test_a_missing_estimate_is_not_counted(run: Run, model: Path) -> None:
    assert run.folder is not None
    next((run.folder / "estimates" / "s1").iterdir()).unlink()
    data = bench.load_dataset("talking-heads-2mix-full")
    found = transcribe_run(run, data, OpenaiWhisper(model, batch=2)).scores
    scored = {name.partition("@")[0]: score.scored for name, score in found.items()}
    assert scored["wer_transcript"] == 1
    assert scored["wer_transcript_of_mixture"] == 2


def test_a_set_of_several_languages_is_heard_in_each(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bench.load_dataset("talking-heads-2mix-full")
    monkeypatch.setattr(data, "card", data.card.model_copy(update={"language": "mul"}))
    found = transcribe_run(run, data, OpenaiWhisper(model, batch=2))
    assert found.about["language"] == "detected on the clean target"


def test_what_cannot_be_heard_is_refused(run: Run, model: Path) -> None:
    whisper = OpenaiWhisper(model, batch=2)
    with pytest.raises(UsageError, match="from another list"):
        transcribe_run(run, bench.load_dataset("talking-heads-2mix"), whisper)
    assert run.folder is not None
    with pytest.raises(DataError, match="transcribe it first"):
        recount(run)
    shutil.rmtree(run.folder / "estimates")
    with pytest.raises(UsageError, match="--save-estimates"):
        transcribe_run(run, bench.load_dataset("talking-heads-2mix-full"), whisper)


def typed(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["avss-bench", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(str(ended.value.code))


def test_the_verb(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.folder is not None
    assert typed(monkeypatch, "transcribe", run.folder, "--model", model, "--batch", "2") == 0
    said = capsys.readouterr().out
    assert "word errors, heard by openai-whisper" in said
    assert "2 of 2 targets" in said
    assert typed(monkeypatch, "transcribe", run.folder, "--recount", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["run"] == run.id
    monkeypatch.setenv("AVSS_BENCH_WHISPER", str(model))
    assert typed(monkeypatch, "transcribe") == 0
    assert str(model) in capsys.readouterr().out


def test_without_a_model_it_says_how_to_get_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AVSS_BENCH_WHISPER", str(tmp_path / "absent.pt"))
    assert run.folder is not None
    for arguments in ((), (run.folder,)):
        assert typed(monkeypatch, "transcribe", *arguments) == 2
        assert "--download" in capsys.readouterr().err
    assert typed(monkeypatch, "transcribe", run.folder, "--engine", "ears") == 2
    assert "unknown engine 'ears'" in capsys.readouterr().err
    assert typed(monkeypatch, "transcribe", run.folder, "--engine", "faster-whisper") == 2
    assert "give --model" in capsys.readouterr().err


@pytest.mark.parametrize("given", [True, False])
def test_a_run_hears_words_if_there_is_a_model(
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: bool,
) -> None:
    monkeypatch.setenv("AVSS_BENCH_WHISPER", str(model if given else tmp_path / "absent.pt"))
    quick = ("--limit", "1", "--metrics", "si_snr", "--dataset", "talking-heads-2mix-full")
    code = typed(monkeypatch, "run", "mixture", *quick, "--out", tmp_path, "--wer-model", "auto")
    said = capsys.readouterr()
    assert code == 0
    assert ("word errors, heard by" in said.out) is given
    assert ("no word error rates: " in said.err) is not given
    assert bool(list(tmp_path.rglob("estimates"))) is given


def test_a_run_finished_without_estimates_gets_them_for_its_words(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("run", "mixture", "--limit", "1", "--metrics", "si_snr", "--out", tmp_path)
    assert typed(monkeypatch, *command) == 0
    assert not list(tmp_path.rglob("estimates"))
    assert typed(monkeypatch, *command, "--wer-model", model) == 0
    assert "2 of 2 targets" in capsys.readouterr().out
