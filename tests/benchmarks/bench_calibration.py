"""Print how often intervals hold the truth, on simulated differences of known mean.

The lists are that of LRS2-2Mix, where AVSS_BENCH_MATERIAL (default: `../shared`) has it, or one of
the same shape, and smaller ones. What is simulated is said in `tests/stats/simulated.py`.
Run it with one thread: `OMP_NUM_THREADS=1 python tests/benchmarks/bench_calibration.py`; `--write`
puts the table into docs/comparing.md.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import numpy as np
from tabulate import tabulate

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY / "tests" / "stats"))

from simulated import (  # noqa: E402
    List,
    made_list,
    official_list,
    over_groups,
    over_mixtures,
    percentile_interval,
    simulate,
)

from bench.stats.paired import paired_difference  # noqa: E402

DOCUMENT = REPOSITORY / "docs" / "comparing.md"
PLACE = re.compile(r"(<!-- calibration -->\n).*?(<!-- end -->)", re.DOTALL)
DRAWS = 999
HEADERS = (
    "list",
    "roles",
    "over mixtures",
    "over utterances",
    "percentile",
    "ours",
    "equal told apart",
    "0.1 dB found",
)


def lists() -> dict[str, List]:
    """The lists by name."""
    name, large = official_list()
    small = {
        f"{videos} videos, {mixtures} mixtures": made_list(
            np.random.default_rng(1), videos=videos, utterances=2 * videos, mixtures=mixtures
        )
        for videos, mixtures in ((40, 500), (20, 100), (10, 100))
    }
    return {f"{name} ({large.videos.max() + 1} videos)": large, **small}


def row(of: List, alike: float, trials: int) -> list[float]:
    """Shares of simulations: intervals of four kinds that hold the truth, then two of findings."""
    generator = np.random.default_rng(7)
    told = np.zeros(6)
    for _ in range(trials):
        values = simulate(of, generator, alike=alike)
        zeros = np.zeros(len(values))
        ours = paired_difference(values, zeros, *of.clusters, draws=DRAWS)
        better = paired_difference(0.1 + 0.5 * values, zeros, *of.clusters, draws=DRAWS)
        ends = [
            over_mixtures(values),
            over_groups(values, of.utterances[0]),
            percentile_interval(of, values, DRAWS, seed=0),
            (ours.low, ours.high),
        ]
        told[:4] += [low <= 0.0 <= high for low, high in ends]
        told[4:] += [ours.p_value <= 0.05, better.p_value <= 0.05 and better.mean > 0]
    return list(told / trials)


def table(trials: int) -> str:
    """One line per list, and per way in which the roles of a video go together."""
    rows = [
        (name, "alike" if alike else "apart", *(f"{100 * x:.0f} %" for x in row(of, alike, trials)))
        for name, of in lists().items()
        for alike in (0.0, 0.8)
    ]
    drawn = tabulate(rows, HEADERS, "pipe", disable_numparse=True)
    return f"{drawn}\n\n{trials} simulations per line, {DRAWS} replicates each."


def main() -> None:
    """Print the table, or write it into the document."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--trials", type=int, default=1000, help="simulations per line")
    parser.add_argument("--write", action="store_true", help="update docs/comparing.md")
    options = parser.parse_args()
    printed = table(options.trials)
    sys.stdout.write(f"{printed}\n")
    if options.write:
        before = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(PLACE.sub(rf"\g<1>{printed}\n\g<2>", before), encoding="utf-8")


if __name__ == "__main__":
    main()
