"""The shipped figures follow their schema; files that do not are refused, contradictions found."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bench.board.published import Figure, agree, contradictions, load_published, read_published
from bench.errors import DataError


def figure(**changes: object) -> Figure:
    given = {
        "system": "Net",
        "paper": "A Net",
        "arxiv": "",
        "year": 2022,
        "list": "lrs2-2mix",
        "list_as_printed": "LRS2-2Mix",
        "metric": "SDRi",
        "metric_id": "",
        "value": "14.6",
        "unit": "dB",
        "device": "",
        "input_s": "",
        "source": "Table 1",
        "source_url": "https://example.org",
        "quoted_by": "",
        "grade": "table",
        "kind": "published",
        "note": "",
    }
    return Figure.model_validate(given | changes)


def test_all_figures_of_the_material_are_there(material: Path) -> None:
    with (material / "published" / "sota.csv").open(encoding="utf-8", newline="") as stream:
        given = sorted((r["model"], r["metric"], float(r["value"])) for r in csv.DictReader(stream))
    assert sorted((f.system, f.metric, f.number) for f in load_published()) == given


def test_values_have_the_digits_that_were_printed() -> None:
    """Papers print PESQ with two of them: 3.00, and not 3.0 as spreadsheets make of it."""
    assert {len(f.value.partition(".")[2]) for f in load_published() if f.metric == "PESQ"} == {2}


def test_one_list_has_one_id() -> None:
    figures = load_published()
    spellings = {f.list_as_printed for f in figures if f.list == "lrs2-2mix"}
    assert len(spellings) > 3
    assert {"ctcnet2022.sdr_i"} == {
        f.metric_id for f in figures if f.system == "CTCNet" and f.metric == "SDRi"
    }


def test_systems_of_the_seed_have_figures() -> None:
    systems = {f.system for f in load_published()}
    assert {
        "CTCNet", "IIANet", "IIANet-fast", "RTFS-Net-4", "RTFS-Net-6", "RTFS-Net-12", "CaffNet",
        "CaffNet-C",
    } <= systems  # fmt: skip
    assert "MMMC" not in systems  # nobody printed one


def test_the_grade_says_who_prints_a_figure() -> None:
    for figure_ in load_published():
        own = figure_.grade in ("table", "figure")
        assert own is (figure_.quoted_by == ""), figure_
        if "digest" in figure_.quoted_by or "aggregator" in figure_.quoted_by:
            assert figure_.grade == "digest", figure_


def test_figures_with_the_phase_of_the_target_are_those_of_an_oracle() -> None:
    figures = [f for f in load_published() if f.system.startswith("CaffNet")]
    assert {f.value for f in figures if f.kind == "oracle" and f.metric == "SDRi"} == {
        "12.5", "12.46", "12.3", "12.31",
    }  # fmt: skip
    assert {f.value for f in figures if f.kind == "published" and f.metric == "SDRi"} == {
        "10.0", "9.8", "7.6",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("12.5", "12.46", True),
        ("12.5", "12.44", False),
        ("14.3", "14.4", False),
        ("10", "10", True),
    ],
)
def test_roundings_of_one_value_agree(first: str, second: str, same: bool) -> None:
    assert agree(figure(value=first), figure(value=second)) is same


def test_contradictions_are_of_the_same_quantity_only() -> None:
    own = figure()
    others = [figure(value="15.0"), figure(value="15.0", list="lrs3-2mix"), figure(value="14.60")]
    assert contradictions(own, others) == [others[0]]
    fast = figure(metric="GPU_time", value="1", list="", device="A", input_s="2")
    assert contradictions(fast, [figure(metric="GPU_time", value="9", list="", device="B")]) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": "14,6"}, "wrong 'value'"),
        ({"value": "nan"}, "wrong 'value'"),
        ({"year": "last"}, "wrong 'year'"),
        ({"metric_id": "sdr"}, "wrong 'metric_id'"),
        ({"source_url": "javascript:alert(1)"}, "wrong 'source_url'"),
        ({"grade": "hearsay"}, "wrong 'grade'"),
        ({"kind": "best"}, "wrong 'kind'"),
    ],
)
def test_a_wrong_row_is_one_sentence(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    path = tmp_path / "published.csv"
    row = {k: "" if v is None else v for k, v in figure().model_dump().items()} | changes
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, row)
        writer.writeheader()
        writer.writerow(row)
    with pytest.raises(DataError, match="line 2") as refused:
        read_published(path)
    assert said in str(refused.value)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_published(tmp_path / "absent.csv")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="must have the columns system, paper"):
        read_published(tmp_path / "other.csv")


def test_it_is_said_which_macs_of_ctcnet_cannot_be_right() -> None:
    for figure_ in load_published():
        if figure_.system == "CTCNet" and figure_.value in ("75.8", "83.75"):
            assert "83.8 G in the separator alone" in figure_.note
