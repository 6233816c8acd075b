"""The `metrics.csv` of a released script: read, explained column by column, or refused."""

from __future__ import annotations

import csv
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
import soundfile

from bench.errors import DataError, UsageError
from bench.metrics.as_published import score_as_published
from bench.run.folders.released_comparison import explain_released
from bench.run.folders.released_csv import read_released
from bench.run.folders.score import score_folders

RATE = 16000
COLUMNS = ("sdr", "sdr_i", "si-snr", "si-snr_i", "pesq", "stoi")
NAMES = ("clip_1.5_other_-1.5", "third_2.0_fourth_-2.0")
Folders = dict[str, Path]


def voices(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    swell = np.sin(np.arange(RATE) / RATE * 9) ** 2
    target, interferer = 0.1 * swell * rng.standard_normal((2, RATE))
    estimate = np.convolve(target, [1, 0.5])[:RATE] + 0.2 * interferer
    return {"estimates": estimate, "references": target, "mixtures": target + interferer}


def printed(seed: int, protocol: str, columns: tuple[str, ...]) -> dict[str, float]:
    """What the script says of one target, the sign of the sdr columns put right."""
    signals = {role.removesuffix("s"): samples for role, samples in voices(seed).items()}
    values = score_as_published(**signals, protocol=protocol).values
    paper = protocol.replace("-", "")
    return {name: values[f"{paper}.{name.replace('si-snr', 'si_snr')}"] for name in columns}


def write_csv(
    path: Path, protocol: str = "ctcnet-2022", columns: tuple[str, ...] = COLUMNS
) -> list[dict[str, float]]:
    """Write what the script would: two rows per mixture, then averages and deviations."""
    rows = [printed(seed, protocol, columns) for seed in range(2 * len(NAMES))]
    sign = -1 if protocol == "ctcnet-2022" else 1
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["snt_id", *columns])
        for number, row in enumerate(rows):
            flipped = {n: sign * v if n.startswith("sdr") else v for n, v in row.items()}
            writer.writerow([f"{NAMES[number // 2]}.wav", *flipped.values()])
        writer.writerow(["avg", *(fmean(row[name] for row in rows) for name in columns)])
        writer.writerow(["std", *(np.std([row[name] for row in rows]) for name in columns)])
    return rows


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = {role: tmp_path / role for role in ("estimates", "references", "mixtures")}
    for role, folder in made.items():
        folder.mkdir()
        for seed in range(2 * len(NAMES)):
            name = f"{NAMES[seed // 2]}_s{seed % 2 + 1}.wav"
            soundfile.write(folder / name, voices(seed)[role], RATE, subtype="DOUBLE")
    return made


def test_the_wrong_sign_of_the_rows_is_seen_and_put_right(tmp_path: Path) -> None:
    rows = write_csv(tmp_path / "metrics.csv")
    table = read_released(tmp_path / "metrics.csv")
    assert table.protocol == "ctcnet-2022"
    assert [(row.stem, row.target) for row in table.rows] == [(n, t) for n in NAMES for t in (1, 2)]
    columns = {column.name: column for column in table.columns}
    assert {name: column.sign for name, column in columns.items()} == {
        "sdr": -1, "sdr_i": -1, "si-snr": 1, "si-snr_i": 1, "pesq": 1, "stoi": 1
    }  # fmt: skip
    for name, column in columns.items():
        assert column.mean == pytest.approx(fmean(row[name] for row in rows))
    assert "wrong sign" in columns["sdr_i"].remark
    assert columns["si-snr"].remark == ""
    assert columns["sdr_i"].id == "ctcnet2022.sdr_i"
    assert columns["sdr_i"].standard == "sdr_bsseval512_i"


def test_without_averages_the_sign_is_that_of_the_script(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    write_csv(path)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-2]))
    columns = {column.name: column for column in read_released(path).columns}
    assert (columns["sdr"].sign, columns["stoi"].sign) == (-1, 1)
    assert columns["sdr"].average is None


def test_an_average_that_does_not_follow_is_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("snt_id,si-snr\na.wav,1.0\nb.wav,2.0\navg,9.0\n")
    (column,) = read_released(path).columns
    assert "does not follow from the rows (1.5000)" in column.remark


def test_iianet_writes_four_columns_with_the_right_sign(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    write_csv(path, "iianet-2024", COLUMNS[:4])
    table = read_released(path)
    assert table.protocol == "iianet-2024"
    assert [column.sign for column in table.columns] == [1, 1, 1, 1]
    assert "exchanged" in table.columns[0].metric.definition


def test_files_tell_how_far_each_column_is_from_the_standard(
    tmp_path: Path, folders: Folders
) -> None:
    write_csv(tmp_path / "metrics.csv")
    table = read_released(tmp_path / "metrics.csv")
    scores = score_folders(**folders, protocols=("standard", table.protocol))
    reports = {r.column.name: r for r in explain_released(table, scores, folders["references"])}
    for report in reports.values():
        assert report.by_paper is not None and report.by_standard is not None
        assert report.by_paper.rows == 4
        assert report.by_paper.largest_difference < 1e-5
    sdr = reports["sdr_i"].by_standard
    assert sdr is not None
    assert sdr.id == "sdr_bsseval512_i"
    assert sdr.difference < -1  # the filter is forgiven by BSS-Eval only
    assert reports["pesq"].by_standard.id == "pesq_nb"


def test_a_folder_of_one_speaker_is_matched_by_its_name(tmp_path: Path) -> None:
    write_csv(tmp_path / "metrics.csv")
    table = read_released(tmp_path / "metrics.csv")
    folders = {role: tmp_path / role / "s2" for role in ("estimates", "references", "mixtures")}
    for role, folder in folders.items():
        folder.mkdir(parents=True)
        for number, name in enumerate(NAMES):
            samples = voices(2 * number + 1)[role]
            soundfile.write(folder / f"{name}.wav", samples, RATE, subtype="DOUBLE")
    scores = score_folders(**folders, metrics=("si_snr",), protocols=("standard", "ctcnet-2022"))
    report = explain_released(table, scores, folders["references"])[2]
    assert report.by_standard is not None
    assert report.by_standard.rows == 2
    assert report.by_standard.largest_difference < 1e-3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "does not start with the columns"),
        ("name,sdr\na,1\n", "does not start with the columns"),
        ("snt_id,sdr,sdr\na,1,2\n", "does not start with the columns"),
        ("snt_id,fid\na,1\n", "does not start with the columns"),
        ("snt_id,sdr,stoi\na,1\n", "line 2 has 2 cells, expected 3"),
        ("snt_id,sdr\na,good\n", "line 2 holds 'good'"),
        ("snt_id,sdr\navg,1\n", "holds no target"),
        ('snt_id,sdr\n"a,1\n', "is not a csv file"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(content)
    with pytest.raises(DataError) as refused:
        read_released(path)
    assert said in str(refused.value)


def test_absent_files_wrong_protocols_and_missing_numbers(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_released(tmp_path / "absent.csv")
    path = tmp_path / "metrics.csv"
    path.write_text("snt_id,pesq\na.wav,nan\nb.wav,\n\nc.wav,2.5\n")
    with pytest.raises(UsageError, match="code of iianet-2024 does not write"):
        read_released(path, "iianet-2024")
    with pytest.raises(UsageError, match="did you mean 'ctcnet-2022'"):
        read_released(path, "ctcnet")
    table = read_released(path)
    assert [row.values["pesq"] for row in table.rows] == [None, None, 2.5]
    assert table.columns[0].mean == 2.5
