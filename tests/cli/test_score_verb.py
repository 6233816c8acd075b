"""`score` as a person types it: protocols side by side, another engine, a released script's csv."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.cli import main

Score = Callable[..., tuple[int, str, str]]


@pytest.fixture
def score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Score:
    """Runs the verb in this process on three folders of two files."""
    rng = np.random.default_rng(0)
    for number in (1, 2):
        target, interferer = 0.1 * rng.standard_normal((2, 16000))
        signals = {"est": target + 0.1 * interferer, "ref": target, "mix": target + interferer}
        for folder, samples in signals.items():
            (tmp_path / folder).mkdir(exist_ok=True)
            soundfile.write(tmp_path / folder / f"{number}.wav", samples, 16000, subtype="DOUBLE")
    monkeypatch.chdir(tmp_path)

    def typed(*arguments: str, folders: bool = True) -> tuple[int, str, str]:
        names = ["--estimates", "est", "--references", "ref", "--mixtures", "mix"]
        command = ["avss-bench", "score", *(names if folders else []), *arguments]
        monkeypatch.setattr(sys, "argv", command)
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        said = capsys.readouterr()
        return int(str(code)), said.out, said.err

    return typed


def test_all_protocols_stand_side_by_side_with_what_differs(score: Score) -> None:
    code, out, _ = score("--all-protocols")
    assert code == 0
    header = out.splitlines()[1]
    for name in ("standard", "ctcnet-2022", "iianet-2024", "rtfsnet-2024", "visualvoice-2021"):
        assert name in header
    assert "ctcnet-2022 SDR: plain SNR of signals without their means" in out
    assert "iianet-2024 SDR: BSS-Eval v3 with estimate and reference exchanged" in out
    assert (
        "improved by less than 1 dB): 0 of 2; wrong voice (nearer to the interferer): 0 of 2" in out
    )


def test_one_protocol_has_its_own_ids(score: Score) -> None:
    _, out, _ = score("--protocol", "iianet-2024")
    assert "iianet2024.sdr_i" in out
    _, out, _ = score("--protocol", "ctcnet-2022", "--json")
    found = json.loads(out)
    assert "ctcnet2022.pesq" in found["items"][0]
    assert found["summary"]["metrics"]["ctcnet2022.pesq"]["protocol"] == "ctcnet-2022"


def test_the_reference_engine_prints_the_same_table(score: Score) -> None:
    chosen = ("--metrics", "si_snr", "--metrics", "stoi")
    _, own, _ = score(*chosen)
    _, peers, _ = score(*chosen, "--engine", "reference")
    assert own == peers


def test_a_released_csv_is_explained_with_and_without_files(score: Score, tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text(
        "snt_id,sdr,sdr_i,si-snr,si-snr_i,pesq,stoi\n"
        "1.wav,-20,-20,20,20,2,0.9\n2.wav,-22,-22,22,22,3,0.8\navg,21,21,21,21,2.5,0.85\n"
    )
    code, out, _ = score("--released-csv", "metrics.csv", folders=False)
    assert code == 0
    assert "sdr_i is ctcnet2022.sdr_i" in out
    assert "Wrong: the rows have the wrong sign" in out
    assert "these files have" not in out
    _, out, _ = score("--released-csv", "metrics.csv")
    assert "by the standard one (pesq_nb) these files have" in out
    _, out, _ = score("--released-csv", "metrics.csv", "--json", folders=False)
    columns = {column["column"]: column for column in json.loads(out)["columns"]}
    assert columns["sdr"]["sign_of_rows"] == -1
    assert columns["sdr"]["mean"] == 21


@pytest.mark.parametrize(
    ("arguments", "folders", "said"),
    [
        ((), False, "give --estimates and --references"),
        (("--all-protocols", "--protocol", "iianet-2024"), True, "give one of the two"),
        (("--protocol", "ctcnet"), True, "did you mean 'ctcnet-2022'?"),
        (("--protocol", "iianet-2024", "--metrics", "snr"), True, "fixes its metrics"),
        (("--engine", "mine"), True, "unknown engine 'mine'"),
        (("--released-csv", "absent.csv"), False, "cannot be read"),
    ],
)
def test_wrong_use_is_one_sentence(
    score: Score, arguments: tuple[str, ...], folders: bool, said: str
) -> None:
    code, out, err = score(*arguments, folders=folders)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1
