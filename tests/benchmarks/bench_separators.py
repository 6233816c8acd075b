"""Print how long every network takes for a 2-s mixture, both targets, as ratios to our CTCNet.

Run it with one thread (`OMP_NUM_THREADS=1 python tests/benchmarks/bench_separators.py [ID ...]`).
Every round times all networks side by side, so that a busy machine slows all alike; the shortest
CPU time of each counts. Embeddings of the mouths are computed once per utterance in a run, so they
are a column of their own. Weights are random, which changes nothing.

Beside ours stands the published code of each system: CPU seconds of one thread for the same input,
measured once by the authors of the model sheets on two cores of an EPYC (Zen 4) with torch 2.13.
The seconds of two machines cannot be compared, the ratios to CTCNet can.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import tabulate
import torch

import bench
from bench.separators.base import Separator
from bench.separators.registry import find_card

SAMPLES, FRAMES, SPEAKERS = 32000, 50, 2

# CPU seconds per mixture of the published code: twice a pass, or one pass for both voices.
PUBLISHED = {
    "av-convtasnet": 2 * 0.586,
    "av-mossformer2": 2 * 18.5,  # one run on a busy machine
    "av-tfgridnet": 2 * 10.0,  # one run on a busy machine, with the lip encoder
    "avlit-8": 1.329,
    "ctcnet": 2 * 4.2,  # 4.2 to 4.5
    "dolphin": 2 * 9.69,
    "iianet": 2 * 4.33,
    "iianet-fast": 2 * 2.77,
    "rtfsnet-4": 2 * 1.63,
    "rtfsnet-6": 2 * 2.16,
    "rtfsnet-12": 2 * 4.03,
    "swift-net": 2 * 3.6,
    "visualvoice": 2 * 0.612,  # the U-Net alone
}


def prepared(name: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Make a network, and return what encodes its mouths and what separates with them."""
    separator: Separator = bench.load_separator(name)
    mixture = 0.1 * torch.randn(1, SAMPLES)
    assert separator.mouth_input is not None
    mouths = torch.randn(1, SPEAKERS, FRAMES, *separator.mouth_input.shape)
    faces = None
    if separator.face_input is not None:
        faces = torch.randn(1, SPEAKERS, 3, separator.face_input.size, separator.face_input.size)
    embeddings = separator.encode_mouths(mouths, samples=SAMPLES)
    return (
        lambda: separator.encode_mouths(mouths, samples=SAMPLES),
        lambda: separator(mixture, embeddings=embeddings, faces=faces),
    )


def cpu_seconds(call: Callable[[], Any]) -> float:
    """Return the CPU time of one call."""
    start = time.thread_time()
    call()
    return time.thread_time() - start


@torch.inference_mode()
def main() -> None:
    """Time the networks and print the table."""
    networks = [name for name in bench.list_separators() if find_card(name).is_network]
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help=", ".join(networks))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    names = sorted({"ctcnet", *(options.ids or networks)}, key=networks.index)
    calls = {name: prepared(name) for name in names}
    best = {name: [float("inf")] * 2 for name in names}
    for _ in range(options.rounds + 1):  # the first one warms up, and is never the shortest
        for name, pair in calls.items():
            best[name] = [min(a, cpu_seconds(b)) for a, b in zip(best[name], pair, strict=True)]
    rows = []
    for name, (encoding, separating) in best.items():
        published = PUBLISHED.get(name)
        ratio = published / PUBLISHED["ctcnet"] if published else None
        ours = separating / best["ctcnet"][1]
        rows.append((name, encoding, separating, ours, published, ratio))
    header = (
        "2 s, both targets",
        "mouths, s",
        "ours, s",
        "/ our CTCNet",
        "published, s",
        "/ theirs",
    )
    print(tabulate.tabulate(rows, header, floatfmt=".3f"))


if __name__ == "__main__":
    main()
