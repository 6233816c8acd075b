"""Door 3: export a network once, then run it without its code.

python examples/own_program.py
avss-bench run --separator own_program.pt2 --card own_program.toml
"""

from __future__ import annotations

from pathlib import Path

import torch
from own_module import build

CARD = """\
name = "Brighter mouth, exported"
sample_rate = 16000

[mouth_input]  # centre crop 88x88 of the stored 96x96, (x / 255 - 0.421) / 0.165
crop = "centre"
size = 88
convention = "ours"
"""


def main(folder: Path = Path()) -> None:
    """Write `own_program.pt2` and its card."""
    mixture, mouths = torch.zeros(1, 32000), torch.zeros(1, 2, 50, 88, 88)
    torch.export.save(torch.export.export(build(), (mixture, mouths)), folder / "own_program.pt2")
    (folder / "own_program.toml").write_text(CARD, encoding="utf-8")


if __name__ == "__main__":
    main()
