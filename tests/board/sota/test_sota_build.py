"""One table per list: who is ranked, who is not and why, and which of several values is shown."""

from __future__ import annotations

import dataclasses

import pytest
from made_runs import make_run
from sota_figures import cost, printed

from bench.board.published import load_published
from bench.board.sota import SotaRow, SotaTable, build_sota
from bench.datasets import load_card
from bench.run.result import Run


@pytest.fixture(scope="module")
def tables() -> dict[str, SotaTable]:
    return {table.list_id: table for table in build_sota(load_published())}


@pytest.fixture(scope="module")
def as_printed() -> dict[str, SotaTable]:
    return {table.list_id: table for table in build_sota(load_published(), strict=False)}


def rows_of(table: SotaTable, system: str) -> list[SotaRow]:
    return [row for row in table.rows if row.system == system]


def row_of(table: SotaTable, system: str) -> SotaRow:
    (row,) = rows_of(table, system)
    return row


def measured(name: str, scores: list[float | None], **changes: object) -> Run:
    list_sha256 = load_card("lrs2-2mix").mixture_list.sha256
    run = make_run(name, scores, plan={"dataset": "lrs2-2mix", "list_sha256": list_sha256})
    run = dataclasses.replace(run, system=dataclasses.replace(run.system, name=name))
    return dataclasses.replace(run, **changes)  # type: ignore[arg-type]


def test_every_list_has_one_table_and_those_of_the_field_come_first(
    tables: dict[str, SotaTable],
) -> None:
    lists = {figure.list for figure in load_published() if figure.list}
    assert set(tables) == lists
    assert list(tables)[:3] == ["lrs2-2mix", "lrs3-2mix", "voxceleb2-2mix"]


@pytest.mark.parametrize(
    ("list_id", "ranking"),
    [
        ("lrs2-2mix", ["Dolphin", "IIANet", "CoGenAV + AV-SepFormer head", "RTFS-Net-20"]),
        ("lrs3-2mix", ["Dolphin", "IIANet", "IIANet-fast", "AV-MossFormer2"]),
        ("voxceleb2-2mix", ["Dolphin", "AV-MossFormer2", "IIANet", "Swift-Net"]),
    ],
)
def test_the_ranking_is_that_of_the_papers(
    tables: dict[str, SotaTable], list_id: str, ranking: list[str]
) -> None:
    ranked = [row for row in tables[list_id].rows if row.rank]
    assert [row.system for row in ranked[:4]] == ranking
    assert [row.rank for row in ranked[:4]] == ["1", "2", "3", "4"]
    assert ranked[0].cells["SI-SNRi"].place == 1


def test_digests_are_never_ranked(
    tables: dict[str, SotaTable], as_printed: dict[str, SotaTable]
) -> None:
    for found in (tables, as_printed):
        row = row_of(found["lrs2-2mix"], "Neuro-SCNet")
        assert (row.rank, row.reason) == ("", "known from a digest only")
        assert row.cells["SI-SNRi"].text == "17.2"
        places = [
            cell.place
            for table in found.values()
            for row in table.rows
            for cell in row.cells.values()
            if cell.grade == "digest"
        ]
        assert set(places) == {0}


@pytest.mark.parametrize(
    ("list_id", "system", "column", "text"),
    [
        ("lrs2-2mix", "IIANet", "SI-SNRi", "16.0 (16.4)"),
        ("lrs2-2mix", "IIANet", "SDRi", "16.2 (16.6)"),
        ("voxceleb2-2mix", "IIANet", "SI-SNRi", "13.6 (14.0)"),
        ("voxceleb2-2mix", "IIANet", "SDRi", "14.3 (15.1)"),
        ("lrs3-2mix", "IIANet", "SI-SNRi", "18.3 (17.6)"),
        ("lrs3-2mix", "IIANet", "SDRi", "18.5 (17.8)"),
        ("voxceleb2-2mix", "Dolphin", "SI-SNRi", "14.6 (16.1)"),
        ("voxceleb2-2mix", "Dolphin", "PESQ", "3.17 (3.45)"),
        ("lrs2-2mix", "CTCNet", "SI-SNRi", "14.3 (14.4)"),
    ],
)
def test_the_contradictions_of_one_list_show_both_values(
    tables: dict[str, SotaTable], list_id: str, system: str, column: str, text: str
) -> None:
    table = tables[list_id]
    cell = row_of(table, system).cells[column]
    assert cell.text == text
    said = table.footnotes[cell.footnote - 1]
    assert said.startswith(f"{system}, {column}: ")
    assert all(value in said for value in text.replace("(", "").replace(")", "").split())
    assert cell.source.split("; ")[0] in said


def test_no_other_score_contradicts_another(tables: dict[str, SotaTable]) -> None:
    found = {
        (table.list_id, row.system, name)
        for table in tables.values()
        for row in table.rows
        for name, cell in row.cells.items()
        if cell.conflicts and not name.startswith(("Params", "MACs", "GPU", "CPU", "RAM"))
    }
    assert len(found) == 9
    assert ("lrs2-2mix", "Swift-Net", "SDRi") not in found


def test_costs_contradict_only_under_one_condition(tables: dict[str, SotaTable]) -> None:
    table = tables["lrs2-2mix"]
    macs = next(column for column in table.columns if column.id == "MACs")
    assert macs.condition == "1 s"
    cell = row_of(table, "CTCNet").cells["MACs"]
    assert (cell.text, cell.definition) == ("75.8", "")
    assert {(e.text, e.condition) for e in cell.elsewhere} == {("167.2", "2 s"), ("176.2", "2 s")}
    said = table.footnotes[cell.footnote - 1]
    assert "167.2 at 2 s in RTFS-Net paper Table 1" in said
    assert "176.2 at 2 s in RTFS-Net paper Table 8" in said
    other = row_of(table, "RTFS-Net-4").cells["MACs"]
    assert other.footnote == 0
    signs = {mark.sign: mark.meaning for mark in table.marks}
    assert (other.text, signs[other.definition]) == ("21.9", "2 s")
    assert row_of(table, "CTCNet").cells["Params"].text == "7.043 (6.87)"


def test_costs_stand_only_where_their_source_prints_scores(tables: dict[str, SotaTable]) -> None:
    assert "MACs" not in row_of(tables["lrs2-clearervoice"], "AV-ConvTasNet").cells
    assert "MACs" in row_of(tables["lrs2-2mix"], "AV-ConvTasNet").cells


def test_definitions_behind_one_name_have_signs(tables: dict[str, SotaTable]) -> None:
    table = tables["lrs2-2mix"]
    signs = {mark.sign: mark.meaning for mark in table.marks}
    of = {s: row_of(table, s).cells["SDRi"].definition for s in ("CTCNet", "IIANet", "RTFS-Net-4")}
    assert of["CTCNet"] == of["RTFS-Net-4"] != of["IIANet"]
    assert "plain SNR" in signs[of["CTCNet"]]
    assert "ctcnet2022.sdr_i, rtfsnet2024.sdr_i" in signs[of["CTCNet"]]
    assert "exchanged" in signs[of["IIANet"]]
    assert row_of(table, "Dolphin").cells["SDRi"].definition == "?"
    assert row_of(table, "Dolphin").cells["SI-SNRi"].definition == ""


def test_only_figures_of_one_definition_are_ranked_and_emphasised(
    tables: dict[str, SotaTable],
) -> None:
    for table in tables.values():
        for row in table.rows:
            if row.rank:
                assert any(
                    (name, row.cells[name].metric_id)
                    in {("SI-SNRi", "si_snr_i"), ("SI-SDRi", "si_sdr_i")}
                    for name in row.cells
                )
            placed = {name for name, cell in row.cells.items() if cell.place}
            assert placed <= {column.id for column in table.columns if column.ranked}


def test_oracles_are_rows_of_their_own_and_unranked(tables: dict[str, SotaTable]) -> None:
    oracle, own = sorted(
        rows_of(tables["lrs2-caffnet"], "CaffNet-C"), key=lambda row: row.kind != "oracle"
    )
    assert (oracle.label, oracle.cells["SDRi"].text) == ("CaffNet-C (oracle)", "12.5")
    assert (own.label, own.cells["SDRi"].text) == ("CaffNet-C", "10.0")
    assert not oracle.rank
    assert not own.rank
    assert "oracle" in oracle.reason


def test_a_wrong_label_is_called_one(tables: dict[str, SotaTable]) -> None:
    rows = rows_of(tables["lrs2-caffnet"], "CaffNet")
    cell = next(row.cells["SI-SNRi"] for row in rows if "SI-SNRi" in row.cells)
    assert (cell.text, cell.grade) == ("12.5", "digest")
    signs = {mark.sign: mark.meaning for mark in tables["lrs2-caffnet"].marks}
    assert signs[cell.definition] == "wrongly labelled: it is no SI-SNRi"


@pytest.mark.parametrize("list_id", ["lrs2-2mix", "lrs3-2mix", "voxceleb2-2mix"])
def test_the_systems_of_the_seed_are_there(tables: dict[str, SotaTable], list_id: str) -> None:
    systems = {row.system for row in tables[list_id].rows}
    assert {
        "CTCNet", "IIANet", "IIANet-fast", "MMMC", "RTFS-Net-4", "RTFS-Net-6", "RTFS-Net-12",
        "CaffNet", "CaffNet-C",
    } <= systems  # fmt: skip
    nothing = row_of(tables[list_id], "MMMC")
    assert (dict(nothing.cells), nothing.reason) == ({}, "no published figure is known")


def test_figures_of_other_lists_are_named_not_mixed_in(
    tables: dict[str, SotaTable], as_printed: dict[str, SotaTable]
) -> None:
    strict = row_of(tables["lrs3-2mix"], "CaffNet-C")
    assert dict(strict.cells) == {}
    assert "only on lrs2-2mix, lrs2-caffnet, lrs3-caffnet" in strict.reason
    table = as_printed["lrs3-2mix"]
    values = {row.label: row.cells["SDRi"] for row in rows_of(table, "CaffNet-C")}
    assert {label: cell.text for label, cell in values.items()} == {
        "CaffNet-C (oracle)": "12.3",
        "CaffNet-C": "9.8",
    }
    signs = {mark.sign: mark.meaning for mark in table.marks}
    assert all("on lrs3-caffnet" in signs[cell.definition] for cell in values.values())
    assert all(cell.place == 0 for cell in values.values())


def test_as_printed_the_best_of_every_column_counts(as_printed: dict[str, SotaTable]) -> None:
    table = as_printed["lrs2-2mix"]
    best = {n: r.system for r in table.rows for n, c in r.cells.items() if c.place == 1}
    assert best["SI-SNRi"] == best["SDRi"] == best["PESQ"] == "Dolphin"
    assert best["WER"] == "CTCNet"
    assert best["MACs"] == "AV-ConvTasNet"
    assert "as printed" in table.notes[0]


def test_where_nothing_is_comparable_only_print_ranks(
    tables: dict[str, SotaTable], as_printed: dict[str, SotaTable]
) -> None:
    assert not any(row.rank for row in tables["voxmix"].rows)
    assert tables["voxmix"].notes[0] == "Nothing is ranked on this list."
    rows = as_printed["voxmix"].rows
    assert [(row.system, row.rank) for row in rows[:2]] == [("SEANet", "1"), ("AV-SepFormer", "2")]


def test_references_of_a_table_are_no_systems(as_printed: dict[str, SotaTable]) -> None:
    clean = row_of(as_printed["lrs2-2mix"], "ground truth (clean)")
    assert (clean.rank, clean.cells["WER"].place) == ("", 0)
    assert row_of(as_printed["lrs2-2mix"], "mixture (unprocessed)").reason == "a baseline"


def test_a_run_stands_beside_print_with_its_difference() -> None:
    figures = [printed("CTCNet", "14.3"), printed("CTCNet", "14.6", metric="SDRi", metric_id="")]
    run = measured("CTCNet", [14.0, 14.5])
    (table,) = build_sota(figures, [run], cards={})
    print_, own = table.rows
    assert (print_.provenance, own.provenance) == ("published", "reproduced")
    cell = own.cells["SI-SNRi"]
    assert (cell.text, cell.metric_id) == ("14.25", "si_snr_i")
    assert cell.to_published == pytest.approx(-0.05)
    assert own.cells["PESQ"].metric_id == "pesq_wb"
    assert own.cells["PESQ"].to_published is None


def test_what_must_be_said_of_a_run_is_said() -> None:
    run = measured("CTCNet", [14.0, 14.5])
    run = dataclasses.replace(
        run,
        plan=dataclasses.replace(run.plan, marks=("computed mouths",)),
        system=dataclasses.replace(run.system, notes=("a note",)),
    )
    (table,) = build_sota([printed("CTCNet", "14.3")], [run], cards={})
    assert {"CTCNet: computed mouths.", "CTCNet: a note."} <= set(table.notes)


def test_a_system_does_not_stand_behind_itself() -> None:
    figures = [printed("CTCNet", "14.3"), printed("Old", "12.0"), printed("New", "15.0")]
    (table,) = build_sota(figures, [measured("CTCNet", [14.2, 14.2])], cards={})
    assert [(row.system, row.rank) for row in table.rows] == [
        ("New", "1"), ("CTCNet", "2"), ("CTCNet", "2"), ("Old", "3"),
    ]  # fmt: skip


def test_values_that_print_alike_share_a_rank() -> None:
    figures = [printed("Old", "14.3"), printed("Bad", "14.2")]
    (table,) = build_sota(figures, [measured("New", [14.32, 14.32])], cards={})
    assert [(row.system, row.rank) for row in table.rows] == [
        ("New", "1"), ("Old", "1"), ("Bad", "3"),
    ]  # fmt: skip


def test_runs_that_are_no_results_are_not_ranked() -> None:
    figures = [printed("Old", "12.0")]
    other = make_run("c", [1.0, 1.0], plan={"dataset": "lrs2-2mix"})
    partial = measured("b", [20.0, None])
    elsewhere = make_run("d", [20.0, 20.0])
    (table,) = build_sota(figures, [other, partial, elsewhere], cards={})
    reasons = {row.system: row.reason for row in table.rows}
    assert reasons == {
        "Old": "",
        "b": "only 1 of 2 targets have an SI-SNR",
        "C": "another list under the same name",
    }


def test_reimplementations_are_marked_and_never_ranked() -> None:
    run = measured("CaffNet", [20.0, 20.0])
    plan = dataclasses.replace(run.plan, kind="re-implementation")
    run = dataclasses.replace(run, plan=plan)
    (table,) = build_sota([printed("CaffNet", "12.0")], [run])
    rows = rows_of(table, "CaffNet")
    assert [row.rank for row in rows] == ["", ""]
    own = next(row for row in rows if row.provenance == "reproduced")
    assert own.label == "CaffNet (re-implementation)"
    assert "re-implementation" in own.reason
    assert own.cells["SI-SNRi"].to_published is None


def test_authors_may_hand_in_what_is_here_a_reimplementation() -> None:
    run = measured("CaffNet", [20.0, 20.0], provenance="submitted")
    (table,) = build_sota([printed("CaffNet", "12.0"), printed("B", "13.0")], [run])
    ranks = {(row.system, row.provenance): row.rank for row in table.rows if row.cells}
    assert ranks == {
        ("CaffNet", "submitted"): "1",
        ("B", "published"): "2",
        ("CaffNet", "published"): "",
    }


def test_the_authors_come_first_whatever_the_order() -> None:
    figures = [
        printed("Net", "9.9", grade="digest", quoted_by="a digest"),
        printed("Net", "9.8", grade="quoted", quoted_by="Other", source="Other paper Table 3"),
        printed("Net", "9.7", source="Net README"),
        printed("Net", "9.6"),
    ]
    for given in (figures, figures[::-1]):
        (table,) = build_sota(given, cards={})
        cell = table.rows[0].cells["SI-SNRi"]
        assert cell.text.startswith("9.6 (")
        assert {other.text for other in cell.conflicts} == {"9.7", "9.8", "9.9"}
        assert "9.9 in Net paper Table 1 (digest)" in table.footnotes[0]


def test_a_cost_without_the_usual_condition_says_so() -> None:
    figures = [
        *(printed(name, "10.0") for name in ("A", "B", "C")),
        cost("A", "GPU_time", "5", device="GPU X", input_s="1"),
        cost("B", "GPU_time", "6", device="GPU X", input_s="1"),
        cost("C", "GPU_time", "4", device="GPU Y", input_s="2"),
    ]
    (table,) = build_sota(figures, strict=False, cards={})
    (column,) = [column for column in table.columns if column.cost]
    assert (column.title, column.condition) == ("GPU (ms, 1 s)", "1 s, GPU X")
    cells = {row.system: row.cells["GPU_time"] for row in table.rows}
    assert {name: cell.place for name, cell in cells.items()} == {"A": 1, "B": 2, "C": 0}
    assert cells["C"].meaning == "2 s, GPU Y"
    assert cells["C"].definition == "a"


def test_ranks_of_print_are_said_to_have_no_intervals(
    tables: dict[str, SotaTable], as_printed: dict[str, SotaTable]
) -> None:
    for table in (tables["lrs2-2mix"], as_printed["lrs2-2mix"]):
        assert "have no intervals" in table.notes[0]
    assert "intervals" not in tables["lrs2-lwtnet"].notes[0]  # nothing is ranked there
