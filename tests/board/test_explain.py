"""Questions about printed figures, as people type them."""

from __future__ import annotations

import json
import sys

import pytest

from bench.board.explain import explain
from bench.board.published import load_published
from bench.board.queries import parse_query
from bench.cli import main
from bench.core.jsonio import dumps
from bench.errors import UsageError


def test_the_example_is_explained() -> None:
    (claim,) = explain("CTCNet SDRi LRS2 14.6").claims
    assert (claim.figure.system, claim.figure.list) == ("CTCNet", "lrs2-2mix")
    assert "plain SNR" in claim.definition
    assert "averaged over all targets" in claim.definition
    assert "not known" in claim.definition
    assert any("RTFS-Net paper Table 1" in source for source in claim.sources)
    text = explain("CTCNet SDRi LRS2 14.6").text()
    assert "list: 3000 mixtures of 2 s of the LRS2 test set" in text


def test_both_values_of_a_contradiction_are_shown() -> None:
    claims = explain("IIANet SI-SNRi LRS2-2Mix").claims
    assert {claim.figure.value for claim in claims} == {"16.0", "16.4"}
    assert all(claim.against for claim in claims)
    text = explain("IIANet SI-SNRi LRS2-2Mix").text()
    assert "CONTRADICTED: 16.4 in Papers With Code" in text


@pytest.mark.parametrize(
    "text",
    ["ctcnet sdri lrs2 14.6", "14.6 dB LRS2-2Mix CTCNet SDRi", "2022 CTCNet: SDRi = 14.6, LRS2"],
)
def test_order_case_and_punctuation_do_not_count(text: str) -> None:
    (claim,) = explain(text).claims
    assert (claim.figure.system, claim.figure.metric, claim.figure.value) == (
        "CTCNet", "SDRi", "14.6",
    )  # fmt: skip


def test_each_other_value_is_said_once_and_nobody_quotes_himself() -> None:
    (claim,) = explain("CTCNet SI-SNRi LRS2-2Mix 14.4").claims
    assert [said.partition(" in ")[0] for said in claim.against] == ["14.3"]
    assert "RTFS-Net paper Table 1; " in claim.against[0]
    assert "quoted by wizwand" not in explain("CTCNet SI-SNRi LRS2-2Mix 14.4").text()


def test_a_note_says_which_of_several_sources_it_is_about() -> None:
    (claim,) = explain("IIANet SI-SNRi LRS3-2Mix 18.3").claims
    (remark,) = [said for said in claim.remarks if "differs from the final paper" in said]
    assert remark.startswith("Papers With Code, ")
    (alone,) = explain("CTCNet SI-SNRi LRS2-2Mix 14.4").claims
    assert alone.remarks == (alone.figure.note,)


def test_the_step_between_the_columns_of_macs_is_that_of_the_systems_named() -> None:
    printed = {(f.system, f.metric): f for f in load_published() if "7.95 G step" in f.note}
    for system in {system for system, _ in printed}:
        count, with_lip = (printed[system, name] for name in ("MACs", "MACs_with_lip"))
        has_step = abs(with_lip.number - count.number - 7.95) < 0.02
        assert has_step == (" of CTCNet, RTFS-Net and IIANet " not in count.note)


def test_a_value_that_nobody_prints_is_answered_with_those_that_are() -> None:
    found = explain("CTCNet SDRi LRS2 19.9")
    assert found.remark == "Nobody prints 19.9 there."
    assert found.text().startswith("Nobody prints 19.9 there.\n")
    assert "14.6" in {claim.figure.value for claim in found.claims}


def test_names_that_begin_so_are_all_meant() -> None:
    figures = load_published()
    assert parse_query("RTFS-Net", figures).systems >= {"RTFS-Net-4", "RTFS-Net-12"}
    assert parse_query("CaffNet", figures).systems == {"CaffNet"}
    assert parse_query("Vox2", figures).lists >= {"voxceleb2-2mix"}
    assert parse_query("ground truth (clean) WER", figures).systems == {"ground truth (clean)"}


def test_a_system_without_figures_says_so() -> None:
    found = explain("MMMC SDRi", systems=["MMMC"])
    assert (found.claims, found.remark) == ((), "No published SDRi of MMMC is known.")


def test_unknown_definitions_are_said_to_be_unknown() -> None:
    (claim,) = explain("AV-ConvTasNet SDRi LRS3 11.7").claims
    assert claim.definition.startswith("Which SDR is not known")
    assert "iianet-2024: BSS-Eval v3 with estimate and reference exchanged" in claim.definition
    assert "call 3 quantities SDR (ctcnet-2022 and rtfsnet-2024: plain SNR" in claim.definition
    assert "not repeatable" in explain("CTCNet WER").claims[0].definition


@pytest.mark.parametrize(
    ("text", "said"),
    [("CTCNt SDRi", "did you mean 'CTCNet'"), ("", "something like"), ("on the", "something like")],
)
def test_wrong_questions_are_one_sentence(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        explain(text)


def test_every_figure_can_be_explained() -> None:
    for figure in load_published():
        found = explain(f"{figure.system} {figure.metric} {figure.list} {figure.value}")
        assert figure.value in {claim.figure.value for claim in found.claims}
        assert all(claim.definition for claim in found.claims)
        dumps(found.plain())


def test_the_verb_prints_text_and_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["avss-bench", "explain", "CTCNet", "SDRi", "LRS2", "14.6"]
    for extra in ([], ["--json"]):
        monkeypatch.setattr(sys, "argv", [*command, *extra])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
    text, _, content = capsys.readouterr().out.partition("{")
    assert text.startswith("CTCNet (2022): SDRi 14.6 dB on lrs2-2mix")
    assert json.loads("{" + content)["figures"][0]["metric_id"] == "ctcnet2022.sdr_i"
