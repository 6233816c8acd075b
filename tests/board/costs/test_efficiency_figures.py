"""Figures of quality against cost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_runs import make_run

from bench.board.costs.figures import (
    AXES,
    Point,
    draw_pareto,
    measured_quality,
    pareto_front,
    quality_points,
)
from bench.efficiency.costs import Costs, MacsByPart
from bench.efficiency.device import Device
from bench.efficiency.profile import Profile

CPU = Device(kind="cpu", name="Tester 9", cores=2, torch="2.9.0")


def counted(name: str, macs: int) -> Profile:
    costs = Costs(seconds=1.0, executed_mixture=MacsByPart(separator=macs, encoders=0))
    return Profile(separator=name.lower(), name=name, kind="published", device=CPU, costs=(costs,))


POINTS = [
    Point("cheap", 1.0, 10.0),
    Point("good", 5.0, 15.0),
    Point("beaten", 6.0, 14.0),
    Point("dear", 9.0, 16.0),
    Point("twin", 5.0, 15.0),
]


def test_the_front_holds_what_no_other_beats() -> None:
    assert [p.system for p in pareto_front(POINTS)] == ["cheap", "good", "twin", "dear"]
    assert pareto_front([]) == []


def test_quality_is_the_published_one_unless_measured() -> None:
    profiles = [counted("CTCNet", 170 * 10**9), counted("IIANet", 50 * 10**9), counted("Own", 1)]
    ctcnet, iianet = quality_points(profiles, "macs", measured={"IIANet": 15.5})
    assert ctcnet == Point("CTCNet", 170.0, 14.3, "published")
    assert iianet == Point("IIANet", 50.0, 15.5, "measured")
    assert quality_points(profiles, "latency") == []
    assert quality_points(profiles, "parameters") == []


def test_a_re_implementation_gets_no_point() -> None:
    ours = counted("CTCNet", 10**9).model_copy(update={"kind": "re-implementation"})
    assert quality_points([ours], "macs", measured={"CTCNet": 14.0}) == []


def test_measured_quality_is_that_of_complete_runs_with_weights_made_here() -> None:
    official = {"dataset": "lrs2-2mix"}
    good = make_run("a", [14.0, 16.0], plan=official)
    others = [
        make_run("b", [14.0, None], plan=official),
        make_run("c", [14.0, 16.0], plan={**official, "limit": 1}),
        make_run("d", [14.0, 16.0]),
        make_run("e", [1.0, 1.0], plan={**official, "separator": {"separator": "e"}}),
        replace(make_run("f", [14.0, 16.0], plan=official), provenance="submitted"),
    ]
    assert measured_quality([good, *others]) == {"A": 15.0}


@pytest.mark.parametrize("axis", AXES)
def test_both_formats_are_drawn(axis: str) -> None:
    svg = draw_pareto(POINTS, axis, "svg", device="Tester 9")  # type: ignore[arg-type]
    assert svg.startswith(b"<svg")
    assert b"Tester 9" in svg
    assert b"cheap" in svg
    assert draw_pareto(POINTS, axis, "png")[:4] == b"\x89PNG"  # type: ignore[arg-type]
