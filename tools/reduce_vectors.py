"""Reduce a file of reference vectors to a small one that can be committed.

    python tools/reduce_vectors.py MATERIAL/reference/ctcnet.npz tests/separators/data/ctcnet.npz

Names, shapes and everything short stay as they are. Of every long array a strided part is kept
(`<name>`), with its stride and shape beside it (`<name>_stride`, `<name>_shape`); the stride is
prime, so that it falls on every phase of a hop and on every channel. Float64 answers are dropped.
The result depends on the input alone, byte for byte.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 150_000
SHORT = 64


def main() -> int:
    """Read the arguments and reduce one file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("complete", type=Path)
    parser.add_argument("reduced", type=Path)
    parser.add_argument("--values", type=int, default=2500, help="kept of each long array")
    arguments = parser.parse_args()
    with np.load(arguments.complete) as file:
        arrays = {name: file[name] for name in file.files}
    reduced: dict[str, NDArray[np.generic]] = {}
    for name, array in arrays.items():
        reduced |= reduce_array(name, array, arguments.values)
    np.savez_compressed(arguments.reduced, allow_pickle=False, **reduced)
    size = arguments.reduced.stat().st_size
    sys.stdout.write(f"{arguments.reduced}: {size} bytes\n")
    return int(size > MOST_BYTES)


def reduce_array(
    name: str, array: NDArray[np.generic], values: int
) -> dict[str, NDArray[np.generic]]:
    """Return what is kept of one array, by name."""
    if name.endswith("_estimate64"):
        return {}
    if array.dtype.kind != "f" or array.size <= SHORT:
        return {name: array}
    stride = next_prime(max(2, array.size // values))
    return {
        name: array.reshape(-1)[::stride],
        f"{name}_stride": np.array(stride),
        f"{name}_shape": np.array(array.shape),
    }


def next_prime(number: int) -> int:
    """Return the smallest prime that is not below `number`."""
    while any(number % divisor == 0 for divisor in range(2, int(number**0.5) + 1)):
        number += 1
    return number


if __name__ == "__main__":
    raise SystemExit(main())
