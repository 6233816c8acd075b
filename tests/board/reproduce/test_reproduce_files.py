"""What is said of files that are no published ones."""

from __future__ import annotations

from pathlib import Path

import torch

from bench.board.reproduce.files import look_through
from bench.separators.registry import build_separator, find_card


def test_the_state_of_a_network_of_ours_is_called_so(tmp_path: Path) -> None:
    torch.save(build_separator(find_card("ctcnet")).state_dict(), tmp_path / "own.pt")
    (found,) = look_through(tmp_path)
    assert found.fits == ()
    said = "it is the state of avss-bench's own ctcnet, not a published layout; score it from"
    assert found.reason.startswith(said)
