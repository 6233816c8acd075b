"""What the pages are filled with, before any HTML."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_profiles import CPU, make_profile
from made_runs import make_run
from site_sources import official

from bench.board.runs.leaderboard import build_boards
from bench.board.runs.rows import Board
from bench.board.site import Sources, site_files
from bench.board.site.definitions import definitions_page
from bench.board.site.distributions import quantiles_table, score_chart, worst_table
from bench.board.site.efficiency import efficiency_page
from bench.board.site.kit import methods_sentence
from bench.board.site.models import Cell, Page, Table
from bench.board.site.names import board_ids
from bench.board.site.pairs import compare_pages
from bench.efficiency.profile import Profile
from bench.metrics import list_metrics, metric_versions
from bench.metrics.as_published import list_protocols, list_published


def tables_of(page: Page) -> list[Table]:
    return [table for part in page.sections for table in part.tables]


def named(profile: Profile, name: str) -> Profile:
    return profile.model_copy(update={"name": name})


@pytest.fixture(scope="module")
def board() -> Board:
    (board,) = build_boards([official("CTCNet", 14.0), official("IIANet", 16.0)])
    return board


def test_every_metric_and_every_column_of_a_paper_has_its_place() -> None:
    anchors = {row.id for table in tables_of(definitions_page()) for row in table.rows}
    assert set(list_metrics()) <= anchors
    assert {c.id for name in list_protocols() for c in list_published(name)} <= anchors


def test_a_busy_row_is_marked_and_stays_out_of_the_picture() -> None:
    profiles = [
        named(make_profile("ctcnet", 83.0, run_s=0.4), "CTCNet"),
        named(make_profile("iianet", 18.0, run_s=0.3, busy=True), "IIANet"),
    ]
    page = efficiency_page(profiles, [], {})
    section = next(part for part in page.sections if part.title.startswith("Latency"))
    assert CPU.name in section.title
    assert [row.cells[0].flags for row in section.tables[0].rows] == [(), ("busy",)]
    assert "IIANet" not in section.charts[0].wide and "CTCNet" in section.charts[0].wide
    assert "--device cuda" in page.sections[-1].text[0]


def test_quality_is_measured_only_where_it_was_run_here(board: Board) -> None:
    profiles = [named(make_profile("ctcnet", 83.0), "CTCNet")]
    chart = efficiency_page(profiles, [board], {}).sections[0].charts[0]
    assert "(measured)" in chart.wide
    submitted = replace(official("CTCNet", 14.0), provenance="submitted")
    boards = build_boards([submitted])
    chart = efficiency_page(profiles, boards, {}).sections[0].charts[0]
    assert "(published)" in chart.wide and "(measured)" not in chart.wide


def test_without_profiles_the_page_says_how_to_make_them() -> None:
    page = efficiency_page([], [], {})
    assert "avss-bench profile" in page.sections[0].text[0]


def test_a_difference_stands_in_the_matrix_twice_with_opposite_signs(board: Board) -> None:
    page, pair = compare_pages([board])
    (table,) = tables_of(page)
    assert [row.cells[0].text for row in table.rows] == ["IIANet", "CTCNet"]
    above, below = table.rows[0].cells[2], table.rows[1].cells[1]
    assert above.order is not None and below.order == -above.order
    assert (above.place, below.place) == (1, 0)
    assert above.href == below.href == pair.path == "compare/lrs2-2mix/ctcnet--iianet.html"
    assert pair.lead[0].startswith("IIANet is better than CTCNet")


def test_addresses_of_pairs_do_not_depend_on_who_is_ahead() -> None:
    boards = build_boards([official("CTCNet", 17.0), official("IIANet", 16.0)])
    assert compare_pages(boards)[1].path == "compare/lrs2-2mix/ctcnet--iianet.html"


def test_rows_of_one_name_are_told_apart() -> None:
    first, second = official("CTCNet", 14.0), official("CTCNet", 12.0, targets=60)
    other = replace(second, plan=replace(second.plan, device="cuda"))
    (table,) = tables_of(compare_pages(build_boards([first, other]))[0])
    names = [row.cells[0].text for row in table.rows]
    assert len(set(names)) == 2 and all(name.startswith("CTCNet [") for name in names)
    (table,) = tables_of(compare_pages(build_boards([first, first]))[0])
    assert len({row.cells[0].text for row in table.rows}) == 2


def test_a_system_that_costs_nothing_is_left_out_of_the_picture() -> None:
    free = named(make_profile("ctcnet", 0.0), "CTCNet")
    assert efficiency_page([free], [], {}).sections[0].charts == ()


def test_boards_of_one_data_set_have_anchors_of_their_own(board: Board) -> None:
    assert board_ids([board, board, board]) == ["lrs2-2mix", "lrs2-2mix--2", "lrs2-2mix--3"]
    assert board_ids([replace(board, dataset="../x")]) == ["x"]


def test_the_methods_say_list_definitions_and_what_intervals_are(board: Board) -> None:
    text = methods_sentence(board, version="9.9")
    for said in ("avss-bench 9.9", "LRS2-2Mix (3000 mixtures)", "scale-invariant", "60 targets"):
        assert said in text
    assert r"95 \%" in text and board.rows[0].run.plan.list_sha256[:12] in text


def test_the_methods_say_what_is_true_of_every_row() -> None:
    runs = [make_run("a", [1.0, 2.0] * 3), make_run("b", [1.0, 2.0, None, 4.0])]
    (board,) = build_boards(runs)
    assert "means over 3 to 6 targets" in methods_sentence(board, version="9.9")
    (few,) = build_boards([make_run("a", [1.0, 2.0])])
    text = methods_sentence(few, version="9.9")
    assert "There are no intervals" in text
    assert r"95 \%" not in text


def test_the_matrix_is_of_one_score_where_pairs_share_different_ones() -> None:
    scores = [1.0, 2.0, 3.0, 4.0] * 3
    runs = [
        make_run(name, scores, plan={"metrics": metric_versions(metrics)})
        for name, metrics in (
            ("a", ("si_snr", "pesq_wb")),
            ("b", ("si_snr", "pesq_wb")),
            ("c", ("pesq_wb",)),
        )
    ]
    (board,) = build_boards(runs)
    matrix, *pairs = compare_pages([board])
    (table,) = tables_of(matrix)
    assert "SI-SNRi" in table.caption
    apart = [c for row in table.rows for c in row.cells if c.tip == "Not both have SI-SNRi."]
    assert len(apart) == 4
    assert all(cell.text == "-" and cell.href for cell in apart)
    assert len(pairs) == 3


def test_a_run_without_any_score_has_no_picture_and_no_quantiles() -> None:
    run = make_run("broken", [None, None])
    assert score_chart(run, "x") is None
    assert quantiles_table(run, ["si_snr_i"], "x").rows == ()
    worst = worst_table(run, ["si_snr_i"], "x")
    assert worst is not None
    assert [row.cells[-1] for row in worst.rows] == [Cell("failed"), Cell("failed")]


def test_runs_without_the_ranked_score_still_have_pages() -> None:
    run = official("CTCNet", 14.0)
    records = tuple(
        replace(r, scores={n: v for n, v in r.scores.items() if n.startswith("pesq")})
        for r in run.records
    )
    plan = replace(run.plan, metrics={"pesq_wb": run.plan.metrics["pesq_wb"]})
    files = site_files(Sources(runs=(replace(run, plan=plan, records=records), run)))
    assert b"PESQ-WB" in files["systems/ctcnet.html"]
