"""Every published figure of size is reproduced, or its cause of difference is named."""

from __future__ import annotations

import pytest

from bench.board.costs.published import (
    Explained,
    explained_figures,
    published_table,
    unexplained_figures,
)


@pytest.fixture(scope="module")
def explained() -> list[Explained]:
    return explained_figures()


def test_no_figure_of_a_system_that_is_here_is_left_out() -> None:
    assert unexplained_figures() == []


def test_every_reading_is_a_figure_somebody_published(explained: list[Explained]) -> None:
    assert [e.reading for e in explained if not e.source] == []


def test_a_figure_is_met_within_a_hundredth_or_its_cause_is_named(
    explained: list[Explained],
) -> None:
    assert [e for e in explained if not e.reproduced and not e.reading.cause] == []
    assert sum(e.reproduced for e in explained) >= 45


@pytest.mark.parametrize(
    ("system", "metric", "value"),
    [
        ("RTFS-Net-4", "MACs", "21.9"),
        ("RTFS-Net-6", "MACs", "30.5"),
        ("RTFS-Net-12", "MACs", "56.4"),
        ("CTCNet", "MACs", "167.2"),
        ("AVLIT-8", "MACs", "36.4"),
        ("Dolphin", "MACs_with_lip", "10.89"),
        ("IIANet", "MACs", "18.6"),
        ("AV-ConvTasNet", "Params", "13.7"),
        ("AV-ConvTasNet", "Params_with_lip", "25.01"),
        ("VisualVoice", "Params_with_lip", "77.75"),
    ],
)
def test_the_known_targets(
    explained: list[Explained], system: str, metric: str, value: str
) -> None:
    wanted = (system, metric, value)
    found = [
        e for e in explained if (e.reading.system, e.reading.metric, e.reading.value) == wanted
    ]
    assert found
    assert all(e.reproduced for e in found)


def test_ctcnets_parameters_differ_for_a_named_reason(explained: list[Explained]) -> None:
    (found,) = [e for e in explained if e.reading.system == "CTCNet" and e.reading.value == "7.0"]
    assert found.value == pytest.approx(7.147357)
    assert not found.reproduced
    assert "shared" in found.reading.cause


def test_sources_are_shortened_but_stay_sentences(explained: list[Explained]) -> None:
    recalled = [e for e in explained if e.source.startswith("recalled")]
    cells = [line.split("  ")[-1].strip() for line in published_table(recalled).splitlines()[2:]]
    assert " ".join(cells) == "recalled from the paper's table, not seen"
    shortened = [e for e in explained if e.source == "RTFS-Net paper Table 1"]
    assert "  RTFS-Net Table 1\n" in published_table(shortened)


def test_the_table_marks_what_is_not_met(explained: list[Explained]) -> None:
    lines = published_table(explained).splitlines()
    marked = [line for line in lines if " ! " in line]
    assert len(marked) == sum(not e.reproduced for e in explained)
    assert max(map(len, lines)) <= 120
