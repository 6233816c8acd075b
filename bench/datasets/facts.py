"""Counting what a mixture list holds: facts that decide how results on it may be read."""

from __future__ import annotations

import collections
import importlib
import statistics
from collections.abc import Callable

from bench.core.resources import shipped
from bench.datasets.cards import Card
from bench.datasets.list_files import kept_list
from bench.datasets.lists import MixtureList, read_list

__all__ = ["count_list", "counted_facts"]


def counted_facts(card: Card) -> dict[str, float] | None:
    """Count the list of a set where it is at hand; None where it is not.

    At hand are lists that ship, and lists that were fetched with `--download`.
    """
    file = card.mixture_list.file
    path = shipped("datasets") / card.id / file if file else kept_list(card)
    if path is None or not path.is_file():
        return None
    return count_list(read_list(path, card.mixture_list.format), _cluster_of(card))


def count_list(mixtures: MixtureList, cluster_of: Callable[[str], str]) -> dict[str, float]:
    """Count a list.

    Args:
        mixtures: The list.
        cluster_of: Gives the speaker, video or talk of an utterance.

    Returns:
        Figures by name; gains and level differences in dB.
    """
    pairs = [line.utterances for line in mixtures.lines]
    clusters = [tuple(sorted(map(cluster_of, pair))) for pair in pairs]
    uses = collections.Counter(utterance for pair in pairs for utterance in pair)
    gains = [line.gains_db[0] for line in mixtures.lines]
    apart = [first - second for first, second in (line.gains_db for line in mixtures.lines)]
    return {
        "mixtures": len(pairs),
        "distinct utterances": len(uses),
        "clusters": len({cluster for pair in clusters for cluster in pair}),
        "distinct pairs of clusters": len(set(clusters)),
        "pairs inside one cluster": sum(first == second for first, second in clusters),
        "repeated pairs of utterances": len(pairs) - len({frozenset(pair) for pair in pairs}),
        "least uses of an utterance": min(uses.values()),
        "median uses of an utterance": statistics.median(uses.values()),
        "most uses of an utterance": max(uses.values()),
        "lowest gain 1": min(gains),
        "mean gain 1": round(statistics.fmean(gains), 5),
        "highest gain 1": max(gains),
        "mean level difference": round(statistics.fmean(apart), 5),
        "share of mixtures with speaker 1 louder": round(
            sum(difference > 0 for difference in apart) / len(apart), 5
        ),
    }


def _cluster_of(card: Card) -> Callable[[str], str]:
    layout = getattr(importlib.import_module(f"bench.datasets.{card.adapter}"), "LAYOUT", None)
    if layout is None:
        return lambda utterance: utterance.partition("_")[0]
    return lambda utterance: str(layout.parts(utterance)[layout.cluster])
