"""Scores whose truth is known, on lists that reuse few speakers in many mixtures."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_REPOSITORY = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class List:
    """Who meets whom: two targets per mixture, one after the other.

    Attributes:
        videos: Number of the target's video by target, then the interferer's, `(2, targets)`.
        utterances: The same of utterances.
    """

    videos: np.ndarray
    utterances: np.ndarray

    @property
    def clusters(self) -> tuple[list[str], list[str]]:
        """Names of the videos by role."""
        return [f"v{k}" for k in self.videos[0]], [f"v{k}" for k in self.videos[1]]


def made_list(
    generator: np.random.Generator,
    *,
    videos: int = 144,
    utterances: int = 267,
    mixtures: int = 3000,
) -> List:
    """Make a list of the shape of the official one on LRS2: two videos never meet themselves."""
    video_of = np.concatenate(
        [np.arange(videos), generator.integers(0, videos, utterances - videos)]
    )
    pairs = generator.integers(0, utterances, (2, 3 * mixtures))
    apart = video_of[pairs[0]] != video_of[pairs[1]]
    return _both_ways(pairs[:, apart][:, :mixtures], video_of)


def official_list() -> tuple[str, List]:
    """Return the list of LRS2-2Mix where there is a copy, else one of its shape, and its name."""
    folder = Path(os.environ.get("AVSS_BENCH_MATERIAL", _REPOSITORY.parent / "shared"))
    path = folder / "datasets" / "lrs2" / "mix_2_spk_tt.scp"
    if path.is_file():
        return "LRS2-2Mix", _read_list(path)
    return "one like LRS2-2Mix", made_list(np.random.default_rng(0))


def _read_list(path: Path) -> List:
    """Read who meets whom; voices are named `<video>_<utterance>.wav`."""
    names = np.array([re.findall(r"(\d{19}_\d{5})\.wav", x) for x in path.read_text().splitlines()])
    unique, pairs = np.unique(names.T, return_inverse=True)
    _, video_of = np.unique([name.split("_")[0] for name in unique], return_inverse=True)
    return _both_ways(pairs.reshape(2, -1), video_of)


def _both_ways(pairs: np.ndarray, video_of: np.ndarray) -> List:
    """Make two targets of each mixture."""
    utterances = np.stack([pairs, pairs[::-1]], axis=2).reshape(2, -1)
    return List(video_of[utterances], utterances)


def simulate(
    of: List, generator: np.random.Generator, *, mean: float = 0.0, alike: float = 0.0
) -> np.ndarray:
    """Draw the differences of two systems, `(targets,)`, of variance 1 around a known mean.

    A fifth of the variance belongs to videos (12 % to the target's, 8 % to the interferer's), 15 %
    to utterances (10 + 5), 15 % to mixtures, one half to single targets.

    Args:
        of: The list.
        generator: Draws everything.
        mean: The truth.
        alike: Correlation of what a video does as a target and as an interferer.
    """
    videos = generator.standard_normal((2, of.videos.max() + 1))
    videos[1] = alike * videos[0] + np.sqrt(1 - alike**2) * videos[1]
    utterances = generator.standard_normal((2, of.utterances.max() + 1))
    targets = of.videos.shape[1]
    values = np.sqrt(0.5) * generator.standard_normal(targets)
    values += np.sqrt(0.15) * np.repeat(generator.standard_normal(targets // 2), 2)
    for role, (by_video, by_utterance) in enumerate([(0.12, 0.10), (0.08, 0.05)]):
        values += np.sqrt(by_video) * videos[role, of.videos[role]]
        values += np.sqrt(by_utterance) * utterances[role, of.utterances[role]]
    return values + mean


def over_groups(values: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Interval if groups of targets, and nothing else, were independent."""
    mean = values.mean()
    error = np.sqrt(np.sum(np.bincount(groups, values - mean) ** 2)) / len(values)
    return mean - 1.96 * error, mean + 1.96 * error


def over_mixtures(values: np.ndarray) -> tuple[float, float]:
    """Interval if mixtures were independent."""
    return over_groups(values, np.arange(len(values)) // 2)


def percentile_interval(of: List, values: np.ndarray, draws: int, seed: int) -> tuple[float, float]:
    """The plain pigeonhole bootstrap: roles drawn apart, percentiles of the means."""
    generator = np.random.default_rng(seed)
    count = of.videos.max() + 1
    sums, counts = np.zeros((2, count, count))
    np.add.at(sums, tuple(of.videos), values)
    np.add.at(counts, tuple(of.videos), 1.0)
    drawn = generator.multinomial(count, np.full(count, 1 / count), (2, draws)).astype(float)
    total, items = (np.einsum("bc,bc->b", drawn[0] @ table, drawn[1]) for table in (sums, counts))
    low, high = np.quantile(total[items > 0] / items[items > 0], [0.025, 0.975])
    return float(low), float(high)
