"""Identical, equivalent and different data on boards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from made_runs import make_run

from bench.board.runs.leaderboard import build_boards
from bench.core.files import gzip_bytes
from bench.datasets.fingerprint import Fingerprint, print_mixture
from bench.datasets.mixing import mix_voices
from bench.run.data_sameness import FINGERPRINT_NAME
from bench.run.result import Run


def voices(noise: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    swell = np.repeat(random.uniform(0.1, 1, 40), 800)
    last_bits = np.random.default_rng(1).integers(-noise, noise + 1, (2, 32000))
    clean = 4000 * swell * random.standard_normal((2, 32000)) + last_bits
    return clean[0].astype(np.int16), clean[1].astype(np.int16)


def run_on(folder: Path, name: str, clips: tuple[np.ndarray, np.ndarray]) -> Run:
    """Make a run that keeps the fingerprint of a set of one mixture."""
    item = print_mixture("m", mix_voices(clips, (2, -2)))
    kept = Fingerprint("set", "0" * 64, item.sha256, (item,))
    (folder / name).mkdir()
    (folder / name / FINGERPRINT_NAME).write_bytes(gzip_bytes(kept.text().encode()))
    run = make_run(name, [1.0, 2.0])
    return replace(run, plan=replace(run.plan, data_sha256=item.sha256), folder=folder / name)


def test_identical_data_is_said(tmp_path: Path) -> None:
    runs = [run_on(tmp_path, name, voices()) for name in ("a", "b")]
    (board,) = build_boards(runs)
    assert any("All rows were measured on identical data" in note for note in board.notes)


def test_equivalent_data_stands_on_one_board(tmp_path: Path) -> None:
    runs = [run_on(tmp_path, "a", voices()), run_on(tmp_path, "b", voices(noise=1))]
    (board,) = build_boards(runs)
    assert len(board.rows) == 2
    said = [note for note in board.notes if "equivalent" in note]
    assert len(said) == 1
    assert "expected shift of a mean score 0.0" in said[0]


def test_different_data_stands_apart_and_both_say_why(tmp_path: Path) -> None:
    first, second = voices()
    runs = [run_on(tmp_path, "a", (first, second)), run_on(tmp_path, "b", (first[::-1], second))]
    boards = build_boards(runs)
    assert [len(board.rows) for board in boards] == [1, 1]
    for place, board in enumerate(boards, 1):
        assert any("1 of 1 mixtures hold other clips" in note for note in board.notes)
        data = str(board.rows[0].run.plan.data_sha256)[:12]
        assert board.heading == f"tiny (board {place} of 2; data {data})"


def test_headings_of_one_set_say_what_differs() -> None:
    runs = [
        make_run("a", [1.0, 2.0]),
        make_run("b", [1.0, 2.0], plan={"metrics": {"si_snr": "2", "pesq_wb": "1"}}),
        make_run("c", [1.0, 2.0], plan={"metrics": {"si_snr": "3"}}),
        make_run("d", [1.0, 2.0], plan={"dataset": "zoo"}),
    ]
    headings = {board.rows[0].label: board.heading for board in build_boards(runs)}
    assert "of 3; with pesq_wb version 1, si_snr version 2)" in headings["B"]
    assert "of 3; with si_snr version 3; without pesq_wb)" in headings["C"]
    assert headings["D"] == "zoo"
    other_list = make_run("e", [1.0, 2.0], plan={"list_sha256": "1" * 64})
    assert "mixture list 111111111111" in build_boards([runs[0], other_list])[1].heading


def test_without_fingerprints_other_data_are_different() -> None:
    run = make_run("a", [1.0, 2.0])
    other = replace(run, plan=replace(run.plan, data_sha256="f" * 64))
    assert len(build_boards([run, other])) == 2
