"""Every figure of the papers' comparison tables stands in ours, as they print it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.board.published import load_published
from bench.board.sota import SotaTable, build_sota

_LISTS = {"LRS2": "lrs2-2mix", "LRS3": "lrs3-2mix", "VoxCeleb2": "voxceleb2-2mix"}
_COSTS = {
    "params": "Params",
    "MACs": "MACs",
    "inference_time": "GPU_time",
    "params without video encoder": "Params",
    "params with video encoder": "Params_with_lip",
    "MACs without video encoder": "MACs",
    "MACs with video encoder": "MACs_with_lip",
    "CPU latency": "CPU_time",
    "GPU latency": "GPU_time",
    "GPU inference time": "GPU_time",
    "GPU inference memory": "GPU_mem",
}
_NAMES = {
    "RTFS-Net": "RTFS-Net-12",
    "Thanh-Dat (Truong et al. 2021)": "Thanh-Dat",
    "Mixture": "mixture (unprocessed)",
    "Ground-truth": "ground truth (clean)",
}
_TABLES = [
    ("iianet", "main comparison (repository figure results.png = v3 / ICML table)"),
    ("iianet", "README model table"),
    ("rtfsnet", "1"),
    ("rtfsnet", "8"),
    ("dolphin", "quality"),
    ("dolphin", "efficiency"),
]


@pytest.fixture(scope="module")
def values() -> dict[tuple[str, str, str], set[float]]:
    """All values that the tables show, by list, system and column."""
    found: dict[tuple[str, str, str], set[float]] = {}
    for table in build_sota(load_published(), strict=False):
        for system, column, value in _shown(table):
            found.setdefault((table.list_id, system, column), set()).add(value)
    return found


def _shown(table: SotaTable) -> Iterator[tuple[str, str, float]]:
    for row in table.rows:
        for column, cell in row.cells.items():
            others = [other.text for other in (*cell.conflicts, *cell.elsewhere)]
            for text in (cell.text.split()[0], *others):
                yield row.system, column, float(text)


@pytest.mark.parametrize(("file", "name"), _TABLES)
def test_a_table_of_a_paper_is_shown_in_full(
    material: Path, values: dict[tuple[str, str, str], set[float]], file: str, name: str
) -> None:
    with (material / "published" / f"{file}_tables.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["table"] == name and row["value"]]
    assert rows
    for row in rows:
        list_id = _LISTS.get(row["dataset"].removesuffix("-2Mix"), "lrs2-2mix")
        system = _NAMES.get(row["model"], row["model"])
        column = _COSTS.get(row["metric"], row["metric"])
        scale = 1e-3 if row["unit"] == "K" else 1.0
        shown = values.get((list_id, system, column), set())
        number = float(row["value"]) * scale
        room = 0.05 if number < 100 else 0.5
        assert any(abs(number - value) <= room for value in shown), (row, shown)
