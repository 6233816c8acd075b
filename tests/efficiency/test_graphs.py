"""The published graphs against what four tools counted on the published code.

The figures (G) are those of the model sheets: thop 0.1.1, torch 2.13 FlopCounterMode / 2, and
ptflops 0.7.5 with layer hooks, in this order.
"""

from __future__ import annotations

import pytest

from bench.efficiency.conventions import CONVENTIONS, count
from bench.efficiency.graph import Graph
from bench.efficiency.graphs import Clip, published_graphs, published_system
from bench.efficiency.graphs.visualvoice import lips_of
from bench.separators import find_card, list_separators

ONE, TWO = 16000, 32000
TOOLS = ("thop", "torch", "ptflops-0.7.5")

# System, settings, samples, side of the picture, voices, part, the three tools.
MEASURED = [
    ("ctcnet", {}, TWO, 88, 2, "separator", (166.8315, 166.7691, 167.3697)),
    ("ctcnet", {}, ONE, 88, 2, "separator", (None, 83.791, None)),
    ("ctcnet", {}, 64000, 88, 2, "separator", (None, 333.538, None)),
    ("ctcnet", {}, TWO, 88, 2, "lip_encoder", (15.9053, 15.8079, 15.8967)),
    ("ctcnet", {"fn_repeats": 5}, TWO, 88, 2, "separator", (None, 85.738, None)),
    ("ctcnet", {"upsampling_depth": 4}, TWO, 88, 2, "separator", (None, 149.556, None)),
    ("iianet", {}, ONE, 88, 2, "separator", (17.143, 17.100, 18.541)),
    ("iianet", {}, TWO, 88, 2, "separator", (34.230, 34.145, 37.023)),
    ("iianet", {}, ONE, 88, 2, "lip_encoder", (7.953, 7.904, 7.948)),
    ("iianet-fast", {}, ONE, 88, 2, "separator", (10.777, 10.750, 11.658)),
    ("iianet-fast", {}, TWO, 88, 2, "separator", (21.519, 21.465, 23.278)),
    ("rtfsnet-4", {}, TWO, 88, 2, "separator", (12.046, 21.930, 22.385)),
    ("rtfsnet-6", {}, TWO, 88, 2, "separator", (15.750, 30.614, 31.230)),
    ("rtfsnet-12", {}, TWO, 88, 2, "separator", (26.863, 56.666, 57.765)),
    ("swift-net", {}, ONE, 88, 2, "separator", (12.517, 17.407, 17.951)),
    ("swift-net", {}, TWO, 88, 2, "separator", (24.953, 35.230, 36.314)),
    ("swift-net", {"repeats": 6}, TWO, 88, 2, "separator", (14.792, 19.928, 20.511)),
    ("swift-net", {"video_hid_chan": 256}, ONE, 88, 2, "separator", (12.522, 17.431, 17.974)),
    ("avlit-8", {}, TWO, 64, 2, "both", (36.355, 35.075, 35.229)),
    ("avlit-8", {}, ONE, 64, 2, "both", (18.198, 17.557, 17.635)),
    ("avlit-8", {}, ONE, 64, 1, "both", (17.802, 17.475, 17.549)),
    ("av-convtasnet", {}, TWO, 88, 2, "separator", (13.771, 13.960, 13.891)),
    ("av-convtasnet", {}, TWO, 88, 2, "lip_encoder", (15.900, 15.815, 15.915)),
    ("av-convtasnet", {}, TWO, 112, 2, "lip_encoder", (25.369, 25.232, 25.394)),
    ("visualvoice", {}, TWO, 88, 2, "separator", (33.068, 30.302, 30.353)),
    ("visualvoice", {}, 40800, 88, 2, "separator", (41.498, 38.026, 38.091)),
    ("visualvoice", {}, TWO, 88, 2, "lip_encoder", (3.537, 2.234, 2.710)),
    ("visualvoice", {}, TWO, 88, 2, "face_encoder", (2.178, 1.814, 1.943)),
    ("av-mossformer2", {}, ONE, 112, 2, "separator", (111.481, 164.393, 111.786)),
    ("av-mossformer2", {}, TWO, 112, 2, "separator", (223.019, 328.842, 223.628)),
    ("av-mossformer2", {}, ONE, 112, 2, "lip_encoder", (12.708, 12.649, 12.709)),
    ("av-tfgridnet", {}, ONE, 112, 2, "separator", (142.447, 18.248, 143.052)),
    ("av-tfgridnet", {}, TWO, 112, 2, "separator", (278.805, 37.381, 281.746)),
    ("dolphin", {}, ONE, 88, 2, "both", (10.183, 52.833, 10.885)),
    ("dolphin", {}, TWO, 88, 2, "both", (20.366, 189.379, 22.859)),
]


@pytest.mark.parametrize(
    ("system", "settings", "samples", "side", "speakers", "part", "tools"),
    MEASURED,
    ids=[f"{row[0]}-{row[2]}-{row[5]}-{index}" for index, row in enumerate(MEASURED)],
)
def test_each_tool_would_count_what_it_did(
    system: str,
    settings: dict[str, bool | int | float | str],
    samples: int,
    side: int,
    speakers: int,
    part: str,
    tools: tuple[float | None, ...],
) -> None:
    clip = Clip(samples, side, side, speakers)
    graphs = published_graphs(find_card(system), clip, settings)
    assert graphs is not None
    chosen = list(graphs.values()) if part == "both" else [graphs[part]]
    for tool, measured in zip(TOOLS, tools, strict=True):
        if measured is not None:
            counted = sum(count(graph, tool) for graph in chosen) / 1e9
            # Products, to the digits printed; what tools add for norms, better than a hundredth.
            exact = tool == "torch"
            assert counted == pytest.approx(measured, rel=2e-4 if exact else 7e-3, abs=6e-4)


def test_sru_matrices_give_the_figures_of_rtfs_net() -> None:
    for system, published in (("rtfsnet-4", 21.9), ("rtfsnet-6", 30.5), ("rtfsnet-12", 56.4)):
        graphs = published_graphs(find_card(system), Clip(TWO))
        assert graphs is not None
        assert int(count(graphs["separator"], "thop+sru") / 1e8) == round(published * 10)


def test_the_recurrence_that_operator_counters_miss() -> None:
    graphs = published_graphs(find_card("av-tfgridnet"), Clip(ONE, 112, 112))
    assert graphs is not None
    ours, torch = (count(graphs["separator"], tool) for tool in ("ours", "torch"))
    transforms = 2 * 126 * 256 * 8
    assert ours - torch - transforms == 6 * 589_824 * (132 * 132 + 135 * 129)


def test_every_published_system_has_its_graph_and_baselines_have_none() -> None:
    for name in list_separators():
        card = find_card(name)
        if card.kind == "published":
            assert published_system(card) is not None
        if not card.is_network:
            assert published_graphs(card, Clip(ONE)) is None


@pytest.mark.parametrize(("name", "g"), [("caffnet", 1.7), ("caffnet-c", 5.1), ("mmmc", 30.3)])
def test_graphs_of_systems_without_public_code(name: str, g: float) -> None:
    graphs = published_graphs(find_card(name), Clip(TWO))
    assert graphs is not None
    assert graphs["separator"].macs / 1e9 == pytest.approx(g, abs=0.05)


def test_layers_of_one_name_are_summed_largest_first() -> None:
    graph = Graph()
    with graph.within("block", times=3):
        graph.conv("small", 1, 2, 5)
        graph.conv("large", 4, 4, 5, 3)
        graph.conv("small", 1, 2, 5)
    assert graph.by_name() == {"block / large": 3 * 240, "block / small": 3 * 20}
    assert graph.macs == 780
    assert sum(count(graph, "ours") for _ in range(2)) == 2 * 780


def test_lip_network_grows_with_its_frames() -> None:
    counts = []
    for frames in (25, 50):
        graph = Graph()
        lips_of(graph, Clip(ONE), frames)
        counts.append(graph.macs)
    assert counts[0] < counts[1] < 2 * counts[0]


def test_conventions_are_documented_by_name() -> None:
    from bench.efficiency import conventions

    assert all(f"`{name}`" in str(conventions.__doc__) for name in CONVENTIONS)
