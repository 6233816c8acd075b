"""Scoring folders: the numbers of real files, and every wrong file as one failed item."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.core.jsonio import dumps
from bench.errors import DataError, UsageError
from bench.metrics import resample, score
from bench.run.folders.score import FolderScores, score_folders

RATE = 16000
NAMES = ("one.wav", "three.wav", "two.wav")
QUICK = ("si_snr", "snr", "stoi")

Folders = dict[str, Path]


def voices(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    swell = np.sin(np.arange(RATE) / RATE * 9) ** 2
    target, interferer = 0.1 * swell * rng.standard_normal((2, RATE))
    return {
        "references": target,
        "estimates": target + 0.2 * interferer,
        "mixtures": target + interferer,
    }


def write(folders: Folders, name: str, seed: int, rate: int = RATE) -> None:
    for role, samples in voices(seed).items():
        soundfile.write(folders[role] / name, samples, rate, subtype="DOUBLE")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = {role: tmp_path / role for role in ("estimates", "references", "mixtures")}
    for folder in made.values():
        folder.mkdir()
    for seed, name in enumerate(NAMES):
        write(made, name, seed)
    return made


def scored(folders: Folders, **settings: object) -> FolderScores:
    return score_folders(**folders, **{"metrics": QUICK} | settings)


EXCERPT = {
    "Dolphin": {
        "si_snr_i": (12.741, 15.133, 15.549),
        "sdr_bsseval512_i": (13.068, 15.337, 15.691),
        "pesq_wb": (2.885, 3.363, 3.052),
        "pesq_nb": (3.516, 3.617, 3.362),
        "stoi": (0.954, 0.984, 0.976),
    },
    "IIANet": {
        "si_snr_i": (7.008, 6.529, -6.418),
        "sdr_bsseval512_i": (8.094, 6.849, -2.297),
        "pesq_wb": (1.386, 1.755, 1.246),
    },
}


@pytest.mark.parametrize("system", EXCERPT)
def test_real_outputs_have_the_known_scores(material: Path, system: str) -> None:
    excerpt = material / "real" / "lrs2-2mix-excerpt"
    if not excerpt.is_dir():
        pytest.skip(f"no real files at {excerpt}")
    found = score_folders(excerpt / system, excerpt / "gt", excerpt / "mixture").plain()
    assert [item["status"] for item in found["items"]] == ["ok"] * 3
    assert [item["id"] for item in found["items"]] == sorted(p.name for p in excerpt.glob("gt/*"))
    for name, expected in EXCERPT[system].items():
        assert tuple(round(item[name], 3) for item in found["items"]) == expected, name


def test_items_and_summary(folders: Folders) -> None:
    seen: list[tuple[int, int]] = []
    found = scored(folders, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert [item.id for item in found.items] == list(NAMES)
    plain = json.loads(dumps(found.plain()))
    for seed, item in enumerate(plain["items"]):
        made = voices(seed)
        expected = score(
            estimate=made["estimates"],
            reference=made["references"],
            mixture=made["mixtures"],
            metrics=QUICK,
        )
        assert item == {
            "id": NAMES[seed],
            **expected.values,
            "separation_failed": False,
            "wrong_speaker": False,
            "status": "ok",
            "error": None,
        }
    summary = plain["summary"]
    assert [summary[key] for key in ("expected", "ok", "undefined", "failed")] == [3, 3, 0, 0]
    values = [item["si_snr_i"] for item in plain["items"]]
    assert summary["scores"]["si_snr_i"] == {
        "scored": 3,
        "expected": 3,
        "mean": pytest.approx(np.mean(values)),
        "median": pytest.approx(np.median(values)),
    }
    assert summary["metrics"]["si_snr"]["version"] == "1"
    assert summary["sample_rate"] == RATE
    assert summary["resampled_from"] is None


def test_without_mixtures_there_are_no_improvements(folders: Folders) -> None:
    found = score_folders(folders["estimates"], str(folders["references"]), metrics=QUICK)
    assert list(found.items[0].values) == list(QUICK)


def test_workers_do_not_change_the_result(folders: Folders) -> None:
    assert scored(folders, workers=2) == scored(folders)


def test_extensions_do_not_count_and_other_files_are_not_looked_at(folders: Folders) -> None:
    (folders["estimates"] / "one.wav").unlink()
    soundfile.write(folders["estimates"] / "one.FLAC", voices(0)["estimates"], RATE, format="FLAC")
    (folders["estimates"] / "README.txt").write_text("made by hand")
    (folders["estimates"] / "._two.wav").write_bytes(b"what some systems leave behind")
    found = scored(folders)
    assert [item.status for item in found.items] == ["ok"] * 3
    assert found.items[0].id == "one.wav"


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def rewrite(samples: object, rate: int = RATE) -> object:
    return lambda path: soundfile.write(path, np.asarray(samples), rate, subtype="DOUBLE")


FULL = voices(0)["references"]
WRONG = {
    "missing": (Path.unlink, "there is no {role} for the reference 'one.wav'"),
    "length": (
        rewrite(FULL[:-1]),
        "the {role} 'one.wav' has 15999 samples and its reference 16000",
    ),
    "rate": (rewrite(FULL, 8000), "the {role} 'one.wav' is at 8000 Hz and its reference at 16000"),
    "stereo": (rewrite(np.stack([FULL, FULL], 1)), "the {role} 'one.wav' has 2 channels"),
    "empty": (rewrite(np.zeros(0)), "the {role} 'one.wav' holds no samples"),
    "nan": (rewrite(np.where(FULL > 0, np.nan, FULL)), "NaN or infinite samples"),
    "infinite": (rewrite(np.where(FULL > 0, np.inf, FULL)), "NaN or infinite samples"),
    "truncated": (truncate, "the {role} 'one.wav' is truncated"),
    "text": (lambda path: path.write_text("hello"), "the {role} 'one.wav' cannot be read as audio"),
    "nothing": (lambda path: path.write_bytes(b""), "it is empty"),
}


@pytest.mark.parametrize("fault", WRONG)
@pytest.mark.parametrize("role", ["estimate", "mixture"])
def test_a_wrong_file_is_one_failed_item(folders: Folders, role: str, fault: str) -> None:
    spoil, said = WRONG[fault]
    spoil(folders[f"{role}s"] / "one.wav")
    found = scored(folders)
    item = found.items[0]
    assert (item.id, item.status) == ("one.wav", "failed")
    assert list(item.values) == ["si_snr", "si_snr_i", "snr", "snr_i", "stoi", "stoi_i"]
    assert set(item.values.values()) == {None}
    assert said.format(role=role) in item.error
    assert item.error.endswith(".")
    assert "\n" not in item.error
    assert [other.status for other in found.items[1:]] == ["ok", "ok"]
    summary = found.summary
    assert [summary[key] for key in ("expected", "ok", "failed")] == [3, 2, 1]
    assert summary["scores"]["snr"]["scored"] == 2


@pytest.mark.parametrize("fault", sorted(WRONG.keys() - {"missing", "length"}))
def test_a_wrong_reference_is_one_failed_item(folders: Folders, fault: str) -> None:
    spoil, _ = WRONG[fault]
    spoil(folders["references"] / "one.wav")
    found = scored(folders)
    assert [item.status for item in found.items] == ["failed", "ok", "ok"]
    assert "the reference 'one.wav'" in found.items[0].error


def test_an_estimate_too_many_is_a_failed_item(folders: Folders) -> None:
    (folders["references"] / "two.wav").unlink()
    found = scored(folders)
    assert [item.status for item in found.items] == ["ok", "ok", "failed"]
    assert "'two.wav' has no reference" in found.items[2].error
    assert found.expected == 2
    assert found.mixtures_without_reference == 1


def test_a_silent_estimate_is_undefined_not_failed(folders: Folders) -> None:
    soundfile.write(folders["estimates"] / "one.wav", np.zeros(RATE), RATE)
    found = scored(folders)
    assert found.items[0].status == "undefined"
    assert found.items[0].values["si_snr"] is None
    assert found.items[0].values["stoi"] == 0
    assert found.items[0].error == "no si_snr: the estimate is silent."
    assert found.summary["undefined"] == 1


def test_folders_that_share_another_rate_are_resampled(folders: Folders) -> None:
    for seed, name in enumerate(NAMES):
        write(folders, name, seed, rate=8000)
    found = scored(folders, metrics=("si_snr", "pesq_wb"))
    assert found.resampled_from == 8000
    assert "polyphase" in found.summary["resampling"]
    made = {
        role: resample(samples, from_hz=8000, to_hz=RATE) for role, samples in voices(0).items()
    }
    expected = score(estimate=made["estimates"], reference=made["references"], metrics=["si_snr"])
    assert found.items[0].values["si_snr"] == expected.values["si_snr"]
    assert found.items[0].values["pesq_wb"] is not None


def test_one_reference_at_another_rate_fails(folders: Folders) -> None:
    write(folders, "one.wav", 0, rate=8000)
    found = scored(folders)
    assert [item.status for item in found.items] == ["failed", "ok", "ok"]
    assert "at 8000 Hz and most others at 16000 Hz" in found.items[0].error


def test_everything_failed_is_still_a_result(folders: Folders) -> None:
    for path in folders["estimates"].iterdir():
        path.write_text("not audio")
    found = scored(folders)
    assert found.count("failed") == 3
    assert found.summary["scores"]["snr"]["mean"] is None
    dumps(found.plain())


def test_folders_that_cannot_be_used_are_errors(folders: Folders, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no folder"):
        scored(folders | {"mixtures": tmp_path / "nowhere"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no wav or flac"):
        scored(folders | {"estimates": tmp_path / "empty"})
    with pytest.raises(DataError, match="there is no folder"):
        scored(folders | {"references": folders["references"] / "one.wav"})
    soundfile.write(folders["estimates"] / "one.flac", np.zeros(9), RATE)
    with pytest.raises(DataError, match=r"both 'one\.flac' and 'one\.wav'"):
        scored(folders)


def test_wrong_use_is_an_error(folders: Folders) -> None:
    with pytest.raises(UsageError, match="unknown metric 'sdr'"):
        scored(folders, metrics=["sdr"])
    with pytest.raises(UsageError, match="leave it out"):
        scored(folders, metrics=["sir_bsseval512"])
    with pytest.raises(UsageError, match="texts"):
        scored(folders, metrics=["wer"])
    with pytest.raises(UsageError, match="unknown engine 'refrence': did you mean 'reference'"):
        scored(folders, engine="refrence")
    with pytest.raises(UsageError, match="did you mean 'iianet-2024'"):
        scored(folders, protocols=["iianet"])
    with pytest.raises(UsageError, match="the protocol iianet-2024 fixes its metrics"):
        scored(folders, protocols=["iianet-2024"])
    with pytest.raises(UsageError, match="workers=0"):
        scored(folders, workers=0)


def test_the_mean_is_exact(folders: Folders) -> None:
    found = scored(folders, metrics=("snr",))
    values = [item.values["snr"] for item in found.items]
    assert found.summary["scores"]["snr"]["mean"] == math.fsum(values) / 3


def test_failures_and_wrong_voices_are_told_by_file(folders: Folders) -> None:
    made = voices(0)
    other = made["mixtures"] - made["references"]
    soundfile.write(folders["estimates"] / "one.wav", other, RATE, subtype="DOUBLE")
    soundfile.write(folders["estimates"] / "two.wav", np.zeros(RATE), RATE)
    plain = scored(folders).plain()
    one, three, two = plain["items"]
    assert (one["separation_failed"], one["wrong_speaker"]) == (True, True)
    assert (three["separation_failed"], three["wrong_speaker"]) == (False, False)
    assert (two["separation_failed"], two["wrong_speaker"]) == (None, None)
    assert plain["summary"]["separation_failed"] == {"count": 1, "known": 2}
    assert plain["summary"]["wrong_speaker"] == {"count": 1, "known": 2}
    without = score_folders(folders["estimates"], folders["references"], metrics=QUICK)
    assert without.items[0].plain()["wrong_speaker"] is None


def test_protocols_stand_beside_the_standard(folders: Folders) -> None:
    found = score_folders(**folders, metrics=("snr",), protocols=("standard", "iianet-2024"))
    names = ["snr", "snr_i", "iianet2024.si_snr", "iianet2024.si_snr_i", "iianet2024.sdr"]
    assert list(found.items[0].values)[:5] == names
    alone = score_folders(**folders, protocols=("iianet-2024",))
    assert alone.items[0].values == {
        name: value for name, value in found.items[0].values.items() if "." in name
    }
    assert alone.summary["metrics"]["iianet2024.sdr"]["standard"] == "sdr_bsseval512"
    dumps(found.plain())


def test_the_reference_engine_agrees(folders: Folders) -> None:
    own, peers = (scored(folders, engine=engine) for engine in ("own", "reference"))
    assert peers.summary["engine"] == "reference"
    for ours, theirs in zip(own.items, peers.items, strict=True):
        assert theirs.values == pytest.approx(dict(ours.values), abs=1e-6)
