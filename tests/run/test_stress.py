"""The sweep disturbs what it says, and what is worse comes out worse."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch
from tiny import TinySet

from bench.board.curves import draw_stress, stress_rows
from bench.cli import main
from bench.run.stress import SWEEPS, stress


class Timed(torch.nn.Module):
    """Adds noise in proportion to how far the mouths are from those it knows."""

    def __init__(self, known: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("known", known)

    def prepare_mouths(self, crops) -> torch.Tensor:  # type: ignore[no-untyped-def]
        return torch.from_numpy(crops).float()

    def forward(self, mixture: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
        far = (mouths - self.known).abs().mean((2, 3, 4))[..., None]
        noise = torch.randn(mixture.shape, generator=torch.Generator().manual_seed(0))
        return mixture[:, None] + far * noise[:, None]


@pytest.fixture(scope="module")
def separator() -> Timed:
    crops = [torch.from_numpy(frames).float() for frames in TinySet()[0].mouths]
    return Timed(torch.stack(crops)[None])


def test_every_offset_is_a_point_and_none_is_best(separator: Timed) -> None:
    points = stress(separator, TinySet(1), kinds=("shifted",), limit=None)
    assert [point.amount for point in points] == list(range(-9, 10))
    scores = {point.amount: point.si_snr_i or 0.0 for point in points}
    assert max(scores, key=scores.__getitem__) == 0
    assert scores[0] == 0.0


def test_the_sweeps_are_the_studies_that_were_promised() -> None:
    assert SWEEPS["shifted"] == tuple(range(-9, 10))
    assert SWEEPS["dropped"][0] == SWEEPS["jittered"][0] == 0


def test_points_are_runs_that_are_kept_and_found_again(separator: Timed, tmp_path: Path) -> None:
    first = stress(separator, TinySet(1), kinds=("dropped",), out=tmp_path, limit=None)
    before = sorted(path.stat().st_mtime_ns for path in tmp_path.rglob("run.json"))
    second = stress(separator, TinySet(1), kinds=("dropped",), out=tmp_path, limit=None)
    assert stress_rows(first) == stress_rows(second)
    assert before == sorted(path.stat().st_mtime_ns for path in tmp_path.rglob("run.json"))
    assert len(before) == len(SWEEPS["dropped"])


def test_curves_are_drawn_the_same_every_time(separator: Timed) -> None:
    points = stress(separator, TinySet(1), kinds=("dropped",), limit=None)
    svg = draw_stress(points, "svg")
    assert svg == draw_stress(points, "svg")
    assert b"nearer to interferer" in svg
    assert draw_stress(points, "png").startswith(b"\x89PNG")


def test_the_verb_writes_table_data_and_curves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["mixture", "--kind", "dropped", "--limit", "1", "--out", str(tmp_path), "--json"]
    monkeypatch.setattr(sys, "argv", ["avss-bench", "stress", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["amount"] for row in rows] == list(SWEEPS["dropped"])
    assert {path.suffix for path in tmp_path.iterdir() if path.is_file()} == {
        ".svg",
        ".png",
        ".json",
    }
