"""Stored cases (synthetic voices, scores of other implementations) and signals made on the spot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

COMMITTED = Path(__file__).parent / "data" / "cases.npz"
RATE = 16000

Signal = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """Two sources, their estimates, and what other implementations say about them.

    `expected` has one value per source by name; `mixture_` in front of a name: the mixture scored
    as if it were the estimate.
    """

    name: str
    reference: Signal
    estimate: Signal
    expected: dict[str, Signal]

    @property
    def mixture(self) -> Signal:
        return np.broadcast_to(self.reference.sum(axis=0), self.reference.shape)


def stored_cases(path: Path) -> list[Case]:
    """Read all cases of a file."""
    with np.load(path) as arrays:
        names = sorted({key.split("/")[0] for key in arrays.files if "/" in key})
        return [_case(arrays, name) for name in names]


def _case(arrays: Mapping[str, Signal], name: str) -> Case:
    own = {key.split("/", 1)[1]: arrays[key] for key in arrays if key.startswith(f"{name}/")}
    expected = {key: value for key, value in own.items() if value.dtype == np.float64}
    return Case(name, own["reference"] / 32768, own["estimate"] / 32768, expected)


def babble(seed: int, *, sources: int = 2, seconds: float = 2.0) -> Signal:
    """Coloured noise that swells and fades like syllables, `(sources, samples)`."""
    rng = np.random.default_rng(seed)
    samples = round(seconds * RATE)
    noise = rng.standard_normal((sources, samples))
    colour = [np.convolve(row, np.hanning(rng.integers(6, 40)), mode="same") for row in noise]
    time_s = np.arange(samples) / RATE
    phase = rng.uniform(0, np.pi, (sources, 1))
    swell = np.sin(np.pi * rng.uniform(2, 4, (sources, 1)) * time_s + phase) ** 2
    return 0.02 * np.stack(colour) * (swell + 0.001)


def damaged(seed: int) -> tuple[Signal, Signal]:
    """An estimate with a leak, a filter and noise, and its reference: `(samples,)` each."""
    rng = np.random.default_rng(seed + 1000)
    target, interferer = babble(seed)
    taps = rng.standard_normal(40) * np.exp(-np.arange(40) / 8)
    filtered = np.convolve(target, taps / np.linalg.norm(taps))[: target.size]
    noise = 0.003 * rng.standard_normal(target.size)
    return filtered + rng.uniform(0.05, 0.5) * interferer + noise, target
