"""What a run is identified by: the data, and the separator with its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from bench.core.hashing import hash_array, hash_settings
from bench.core.mixture import Mixture
from bench.errors import UsageError
from bench.run.result import SystemFacts
from bench.separators.base import Separator

__all__ = ["describe_data", "describe_separator", "limited", "mixture_ids"]


def limited(dataset: Sequence[Mixture], limit: int | None) -> Sequence[Mixture]:
    """Take the fixed subset of a quick look; everything where there is no limit.

    Raises:
        UsageError: A limit below 1.
    """
    if limit is None:
        return dataset
    if limit < 1:
        raise UsageError(f"--limit {limit} was given, but at least 1 mixture is needed.")
    subset = getattr(dataset, "subset", None)
    if callable(subset):
        chosen: Sequence[Mixture] = subset(limit)
        return chosen
    return [dataset[position] for position in range(min(limit, len(dataset)))]


def mixture_ids(dataset: Sequence[Mixture]) -> list[str]:
    """Return the names of all mixtures in order, without decoding them where the set can."""
    known = getattr(dataset, "ids", None)
    return list(known) if known is not None else [mixture.id for mixture in dataset]


def describe_data(dataset: Sequence[Mixture]) -> dict[str, Any]:
    """Identify the data: the entries of a `Plan` that speak of it."""
    ids = mixture_ids(dataset)
    if len(set(ids)) < len(ids):
        raise UsageError("the data set holds two mixtures of one name; names must be unique.")
    return {
        "dataset": str(getattr(dataset, "id", "own")),
        "list_sha256": str(getattr(dataset, "list_sha256", hash_settings(ids))),
        "data_sha256": getattr(dataset, "fingerprint", None),
    }


def describe_separator(
    separator: torch.nn.Module, name: str | None
) -> tuple[SystemFacts, dict[str, Any]]:
    """Say what a separator is, for people and for the hash of the plan.

    Args:
        separator: One of ours, or any module.
        name: What tables call it; None = its own name.
    """
    if isinstance(separator, Separator) and hasattr(separator, "card"):
        card, identity = separator.card, separator.identity
        mouths = separator.mouth_input
        sentence = f"{identity.mouth_input} ({mouths.convention})" if mouths else ""
        facts = SystemFacts(name or card.name, card.kind, sentence, separator.notes)
        return facts, {**vars(identity), "settings": dict(identity.settings)}
    tensors = {key: hash_array(t.cpu().numpy()) for key, t in separator.state_dict().items()}
    label = name or type(separator).__name__
    return SystemFacts(label, "own"), {"separator": label, "tensors": hash_settings(tensors)}
